/** Many transitions in one call: what was decided on a version of an instance is written if that is still the one. */
import { numberedArray, type Cell, type Columns } from '../../platform/binary.js';
import type { Database, Tx } from '../../platform/database.js';
import type { Json } from '../core/driver.js';
import type { Answered } from '../idempotency.js';
import type { Work } from '../recording.js';
import type { Attempt } from './attempts.js';
import type { Instance } from './instances.js';

/** Business time as the database told it, milliseconds, and how far it was ahead of the database's clock. */
export interface Moment {
  now_ms: number;
  offset_ms: number;
}

/** An instance with the version of its row: whatever changes the row, the version becomes another. */
export interface Seen extends Instance {
  row_version: string;
}

/** Instances as they are now; those that there are. */
export const look = (database: Database, tenant: string, ids: readonly string[]): Promise<(Seen & Moment)[]> =>
  database.call('select * from engine.look($1, $2)', [tenant, ids]);

// Each record begins with the number of its step, which is not among these columns.
const STEP = {
  ...({ id: 'text', version: 'text', seq: 'int8', status: 'text', state: 'text', phase: 'text' } as const),
  ...({ tags: 'text[]', snapshot: 'json', kind: 'text', type: 'text', payload: 'json', facts: 'json' } as const),
  ...({ from_state: 'text', actor: 'text', roles: 'text[]', cause: 'text', correlation_id: 'text' } as const),
  ...({
    idempotency_key: 'text',
    request_hash: 'text',
    answer: 'json',
    at: 'timestamptz',
    hash: 'text',
    prev_hash: 'text',
  } as const),
} satisfies Columns;
const FIRED = { timer_id: 'text', generation: 'int8' } as const satisfies Columns;
const ENDED = {
  ...({ effect_id: 'int8', fence: 'int8', status: 'text', result: 'json', last_error: 'json' } as const),
  ...({ outcome: 'text', request_hash: 'text', provider: 'text', provider_id: 'text', response_code: 'text' } as const),
  ...({ detail: 'text', duration_ms: 'int4' } as const),
} satisfies Columns;
const STEP_OF_WORK = { instance_id: 'text', seq: 'int8', at: 'timestamptz' } as const;
const WANTED = {
  ...STEP_OF_WORK,
  ...({ correlation_id: 'text', over: 'bool' } as const),
  ...({ idx: 'int4', kind: 'text', job: 'text', type: 'text', params: 'json' } as const),
  ...({ compensate: 'text', ordered: 'bool' } as const),
} satisfies Columns;
const ARMED = { ...STEP_OF_WORK, id: 'text', delay: 'float8', event: 'json' } as const satisfies Columns;
const UNWANTED = { job: 'bool', id: 'text' } as const satisfies Columns;

type Row<C extends Columns> = Readonly<Record<keyof C, Cell>>;

/** A step that was decided. Documents go as the texts they were hashed as. */
export interface Write {
  step: Row<typeof STEP>;
  work: readonly Work[];
  fired?: Row<typeof FIRED> | undefined;
  ended?: Row<typeof ENDED> | undefined;
}

export type Outcome =
  | { kind: 'written'; row_version: string }
  /** The key has its answer already. */
  | { kind: 'answered'; answered: Answered }
  /** The timer or the effect that brought this about is no more. */
  | { kind: 'gone' }
  /** The instance is not what it was, or somebody holds it, or the clock was moved: look again and decide again. */
  | { kind: 'again' };

/** Writes what can be written, all of it in one transaction, and answers what became of each, with the time as it was then. */
export async function advance(
  database: Database,
  types: Types,
  tenant: string,
  ahead: number,
  writes: readonly Write[],
): Promise<{ moment: Moment; outcomes: Outcome[] }> {
  const { wanted, armed, unwanted } = sorted(writes);
  const over = writes.some(isOver);
  const [row] = await database.call<{ answer: Moment & { row_version: string; left_out: LeftOut[] | null } }>(
    'select engine.advance($1, $2, $3, $4, $5, $6, $7, $8, $9) as answer',
    [
      tenant,
      ahead,
      some(types.step, STEP, numbered(writes.map(({ step }) => step))),
      some(types.fired, FIRED, numbered(writes.map(({ fired }) => fired))),
      some(types.ended, ENDED, numbered(writes.map(({ ended }) => ended))),
      some(types.wanted, WANTED, wanted),
      some(types.armed, ARMED, armed),
      some(types.unwanted, UNWANTED, unwanted),
      over,
    ],
  );
  if (!row) throw new Error('the database did not say what became of the steps');
  const { row_version, left_out, ...moment } = row.answer;
  const outcomes = writes.map((): Outcome => ({ kind: 'written', row_version }));
  for (const { n, outcome, request_hash, answer } of left_out ?? [])
    outcomes[n] = outcome === 'answered' ? { kind: outcome, answered: { request_hash, answer } } : { kind: outcome };
  return { moment, outcomes };
}

