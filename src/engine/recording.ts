/** Writing a decision down: one statement for instance, history, effects, timers and the answer to the caller's key. */
import type { Tx } from '../platform/database.js';
import { EngineFault, type Effect, type Json, type Step } from './core/driver.js';
import { GENESIS, hashEntry } from './core/hash.js';
import type { Idempotency } from './idempotency.js';
import type { Hosted } from './registry.js';
import { chained, type HistoryKind } from './store/history.js';
import type { CompensationStatus, InstanceStatus } from './store/instances.js';

/** Who or what brings an instance forward. */
export interface Cause {
  kind: HistoryKind;
  /** `request`, `timer:<id>`, `effect:<key>`, `webhook:<provider>:<id>`, `admin`. */
  cause: string;
  actor: string;
  roles: readonly string[];
  correlationId: string;
  idempotency?: Idempotency | undefined;
  /** What the caller is told. */
  message?: string;
}

/** What is known of the instance before the step; `revision` 0 for one that is about to start. */
export interface Before {
  id: string;
  revision: number;
  head_hash: string;
  state: string | null;
  status: InstanceStatus;
  compensation: CompensationStatus;
  /** Given with the first row only. */
  opening?: {
    lifecycle: string;
    version: number;
    fingerprint: string;
    parties: Record<string, string>;
    keys: Record<string, string>;
  };
}

export interface Happened {
  type: string;
  payload: Json;
  facts: Json;
  /** Business time, milliseconds. */
  at: number;
}

/** Answer to everything that moves an instance (Design of the API: `seq` and `revision` tell what a later read shows at least). */
export interface Ack {
  success: true;
  message: string;
  instanceId: string;
  seq: number;
  revision: number;
  state: string;
  phase: string | null;
  status: InstanceStatus;
  allowedEvents: string[];
}

export const unborn = (id: string, opening: NonNullable<Before['opening']>): Before => ({
  id,
  revision: 0,
  head_hash: GENESIS,
  state: null,
  status: 'active',
  compensation: 'none',
  opening,
});

/** Adds one row to the history and everything that goes with it, in this transaction. */
export async function write(
  tx: Tx,
  hosted: Hosted,
  before: Before,
  happened: Happened,
  after: Pick<Step, 'snapshot' | 'state' | 'phase' | 'tags' | 'effects'> & { status: InstanceStatus },
  cause: Cause,
  undone: CompensationStatus,
): Promise<Ack> {
  const seq = before.revision + 1;
  const row = {
    instance_id: before.id,
    seq,
    kind: cause.kind,
    type: happened.type,
    from_state: before.state,
    to_state: after.state,
    phase: after.phase,
    actor: cause.actor,
    roles: [...cause.roles],
    cause: cause.cause,
    correlation_id: cause.correlationId,
    idempotency_key: cause.idempotency?.key ?? null,
    // Whole milliseconds, as the column keeps them: the hash must not depend on what rounding leaves.
    at: Math.round(happened.at),
    payload: JSON.stringify(happened.payload),
    facts: JSON.stringify(happened.facts),
  };
  const ack: Ack = {
    success: true,
    message: cause.message ?? 'Event sent to workflow instance',
    instanceId: before.id,
    seq,
    revision: seq,
    state: after.state,
    phase: after.phase,
    status: after.status,
    allowedEvents: after.status === 'active' ? allowedEvents(hosted, after.snapshot) : [],
  };
  const hash = hashEntry(before.head_hash, chained(tx.tenant, row));
  // Payload and facts go as the texts that were hashed; the database keeps them letter for letter.
  await tx.run('select engine.record($1, $2, $3)', [
    JSON.stringify({
      instance: { ...before.opening, id: before.id },
      after: { ...after, effects: undefined, compensation: undone },
      row: { ...row, payload: undefined, facts: undefined, hash, prev: before.head_hash },
      answer: cause.idempotency ? { scope: cause.idempotency.scope, hash: cause.idempotency.hash, body: ack } : null,
      work: work(after.effects),
    }),
    row.payload,
    row.facts,
  ]);
  return ack;
}

/** External events that the state answers to. */
export function allowedEvents(hosted: Hosted, snapshot: Json): string[] {
  try {
    return hosted.driver.handledEvents(snapshot).filter((type) => type in hosted.lifecycle.events);
  } catch (error) {
    // An instance that cannot be loaded can still be looked at.
    if (error instanceof EngineFault) return [];
    throw error;
  }
}

/** Effects as the database function takes them, in the machine's order. */
function work(effects: readonly Effect[]): Json {
  let idx = 0;
  return effects.map((effect): Json => {
    switch (effect.kind) {
      case 'job':
        return {
          op: 'effect',
          idx: idx++,
          kind: 'job',
          job: effect.id,
          type: effect.type,
          params: effect.input,
          compensate: effect.compensate ?? null,
          ordered: effect.ordered ?? false,
        };
      case 'command':
        return {
          op: 'effect',
          idx: idx++,
          kind: 'command',
          job: null,
          type: effect.type,
          params: effect.params,
          compensate: effect.compensate ?? null,
          ordered: effect.ordered ?? false,
        };
      case 'emit':
        return {
          op: 'effect',
          idx: idx++,
          kind: 'emit',
          job: null,
          type: `emit:${effect.event.type}`,
          params: effect.event,
          compensate: null,
          ordered: false,
        };
      case 'timer':
        return { op: 'timer', id: effect.id, delay: effect.delayMs, event: effect.event };
      case 'cancelTimer':
        return { op: 'cancelTimer', id: effect.id };
      case 'cancelJob':
        return { op: 'cancelJob', id: effect.id };
    }
  });
}
