/** P7 to P11: effects are done to the end, in order, under one key, by whoever holds them, and none of them comes from nowhere. */
import { canonicalText } from '../../../src/engine/core/json.js';
import type { Call, Evidence } from './evidence.js';
import { keyOf, type Folded } from './fold.js';
import { groupBy } from './group.js';
import type { StoredEffect, StoredInstance } from './stored.js';

export function brokenEffects(evidence: Evidence, folded: ReadonlyMap<string, Folded>): string[] {
  const problems: string[] = [];
  const { stored, calls, settled } = evidence;
  const rows = new Map(stored.outbox.map((row) => [row.key, row]));
  const perKey = groupBy(calls, ({ key }) => key);
  for (const [key, attempts] of perKey) {
    const row = rows.get(key);
    if (!row) problems.push(`${key} was sent and is written nowhere`);
    else if (attempts.some((call) => !isOf(call, row)))
      problems.push(`${key} was sent as something else than was written`);
    problems.push(...overlapping(key, attempts));
  }
  for (const row of stored.outbox) problems.push(...brokenEnd(row, perKey.get(row.key) ?? [], evidence));
  for (const [id, fold] of folded) problems.push(...brokenAnswers(id, fold, evidence));
  for (const instance of stored.instances) {
    const own = stored.outbox.filter(({ instance_id }) => instance_id === instance.id);
    problems.push(...outOfOrder(own, perKey, stored.audit));
    problems.push(...brokenUndoing(instance, own, settled));
  }
  return problems;
}

const isOf = ({ type, instanceId, input }: Call, row: StoredEffect): boolean =>
  type === row.type && instanceId === row.instance_id && canonicalText(input) === canonicalText(JSON.parse(row.params));

/** One claim at a time: the next one begins when the one before was given back, or its lease had run out. */
function overlapping(key: string, attempts: readonly Call[]): string[] {
  const problems: string[] = [];
  const ordered = attempts.toSorted((a, b) => a.fence - b.fence);
  ordered.forEach((call, index) => {
    const before = ordered[index - 1];
    if (!before) return;
    if (before.fence === call.fence) problems.push(`${key} was begun twice under fence ${call.fence}`);
    const wasOver = before.ended !== null && before.ended < call.began;
    if (!wasOver && call.startedAt <= before.heldUntil)
      problems.push(`${key} was begun again (fence ${call.fence}) while fence ${before.fence} still held it`);
  });
  return problems;
}

function brokenEnd(row: StoredEffect, attempts: readonly Call[], { settled, stored }: Evidence): string[] {
  const problems: string[] = [];
  const say = (problem: string) => problems.push(`${row.key} (${row.type}): ${problem}`);
  if (row.kind === 'emit') return row.status === 'done' ? [] : [`${row.key}: an event that is ${row.status}`];
  const isPaused = stored.instances.some(({ id, status }) => id === row.instance_id && status === 'paused');
  const waits = isPaused || isHeldUp(row, stored.outbox);
  if (settled && (row.status === 'claimed' || (row.status === 'pending' && !waits))) say(`is still ${row.status}`);
  if (row.status === 'done') {
    const ended = attempts.find(({ fence }) => fence === row.fence);
    if (!ended || ended.ended === null || (ended.outcome !== 'done' && ended.outcome !== 'failed'))
      say(`is done under fence ${row.fence}, and nobody did it under that`);
    const told = fenceOf(row.result) ?? fenceOf(row.last_error);
    if (told !== row.fence) say(`was ended by fence ${told}, though ${row.fence} held it`);
  }
  if (row.status === 'cancelled' && attempts.length > 0 && !isGivenUp(row, stored.audit))
    say('was cancelled after it had been begun');
  if (row.status === 'cancelled' && !row.cancelled) say('was cancelled by nobody');
  for (const { outbox_id, attempt } of stored.attempts)
    if (outbox_id === row.id && attempt > row.fence) say(`has a receipt for attempt ${attempt}, which never began`);
  return problems;
}

/** What was given up holds up what comes after it in a declared order, until somebody has looked at it; it holds up no undoing. */
const isHeldUp = (row: StoredEffect, all: readonly StoredEffect[]): boolean =>
  row.ordered &&
  row.kind !== 'compensation' &&
  all.some(
    ({ id, instance_id, ordered, status, kind }) =>
      id < row.id && instance_id === row.instance_id && ordered && status === 'dead' && kind !== 'compensation',
  );

/** The handler puts the fence it ran under into whatever it answers. */
function fenceOf(json: string | null): number | undefined {
  const found = /fence\D{0,4}(\d+)/.exec(json ?? '');
  return found ? Number(found[1]) : undefined;
}

const isGivenUp = (row: StoredEffect, audit: Evidence['stored']['audit']): boolean =>
  audit.some(({ action, target }) => action === 'dead-letter.discard' && target === row.instance_id);

