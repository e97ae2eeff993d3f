/** Writing a decision down: one statement for instance, history, effects, timers and the answer to the caller's key. */
import type { Tx } from '../platform/database.js';
import type { Sender } from './authoring.js';
import { EngineFault, type Effect, type Json, type Step } from './core/driver.js';
import { hashEntry } from './core/hash.js';
import { maySend } from './core/permission.js';
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
  /** What he is told besides, also when he asks again under the same key. */
  besides?: object;
}

/** What is known of the instance before the step; `revision` 0 for one that is about to start. */
export interface Before {
  id: string;
  revision: number;
  head_hash: string;
  state: string | null;
  status: InstanceStatus;
  compensation: CompensationStatus;
  parties: Readonly<Record<string, string>>;
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
  /** What the sender may send next; guards may still say no. */
  allowedEvents: string[];
}

/** What an instance is after a decision, and what follows from it. */
export type After = Pick<Step, 'snapshot' | 'state' | 'phase' | 'tags' | 'effects'> & { status: InstanceStatus };

/** A history row with its hash, and what the caller is told. */
export function compose(
  tenant: string,
  hosted: Hosted,
  before: Before,
  happened: Happened,
  after: After,
  cause: Cause,
) {
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
    allowedEvents:
      after.status === 'active'
        ? allowedEvents(hosted, after.snapshot, before.parties, { id: cause.actor, roles: cause.roles })
        : [],
  };
  return { row, ack, hash: hashEntry(before.head_hash, chained(tenant, row)) };
}

/** A row that was written: what the caller is told, the head of the history, the version that the row of the instance has now. */
export interface Written {
  ack: Ack;
  hash: string;
  row_version: string;
  /** Characters of the document that was written. */
  length: number;
}

/** Adds one row to the history and everything that goes with it, in this transaction. */
export async function write(
  tx: Tx,
  hosted: Hosted,
  before: Before,
  happened: Happened,
  after: After,
  cause: Cause,
  undone: CompensationStatus,
): Promise<Written> {
  const { document, payload, facts, ack, hash } = draft(tx.tenant, hosted, before, happened, after, cause, undone);
  const version = await tx.one<{ row_version: string }>(
    'select engine.record($1, $2, $3), pg_current_xact_id()::xid::text as row_version',
    [document, payload, facts],
  );
  if (!version) throw new Error('the database did not say what it wrote');
  return { ack, hash, ...version, length: document.length };
}

/** A row of the history as the database takes it. Payload and facts go as the texts that were hashed; the database keeps them letter for letter. */
function draft(
  tenant: string,
  hosted: Hosted,
  before: Before,
  happened: Happened,
  after: After,
  cause: Cause,
  undone: CompensationStatus,
) {
  const { row, ack, hash } = compose(tenant, hosted, before, happened, after, cause);
  const document = JSON.stringify({
    instance: { ...before.opening, id: before.id },
    after: { ...after, effects: undefined, compensation: undone },
    row: { ...row, payload: undefined, facts: undefined, hash, prev: before.head_hash },
    answer: cause.idempotency
      ? { scope: cause.idempotency.scope, hash: cause.idempotency.hash, body: { ...ack, ...cause.besides } }
      : null,
    work: work(after.effects),
  });
  return { document, payload: row.payload, facts: row.facts, ack, hash };
}

/** Events that the state answers to and this sender may send: none of those that only providers, timers and workers bring. */
export function allowedEvents(
  { driver, lifecycle: { events } }: Hosted,
  snapshot: Json,
  parties: Readonly<Record<string, string>>,
  sender: Sender,
): string[] {
  try {
    return driver.handledEvents(snapshot).filter((type) => {
      const rule = Object.hasOwn(events, type) ? events[type] : undefined;
      return rule !== undefined && maySend(rule, parties, sender);
    });
  } catch (error) {
    // An instance that cannot be loaded can still be looked at.
    if (error instanceof EngineFault) return [];
    throw error;
  }
}

/** What the database does for one effect of a step. */
export type Work =
  | {
      op: 'effect';
      idx: number;
      kind: 'job' | 'command' | 'emit';
      job: string | null;
      type: string;
      params: Json;
      compensate: string | null;
      ordered: boolean;
    }
  | { op: 'timer'; id: string; delay: number; event: { type: string } }
  | { op: 'cancelTimer' | 'cancelJob'; id: string };

/** Effects as the database functions take them, in the machine's order. */
export function work(effects: readonly Effect[]): Work[] {
  let idx = 0;
  return effects.map((effect): Work => {
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
