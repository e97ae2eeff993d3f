/** P3, P4, P12: each history is whole and leads to exactly what is stored beside it. */
import { GENESIS, verifyChain } from '../../../src/engine/core/hash.js';
import { canonicalText } from '../../../src/engine/core/json.js';
import { chained, type StoredRow } from '../../../src/engine/store/history.js';
import type { Evidence } from './evidence.js';
import { keyOf, type Folded, type WantedEffect } from './fold.js';
import type { StoredEffect, StoredInstance } from './stored.js';

/** @param folded by instance id */
export function brokenHistories({ tenant, stored, settled }: Evidence, folded: ReadonlyMap<string, Folded>): string[] {
  const problems = [...folded.values()].flatMap((fold) => fold.problems);
  const known = new Set(stored.instances.map(({ id }) => id));
  for (const { instance_id, seq } of stored.history)
    if (!known.has(instance_id)) problems.push(`history row ${seq} of ${instance_id}, which does not exist`);
  for (const { instance_id, key } of stored.outbox)
    if (!known.has(instance_id)) problems.push(`effect ${key} of nobody`);
  for (const { instance_id, timer_id } of stored.timers)
    if (!known.has(instance_id)) problems.push(`timer ${timer_id} of ${instance_id}, which does not exist`);
  for (const instance of stored.instances) {
    const say = (problem: string) => problems.push(`${instance.id}: ${problem}`);
    const rows = stored.history.filter(({ instance_id }) => instance_id === instance.id);
    const fold = folded.get(instance.id);
    if (!fold) continue;
    isChained(tenant, instance, rows, say);
    leadsThere(instance, fold, say);
    wroteEffects(tenant, instance, stored.outbox, fold, say);
    armedTimers(instance, stored, fold, settled, say);
  }
  return problems;
}

type Say = (problem: string) => void;

function isChained(tenant: string, instance: StoredInstance, rows: readonly StoredRow[], say: Say): void {
  const verdict = verifyChain(
    rows.map((row) => ({ seq: row.seq, prevHash: row.prev_hash, hash: row.hash, fields: chained(tenant, row) })),
  );
  if (!verdict.ok) say(`the chain is broken: ${verdict.reason}`);
  else if (verdict.head !== instance.head_hash || verdict.head === GENESIS) say('the chain ends elsewhere');
  if (instance.revision !== rows.length) say(`revision ${instance.revision} after ${rows.length} rows`);
}

function leadsThere(instance: StoredInstance, { snapshot, step, paused }: Folded, say: Say): void {
  if (canonicalText(JSON.parse(instance.snapshot)) !== canonicalText(snapshot))
    say('the history leads to another snapshot');
  const status =
    step.status === 'done' ? (step.tags.includes('failed') ? 'failed' : 'done') : paused ? 'paused' : 'active';
  const is = { status: instance.status, state: instance.state, phase: instance.phase, tags: instance.tags };
  const should = { status, state: step.state, phase: step.phase, tags: step.tags };
  if (canonicalText(is) !== canonicalText(should)) say(`is ${canonicalText(is)}, should be ${canonicalText(should)}`);
}

/** Every effect that a transition asked for is there, as it was asked for, and nothing else is. */
function wroteEffects(
  tenant: string,
  instance: StoredInstance,
  outbox: readonly StoredEffect[],
  fold: Folded,
  say: Say,
): void {
  const wanted = new Map(fold.effects.map((effect) => [keyOf(tenant, instance.id, effect), effect]));
  for (const row of outbox) {
    if (row.instance_id !== instance.id || row.kind === 'compensation' || row.seq === 0) continue;
    const effect = wanted.get(row.key);
    if (
      !effect ||
      described(effect) !== described({ ...row, job: row.job_id, params: JSON.parse(row.params) as never })
    )
      say(`effect ${row.key} (${row.type}) follows from no transition`);
    else wanted.delete(row.key);
  }
  for (const [key, { type }] of wanted) say(`effect ${key} (${type}) was lost`);
}

const described = ({
  seq,
  idx,
  kind,
  job,
  type,
  params,
  compensate,
  ordered,
}: Omit<WantedEffect, 'abandoned' | 'kind'> & { kind: string }): string =>
  canonicalText({ seq, idx, kind, job, type, params, compensate, ordered });

/** Timers are armed exactly as the machine armed them; what fired is in the history, once. */
function armedTimers(
  instance: StoredInstance,
  { timers, now }: Evidence['stored'],
  fold: Folded,
  settled: boolean,
  say: Say,
): void {
  const armed = new Map(fold.armed);
  for (const { instance_id, timer_id, generation, due, fired } of timers) {
    if (instance_id !== instance.id) continue;
    const name = `${timer_id}#${generation}`;
    if (fired !== null) {
      if (!fold.fired.delete(name)) say(`timer ${name} is marked as fired and the history does not say so`);
      if (fired < due) say(`timer ${name} was marked as fired ${due - fired} ms early`);
      continue;
    }
    const wanted = armed.get(timer_id);
    if (wanted?.generation !== generation) say(`timer ${name} is armed and should not be`);
    // The column keeps microseconds, a delay may have fractions of them.
    else if (Math.abs(wanted.due - due) >= 1) say(`timer ${name} is due ${due - wanted.due} ms off`);
    armed.delete(timer_id);
    if (settled && due <= now && instance.status === 'active')
      say(`timer ${name} is overdue by ${now - due} ms and nobody fires it`);
  }
  for (const [id, { generation }] of armed) say(`timer ${id}#${generation} was lost`);
  for (const name of fold.fired.keys()) say(`timer ${name} is in the history and not marked as fired`);
}
