/** P1, P2, P5, P6: what clients were told is so, and every row has somebody who wanted it. */
import type { Ack } from '../../../src/engine/engine.service.js';
import { canonicalText } from '../../../src/engine/core/json.js';
import type { StoredRow } from '../../../src/engine/store/history.js';
import type { Asked, Evidence } from './evidence.js';

/** Kinds that write a line of the audit log with their key as the reason. */
const AUDITED: Partial<Record<Asked['kind'], string>> = {
  force: 'force-transition',
  pause: 'pause',
  resume: 'resume',
  retry: 'retry',
  compensate: 'compensate',
  replay: 'dead-letter.replay',
  discard: 'dead-letter.discard',
};
const KEYED: ReadonlySet<Asked['kind']> = new Set(['start', 'send', 'force']);

export function brokenRequests(evidence: Evidence): string[] {
  const { asked, stored, settled } = evidence;
  const problems: string[] = [];
  for (const request of asked) {
    const say = (problem: string) => problems.push(`${request.kind} ${request.key}: ${problem}`);
    for (const { answer } of request.tries) if (answer?.kind === 'fault') say(`was told ${answer.error}`);
    if (settled && isOpen(request)) say('has no definite answer');
    if (KEYED.has(request.kind)) keyed(request, evidence, say);
    audited(request, evidence, say);
  }
  problems.push(...unwanted(evidence), ...brokenMessages(evidence), ...outOfOrder(asked));
  for (const { scope, key } of stored.answers)
    if (!asked.some((request) => request.key === key))
      problems.push(`an answer is kept for ${scope} ${key}, which nobody asked`);
  return problems;
}

type Say = (problem: string) => void;

const isOpen = ({ tries }: Asked): boolean => !tries.some(({ answer }) => answer !== null && answer.kind !== 'unknown');
const acksOf = ({ tries }: Asked): Ack[] => tries.flatMap(({ answer }) => (answer?.kind === 'ack' ? [answer.ack] : []));
/** Nobody can say whether it took place: an answer is missing. */
const mayHaveHappened = ({ tries }: Asked): boolean =>
  tries.some(({ answer }) => answer === null || answer.kind === 'unknown');

function keyed(request: Asked, { stored }: Evidence, say: Say): void {
  const acks = acksOf(request);
  const rows = stored.history.filter((row) => row.idempotency_key === request.key);
  if (rows.length > 1) say(`is in the history ${rows.length} times`);
  const [first] = acks;
  const [row] = rows;
  if (acks.some((ack) => canonicalText(ack) !== canonicalText(first))) say('was answered in different ways');
  const { expectedRevision } = request;
  if (row && expectedRevision !== undefined && row.seq !== expectedRevision + 1)
    say(`was to be done at revision ${expectedRevision} only, and is row ${row.seq}`);
  if (first) {
    if (!row) return say('was confirmed and is in no history');
    if (!fits(first, row, request)) say(`was confirmed as ${canonicalText(first)}, and the history says otherwise`);
  } else if (row && !mayHaveHappened(request)) say('was refused, and is in the history');
  const kept = stored.answers.filter(({ key }) => key === request.key);
  if (kept.length !== rows.length) say(`has ${kept.length} kept answers for ${rows.length} rows`);
  if (first && kept[0] && canonicalText(JSON.parse(kept[0].answer)) !== canonicalText(first))
    say('has another answer kept than was given');
}

const fits = (ack: Ack, row: StoredRow, { type, instanceId }: Asked): boolean =>
  ack.instanceId === row.instance_id &&
  ack.seq === row.seq &&
  ack.revision === row.seq &&
  ack.state === row.to_state &&
  ack.phase === row.phase &&
  type === row.type &&
  (instanceId === null || instanceId === row.instance_id);

/** Line of the audit log and change stand or fall together. */
function audited(request: Asked, { stored }: Evidence, say: Say): void {
  const action = AUDITED[request.kind];
  if (action === undefined) return;
  const lines = stored.audit.filter((line) => line.reason === request.key && line.action === action).length;
  if (lines > 1) say(`was done ${lines} times`);
  const kept = stored.answers.filter(({ key }) => key === request.key).length;
  if (kept !== lines) say(`has ${kept} kept answers for ${lines} lines in the audit log`);
  const wasDone = request.tries.some(({ answer }) => answer?.kind === 'ack' || answer?.kind === 'ok');
  if (wasDone && lines === 0) say('was confirmed and is not in the audit log');
  if (!wasDone && !mayHaveHappened(request) && lines > 0) say('was refused, and is in the audit log');
  if (!['force', 'pause', 'resume'].includes(request.kind)) return;
  const rows = stored.history.filter(
    ({ payload }) => (JSON.parse(payload) as { reason?: string }).reason === request.key,
  ).length;
  if (rows !== lines) say(`has ${rows} history rows and ${lines} lines in the audit log`);
}

/** Rows that nobody asked for. */
function unwanted({ asked, stored, told }: Evidence): string[] {
  const keys = new Map(asked.map((request) => [request.key, request]));
  return stored.history.flatMap((row) => {
    const where = `${row.instance_id} row ${row.seq} (${row.type})`;
    if (row.kind === 'webhook')
      return told.some(({ provider, id }) => row.cause === `webhook:${provider}:${id}`)
        ? []
        : [`${where}: no provider said so`];
    if (!['start', 'event', 'force', 'pause', 'resume'].includes(row.kind)) return [];
    const key = row.idempotency_key ?? (JSON.parse(row.payload) as { reason?: string }).reason;
    return keys.has(key ?? '') ? [] : [`${where}: nobody asked for it`];
  });
}

/** A message is kept once its receipt is confirmed, and applied exactly once. */
function brokenMessages({ stored, told, settled }: Evidence): string[] {
  const problems: string[] = [];
  for (const { provider, id } of told.filter(({ isConfirmed }) => isConfirmed)) {
    const kept = stored.inbox.find((message) => message.provider === provider && message.provider_event_id === id);
    if (!kept) {
      problems.push(`message ${id} was confirmed and is gone`);
      continue;
    }
    const applied = stored.history.filter(({ cause }) => cause === `webhook:${provider}:${id}`).length;
    if (applied !== (kept.status === 'applied' ? 1 : 0))
      problems.push(`message ${id} is ${kept.status} and was applied ${applied} times`);
    if (settled && kept.status === 'received') problems.push(`message ${id} waits for ever (${kept.reason})`);
  }
  return problems;
}

/** What was confirmed before something else was sent comes before it; a read shows at least what was confirmed before it. */
function outOfOrder(asked: readonly Asked[]): string[] {
  const problems: string[] = [];
  const steps = asked.flatMap(({ key, kind, tries }) =>
    tries.flatMap(({ began, ended, answer }) =>
      answer?.kind === 'ack' && ended !== null ? [{ key, kind, began, ended, ack: answer.ack }] : [],
    ),
  );
  const firstSent = new Map(asked.map(({ key, tries }) => [key, Math.min(...tries.map(({ began }) => began))]));
  for (const before of steps) {
    for (const after of steps) {
      if (before.ack.instanceId !== after.ack.instanceId || before.key === after.key) continue;
      if (before.ended >= (firstSent.get(after.key) ?? 0)) continue;
      const isOk = after.kind === 'read' ? after.ack.seq >= before.ack.seq : after.ack.seq > before.ack.seq;
      if (!isOk && before.kind !== 'read')
        problems.push(
          `${after.kind} ${after.key} (seq ${after.ack.seq}) was sent after ${before.key} (seq ${before.ack.seq}) was confirmed`,
        );
    }
  }
  return problems;
}