/** What instances of one lifecycle start as. */
export interface Start {
  write: Pick<Write, 'step' | 'work'>;
  parties: Readonly<Record<string, string>>;
  keys: Readonly<Record<string, string>>;
}

/** Brings instances into being, in this transaction; answers the version that their rows have now. */
export async function begin(
  tx: Tx,
  types: Types,
  { name, version, fingerprint }: { name: string; version: number; fingerprint: string },
  starts: readonly Start[],
): Promise<string> {
  const writes = starts.map(({ write }) => write);
  const { wanted, armed } = sorted(writes);
  const row = await tx.one<{ row_version: string }>(
    'select engine.start($1, $2, $3, $4, $5, $6, $7, $8) as row_version',
    [
      name,
      version,
      fingerprint,
      some(types.step, STEP, numbered(writes.map(({ step }) => step))),
      starts.map(({ parties }) => JSON.stringify(parties)),
      starts.map(({ keys }) => JSON.stringify(keys)),
      some(types.wanted, WANTED, wanted),
      some(types.armed, ARMED, armed),
    ],
  );
  if (!row) throw new Error('the database did not say what it wrote');
  return row.row_version;
}

/** The numbers that the composite types have in this database. */
export type Types = Readonly<Record<'step' | 'fired' | 'ended' | 'wanted' | 'armed' | 'unwanted' | 'finished', number>>;

export const types = async (database: Database): Promise<Types> => {
  const rows = await database.system((tx) =>
    tx.query<{ name: string; oid: number }>(
      `select t.typname as name, t.oid::int8 as oid from pg_type t where t.typnamespace = 'engine'::regnamespace and t.typtype = 'c'`,
    ),
  );
  return Object.fromEntries(rows.map(({ name, oid }) => [name, oid])) as Types;
};

interface Numbered<C extends Columns> {
  n: number;
  row: Row<C>;
}

/** The rows that there are, each with the number of its step. */
const numbered = <R>(rows: readonly (R | undefined)[]): { n: number; row: R }[] =>
  rows.flatMap((row, n) => (row ? [{ n, row }] : []));

const some = <Name extends string>(
  type: number,
  columns: Columns<Name>,
  rows: readonly { n: number; row: Readonly<Record<Name, Cell>> }[],
): Buffer | null => (rows.length > 0 ? numberedArray(type, columns, rows) : null);

interface LeftOut extends Answered {
  n: number;
  outcome: 'answered' | 'gone' | 'again';
}

const isOver = ({ step: { status } }: Pick<Write, 'step'>): boolean => status === 'done' || status === 'failed';

/** Work of all steps by kind. A timer that is armed anew was cancelled before, so what is unwanted goes first. */
function sorted(writes: readonly Pick<Write, 'step' | 'work'>[]) {
  const wanted: Numbered<typeof WANTED>[] = [];
  const armed: Numbered<typeof ARMED>[] = [];
  const unwanted: Numbered<typeof UNWANTED>[] = [];
  writes.forEach((write, n) => {
    const { id: instance_id, seq, at, correlation_id } = write.step;
    const over = isOver(write);
    for (const item of write.work) {
      switch (item.op) {
        case 'effect': {
          const { idx, kind, job, type, compensate, ordered } = item;
          const params = JSON.stringify(item.params);
          const row = { instance_id, seq, at, correlation_id, over, idx, kind, job, type, params, compensate, ordered };
          wanted.push({ n, row });
          break;
        }
        case 'timer':
          // What is over waits for nothing.
          if (over) break;
          armed.push({
            n,
            row: { instance_id, seq, at, id: item.id, delay: item.delay, event: JSON.stringify(item.event) },
          });
          break;
        default:
          unwanted.push({ n, row: { job: item.op === 'cancelJob', id: item.id } });
      }
    }
  });
  return { wanted, armed, unwanted };
}

/** How an effect ended, when its answer is what moves the instance. */
export const endedOf = (
  { id, fence }: { id: number; fence: number },
  status: 'done' | 'dead',
  result: Json,
  error: Json | undefined,
  attempt: Attempt,
): Row<typeof ENDED> => ({
  effect_id: id,
  fence,
  status,
  result: JSON.stringify(result),
  last_error: error === undefined ? null : JSON.stringify(error),
  outcome: attempt.kind,
  request_hash: attempt.requestHash,
  provider: attempt.receipt?.provider ?? null,
  provider_id: attempt.receipt?.providerId ?? null,
  response_code: attempt.receipt?.responseCode ?? null,
  detail: attempt.kind === 'done' ? null : attempt.reason,
  duration_ms: attempt.durationMs,
});
