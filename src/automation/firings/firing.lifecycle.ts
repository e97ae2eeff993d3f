/** What the engine needs of this module to do what rules ask for. */
import type { firing, FiringContext } from '../../../machines/firing.js';
import type { EffectPolicy, Payloads, Transitioned } from '../../engine/host.js';
import type { Tx } from '../../platform/database.js';
import { logJob } from '../logs/logs.js';

class Nothing {}

export const firingPayloads: Payloads<typeof firing> = { 'firing.stop': Nothing };

/** Three attempts (R001-76), ten seconds and twenty seconds apart. */
export const firingPolicies: Readonly<Record<string, Partial<EffectPolicy>>> = {
  'automation.perform': { attempts: 3, backoffMs: 10_000, maxBackoffMs: 60_000, timeoutMs: 30_000, batch: 16 },
};

/** Tries that ran out, rather than a plain no. */
const GIVEN_UP = new Set(['ATTEMPTS_EXHAUSTED', 'CRASHED']);

/** Keeps the log of what became of jobs. */
export async function followFiring(tx: Tx, { instanceId, event, context }: Transitioned<FiringContext>): Promise<void> {
  if (event.type === 'firing.stop') {
    await logJob(tx, instanceId, context.position, 'stopped', {});
    return;
  }
  const result = event.type.startsWith('xstate.') ? context.results.at(-1) : undefined;
  if (!result) return;
  const { position, error } = result;
  const outcome = error === null ? 'succeeded' : GIVEN_UP.has(error.code) ? 'dead' : 'failed';
  await logJob(tx, instanceId, position, outcome, error === null ? {} : { error });
}