/** What the machine waits for is answered exactly once, with what the effect came to. */
function brokenAnswers(id: string, { effects }: Folded, { tenant, stored }: Evidence): string[] {
  const problems: string[] = [];
  const results = stored.history.filter(({ instance_id, kind }) => instance_id === id && kind === 'effect-result');
  for (const effect of effects) {
    if (effect.kind !== 'job') continue;
    const key = keyOf(tenant, id, effect);
    const row = stored.outbox.find((found) => found.key === key);
    const answers = results.filter(({ cause }) => cause === `effect:${key}`);
    if (!row) continue;
    if (answers.length > 1) problems.push(`${key} answered ${answers.length} times`);
    const [answer] = answers;
    if (answer && row.status === 'done' && row.last_error === null) {
      const { output } = JSON.parse(answer.payload) as { output?: unknown };
      if (output !== undefined && canonicalText(output) !== canonicalText(JSON.parse(row.result ?? 'null')))
        problems.push(`${key} answered something else than it came to`);
    }
    if (answers.length === 0 && ['done', 'dead'].includes(row.status) && !row.cancelled && !effect.abandoned)
      problems.push(`${key} is ${row.status} and the machine was never told`);
    if (row.cancelled && answers.length > 0 && !isGivenUp(row, stored.audit) && !wasRevived(row, stored.audit))
      problems.push(`${key} answered after it was called off`);
  }
  return problems;
}

/** The machine had been told that it failed; what comes of it later is nobody's answer. */
const wasRevived = ({ instance_id }: StoredEffect, audit: Evidence['stored']['audit']): boolean =>
  audit.some(({ action, target }) => target === instance_id && ['retry', 'dead-letter.replay'].includes(action));

/** Where order is declared, the next one begins after the one before has come to its end. */
function outOfOrder(
  rows: readonly StoredEffect[],
  perKey: ReadonlyMap<string, readonly Call[]>,
  audit: Evidence['stored']['audit'],
): string[] {
  const problems: string[] = [];
  const ordered = rows.filter((row) => row.ordered && perKey.has(row.key));
  ordered.forEach((row, index) => {
    const [first] = (perKey.get(row.key) ?? []).toSorted((a, b) => a.began - b.began);
    if (!first) return;
    const { began, startedAt } = first;
    for (const before of ordered.slice(0, index)) {
      const calls = perKey.get(before.key) ?? [];
      const ended = calls.some(
        (call) => call.ended !== null && call.ended < began && (call.outcome === 'done' || call.outcome === 'failed'),
      );
      const wasGivenUp =
        calls.every((call) => call.ended === null || call.outcome === 'retry') &&
        (before.kind === 'compensation' || isGivenUp(before, audit));
      // Undoing does not wait for what was given up, even if it is revived later; it waits for what runs, as long as its lease lasts.
      const isUndoing =
        row.kind === 'compensation' &&
        before.kind !== 'compensation' &&
        calls.every((call) => call.began > began || (call.ended ?? began) < began || call.heldUntil < startedAt);
      if (!ended && !wasGivenUp && !isUndoing && calls.some((call) => call.began < began))
        problems.push(`${row.key} began before ${before.key} had ended`);
      if (calls.every((call) => call.began > began) && before.status !== 'cancelled')
        problems.push(`${row.key} overtook ${before.key}`);
    }
  });
  return problems;
}

/** After a failing end, everything that had succeeded is undone, each once. */
function brokenUndoing(
  { id, status, tags, compensation }: StoredInstance,
  rows: readonly StoredEffect[],
  settled: boolean,
): string[] {
  const problems: string[] = [];
  const undoings = rows.filter(({ kind }) => kind === 'compensation');
  for (const undoing of undoings) {
    const original = rows.find((row) => row.id === undoing.compensates);
    if (original?.status !== 'done' || original.last_error !== null || original.compensate !== undoing.type)
      problems.push(`${undoing.key} undoes what was never done`);
  }
  if (new Set(undoings.map(({ compensates }) => compensates)).size < undoings.length)
    problems.push(`${id} undoes something twice`);
  const isToBeUndone = (status === 'done' || status === 'failed') && tags.includes('compensate');
  for (const row of isToBeUndone ? rows : []) {
    const hasSucceeded = row.compensate !== null && row.status === 'done' && row.last_error === null;
    if (hasSucceeded && !undoings.some(({ compensates }) => compensates === row.id))
      problems.push(`${row.key} was not undone`);
  }
  // A pause holds up the undoing too.
  if (settled && compensation === 'pending' && status !== 'paused') problems.push(`${id} is still being undone`);
  if (settled && compensation === 'done' && undoings.some(({ status }) => status !== 'done'))
    problems.push(`${id} says it is undone, and is not`);
  return problems;
}
