/** The instances of bulk operations, one row each. */
import type { Selection } from '../../../machines/operation.js';
import type { Tx } from '../../platform/database.js';
import type { BulkCounts, BulkGroup, BulkItemView } from './bulk.dto.js';

/** An instance of an operation, as far as it takes to do it. */
export interface Item {
  n: number;
  instance_id: string;
  from_state: string;
  seq: number | null;
}

/** What an instance makes of it, or has made of it. */
export interface Fared {
  n: number;
  outcome: 'accepted' | 'refused';
  /** Where it would be. */
  becomes?: string | null;
  code?: string;
  reason?: string;
  seq?: number;
}

const MOST_GROUPS = 100;
const MOST_EXAMPLES = 5;

/** Keeps which instances an operation is about, by id, at most `most`. @returns how many */
export const select = (
  tx: Tx,
  operationId: string,
  { lifecycle, version, state, tag, status, ids }: Selection,
  { isRetry, notVersion, most }: { isRetry: boolean; notVersion: number | null; most: number },
): Promise<number> =>
  tx.run(
    `insert into engine.bulk_items (tenant, operation_id, n, instance_id, version, from_state)
     select engine.tenant(), $1, row_number() over (order by i.id), i.id, i.version, concat_ws('.', i.state, i.phase)
       from (select i.id, i.version, i.state, i.phase from engine.instances i
              where i.tenant = engine.tenant() and i.lifecycle = $2
                and ($3::int is null or i.version = $3)
                and ($4::text is null or i.state = $4 or concat_ws('.', i.state, i.phase) = $4)
                and ($5::text is null or i.tags @> array[$5])
                and ($6::text is null or i.status = $6)
                and ($7::text[] is null or i.id = any ($7))
                and ($8::int is null or i.version <> $8)
                and (not $9 or exists (select from engine.outbox o
                      where o.tenant = i.tenant and o.instance_id = i.id and o.stage = 'dead'))
              order by i.id limit $10) i`,
    [
      operationId,
      lifecycle,
      version ?? null,
      state ?? null,
      tag ?? null,
      status ?? (isRetry ? null : 'active'),
      ids ?? null,
      notVersion,
      isRetry,
      most,
    ],
  );

/** Those that have not been asked yet, the first of them. */
export const unlooked = (tx: Tx, operationId: string, most: number): Promise<Item[]> =>
  tx.query(
    `select n, instance_id, from_state, seq from engine.bulk_items
      where tenant = engine.tenant() and operation_id = $1 and verdict is null order by n limit $2`,
    [operationId, most],
  );

/** Writes down what they would make of it. @returns how many have not been asked yet */
export const foresee = async (tx: Tx, operationId: string, fared: readonly Fared[]): Promise<number> => {
  await tx.run(
    `update engine.bulk_items i
        set verdict = f.outcome, becomes = f.becomes, plan_code = f.code, plan_reason = f.reason
       from json_to_recordset($2) as f (n int, outcome text, becomes text, code text, reason text)
      where i.tenant = engine.tenant() and i.operation_id = $1 and i.n = f.n`,
    [operationId, JSON.stringify(fared)],
  );
  const row = await tx.one<{ left: number }>(
    `select count(*)::int as left from engine.bulk_items where tenant = engine.tenant() and operation_id = $1 and verdict is null`,
    [operationId],
  );
  return row?.left ?? 0;
};

const OPEN = {
  perform: `verdict = 'accepted' and outcome is null`,
  undo: `outcome = 'accepted' and undo_outcome is null`,
};
/** What is done first: some of each state; and what is taken back first: the last. */
const ORDER = { perform: 'row_number() over (partition by version, from_state order by n), n', undo: 'n desc' };

/**
 * The instances that the effect of this key is for. It takes up to `most` when it begins, and those very ones again when it is begun anew;
 * what another one has taken and left is there for all.
 */
export const take = async (
  tx: Tx,
  operationId: string,
  what: 'perform' | 'undo',
  key: string,
  most: number,
): Promise<Item[]> => {
  await tx.run(
    `update engine.bulk_items i set taken_by = $2
       from (select n from engine.bulk_items
              where tenant = engine.tenant() and operation_id = $1 and ${OPEN[what]}
              order by ${ORDER[what]} limit $3) next
      where i.tenant = engine.tenant() and i.operation_id = $1 and i.n = next.n
        and not exists (select from engine.bulk_items t where t.tenant = engine.tenant() and t.operation_id = $1 and t.taken_by = $2)`,
    [operationId, key, most],
  );
  return tx.query(
    `select n, instance_id, from_state, seq from engine.bulk_items
      where tenant = engine.tenant() and operation_id = $1 and taken_by = $2 and ${OPEN[what]} order by ${what === 'undo' ? 'n desc' : 'n'}`,
    [operationId, key],
  );
};

