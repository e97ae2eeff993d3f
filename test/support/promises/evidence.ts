/** What clients and providers have seen, against which the stored rows are held. */
import type { Driver, Json } from '../../../src/engine/core/driver.js';
import type { Ack } from '../../../src/engine/engine.service.js';
import type { Stored } from './stored.js';

/** How one try of a request went. `unknown`: the connection broke, or the process died, before the answer came. */
export type Answer =
  | { kind: 'ack'; ack: Ack }
  | { kind: 'ok' }
  | { kind: 'refused'; code: string }
  | { kind: 'unknown'; because: string }
  /** Something that no client should ever be told. */
  | { kind: 'fault'; error: string };

/** Moments are numbers that grow; what ended at 5 was over before what began at 6. */
export interface Try {
  began: number;
  ended: number | null;
  answer: Answer | null;
}

/** Something a client or an administrator wanted once, tried until the answer was definite. */
export interface Asked {
  kind: 'start' | 'send' | 'force' | 'pause' | 'resume' | 'retry' | 'replay' | 'discard' | 'compensate' | 'read';
  /** Idempotency-Key, or the reason given in the audit log: nobody else has it. */
  key: string;
  instanceId: string | null;
  type: string;
  /** It is to be done at this revision or not at all. */
  expectedRevision?: number | undefined;
  tries: Try[];
}

/** An attempt that reached a handler. */
export interface Call {
  type: string;
  key: string;
  instanceId: string;
  input: Json;
  /** The number of the claim. */
  fence: number;
  began: number;
  ended: number | null;
  /** Milliseconds of the database's own clock. */
  startedAt: number;
  /** Nobody else may take it before, by the same clock: the end of its lease, as far as it is known to have been prolonged. */
  heldUntil: number;
  outcome: 'done' | 'retry' | 'failed' | null;
}

/** A message that a provider has sent. Until its receipt is confirmed it may have been kept or not. */
export interface Told {
  provider: string;
  id: string;
  isConfirmed: boolean;
}

export interface Evidence {
  tenant: string;
  stored: Stored;
  asked: readonly Asked[];
  calls: readonly Call[];
  told: readonly Told[];
  driver: Driver;
  /** True when everything has come to rest: nothing may be on its way any more. */
  settled: boolean;
}
