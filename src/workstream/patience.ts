import type { EffectPolicy } from '../engine/host.js';

const MINUTE_MS = 60_000;

/** How patiently the pipeline tries to reach people: one minute, doubling to an hour, eight attempts, ten at once (R001-62, R001-63). */
export const PATIENCE: Partial<EffectPolicy> = {
  attempts: 8,
  backoffMs: MINUTE_MS,
  maxBackoffMs: 60 * MINUTE_MS,
  batch: 10,
};