/** Writes down what became of one. */
export const settle = (
  tx: Tx,
  operationId: string,
  what: 'perform' | 'undo',
  { n, outcome, code, reason, seq }: Fared,
): Promise<number> =>
  what === 'perform'
    ? tx.run(
        `update engine.bulk_items set outcome = $3, code = $4, reason = $5, seq = $6, done_at = engine.now()
          where tenant = engine.tenant() and operation_id = $1 and n = $2 and outcome is null`,
        [operationId, n, outcome, code ?? null, reason ?? null, seq ?? null],
      )
    : tx.run(
        `update engine.bulk_items set undo_outcome = $3, undo_code = $4, undo_reason = $5, undone_at = engine.now()
          where tenant = engine.tenant() and operation_id = $1 and n = $2 and undo_outcome is null`,
        [operationId, n, outcome, code ?? null, reason ?? null],
      );

/** Whether the machine still waits for the effect of this key: it does not when it was paused or ended meanwhile. */
export const isWanted = async (tx: Tx, operationId: string, key: string): Promise<boolean> =>
  (await tx.one(
    `select 1 from engine.outbox where tenant = engine.tenant() and instance_id = $1 and key = $2 and cancelled_at is null`,
    [operationId, key],
  )) !== undefined;

/** How many are still to be done, or to be taken back. */
export const countLeft = async (tx: Tx, operationId: string, what: 'perform' | 'undo'): Promise<number> => {
  const row = await tx.one<{ left: number }>(
    `select count(*)::int as left from engine.bulk_items where tenant = engine.tenant() and operation_id = $1 and ${OPEN[what]}`,
    [operationId],
  );
  return row?.left ?? 0;
};

/** How far operations are, by their ids. */
export const countsOf = async (tx: Tx, operationIds: readonly string[]): Promise<Map<string, BulkCounts>> => {
  const rows = await tx.query<BulkCounts & { id: string }>(
    `select operation_id as id, count(*)::int as total, count(verdict)::int as looked,
            count(*) filter (where verdict = 'accepted')::int as acceptable,
            count(*) filter (where outcome = 'accepted')::int as accepted,
            count(*) filter (where outcome = 'refused')::int as refused,
            count(*) filter (where ${OPEN.perform})::int as left,
            count(*) filter (where undo_outcome = 'accepted')::int as undone,
            count(*) filter (where undo_outcome = 'refused')::int as "notUndone"
       from engine.bulk_items where tenant = engine.tenant() and operation_id = any ($1) group by 1`,
    [operationIds],
  );
  return new Map(rows.map(({ id, ...counts }) => [id, counts]));
};

/** Instances that would fare alike, the largest group first. */
export const groupsOf = (tx: Tx, operationId: string): Promise<BulkGroup[]> =>
  tx.query(
    `select version, from_state as from, verdict, becomes, plan_code as code, min(plan_reason) as reason, count(*)::int as count,
            (array_agg(instance_id order by n))[1:${MOST_EXAMPLES}] as examples
       from engine.bulk_items where tenant = engine.tenant() and operation_id = $1 and verdict is not null
      group by version, from_state, verdict, becomes, plan_code order by count desc, version, from_state, code nulls first limit ${MOST_GROUPS}`,
    [operationId],
  );

/** One page, in the order of the selection, behind `after`. */
export const itemsOf = (
  tx: Tx,
  operationId: string,
  { verdict, outcome }: { verdict: string | null; outcome: string | null },
  limit: number,
  after: number,
): Promise<BulkItemView[]> =>
  tx.query(
    `select n, instance_id, version, from_state, verdict, becomes, plan_code, plan_reason, outcome, code, reason, seq, done_at,
            undo_outcome, undo_code, undo_reason, undone_at
       from engine.bulk_items
      where tenant = engine.tenant() and operation_id = $1 and n > $2
        and ($3::text is null or verdict = $3)
        and ($4::text is null or case when $4 = 'open' then ${OPEN.perform} else outcome = $4 end)
      order by n limit $5`,
    [operationId, after, verdict, outcome, limit],
  );
