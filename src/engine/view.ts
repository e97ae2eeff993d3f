/** What people and clients see of an instance and its history. */
import { seesEverything, type Caller } from '../auth/caller.js';
import type { Json } from './core/driver.js';
import { allowedEvents } from './recording.js';
import type { Hosted } from './registry.js';
import type { AttemptView } from './store/attempts.js';
import type { HistoryRow } from './store/history.js';
import type { CompensationStatus, Instance, InstanceStatus } from './store/instances.js';
import type { EffectView } from './store/outbox.js';

/** An instance as people and clients see it. */
export interface InstanceView {
  id: string;
  lifecycle: string;
  version: number;
  status: InstanceStatus;
  state: string;
  phase: string | null;
  tags: string[];
  revision: number;
  context: Json;
  output: Json;
  parties: Record<string, string>;
  keys: Record<string, string>;
  compensation: CompensationStatus;
  /** Events that the state answers to and the caller may send; guards may still say no. */
  allowedEvents: string[];
  createdAt: string;
  updatedAt: string;
}

/** The instance for this caller: what its lifecycle calls confidential is left out for the parties. */
export function view(hosted: Hosted, instance: Instance, caller: Caller): InstanceView {
  const kept = seesEverything(caller) ? [] : (hosted.lifecycle.confidential ?? []);
  const { context = null, output = null } = instance.snapshot as { context?: Json; output?: Json };
  return {
    id: instance.id,
    lifecycle: instance.lifecycle,
    version: instance.version,
    status: instance.status,
    state: instance.state,
    phase: instance.phase,
    tags: instance.tags,
    revision: instance.revision,
    context: without(context, kept),
    output: without(output, kept),
    parties: instance.parties,
    keys: instance.keys,
    compensation: instance.compensation,
    allowedEvents:
      instance.status === 'active'
        ? allowedEvents(hosted, instance.snapshot, instance.parties, { id: caller.userId, roles: caller.roles })
        : [],
    createdAt: instance.created_at.toISOString(),
    updatedAt: instance.updated_at.toISOString(),
  };
}

/** A history row without what it was decided on, what providers answered, and what its lifecycle calls confidential. */
export const forParties = (row: HistoryRow, confidential: readonly string[]): HistoryRow => ({
  ...row,
  facts: {},
  payload: isInner(row) ? {} : without(row.payload, confidential),
});

/** What providers answered, and whole snapshots. */
const isInner = ({ kind }: HistoryRow): boolean => kind === 'effect-result' || kind === 'webhook' || kind === 'migrate';

/** An effect with the receipts of its attempts. */
export type EffectWithReceipts = Omit<EffectView, 'attempts'> & { attempts: AttemptView[] };

/** Each effect with its receipts: what was asked of whom, what came back, how long it took. */
export const withReceipts = (
  effects: readonly EffectView[],
  receipts: readonly (AttemptView & { outboxId: number })[],
): EffectWithReceipts[] =>
  effects.map((effect) => ({
    ...effect,
    attempts: receipts.filter(({ outboxId }) => outboxId === effect.id).map(({ outboxId: _, ...receipt }) => receipt),
  }));

/** An effect without what was asked of providers and what they answered. */
export const effectForParties = ({
  id,
  instance_id,
  seq,
  kind,
  type,
  status,
  next_attempt_at,
  created_at,
  finished_at,
}: EffectWithReceipts): EffectForParties => ({
  id,
  instance_id,
  seq,
  kind,
  type,
  status,
  next_attempt_at,
  created_at,
  finished_at,
});

/** What the parties of an instance see of an effect. */
export type EffectForParties = Omit<EffectWithReceipts, 'params' | 'key' | 'last_error' | 'result' | 'attempts'>;

const without = (context: Json, fields: readonly string[]): Json =>
  typeof context === 'object' && context !== null && !Array.isArray(context)
    ? Object.fromEntries(Object.entries(context).filter(([name]) => !fields.includes(name)))
    : context;
