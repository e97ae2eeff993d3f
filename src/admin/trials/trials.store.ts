/** The histories of trials, one row each. */
import type { Retold } from '../../engine/core/retell.js';
import type { Tx } from '../../platform/database.js';
import type { StartTrial, TrialCounts, TrialGroup, TrialItemView } from './trials.dto.js';

const MOST_GROUPS = 100;
const MOST_EXAMPLES = 5;

/** Keeps which histories a trial is about, as far as they have come, the newest instances first. @returns how many */
export const select = (
  tx: Tx,
  trialId: string,
  lifecycle: string,
  { of, status, since, instances }: StartTrial,
): Promise<number> =>
  tx.run(
    `insert into engine.trial_items (tenant, trial_id, n, instance_id, version, revision, recorded_end)
     select engine.tenant(), $1, row_number() over (order by i.created_at desc, i.id desc), i.id, i.version, i.revision, concat_ws('.', i.state, i.phase)
       from (select * from engine.instances i
              where i.tenant = engine.tenant() and i.lifecycle = $2
                and ($3::int is null or i.version = $3) and ($4::text is null or i.status = $4)
                and ($5::timestamptz is null or i.created_at >= $5)
              order by i.created_at desc, i.id desc limit $6) i`,
    [trialId, lifecycle, of ?? null, status ?? null, since ?? null, instances],
  );

/** Those that have not been told yet, the first of them. */
export const untold = (tx: Tx, trialId: string, most: number): Promise<Untold[]> =>
  tx.query(
    `select n, instance_id, revision from engine.trial_items
      where tenant = engine.tenant() and trial_id = $1 and verdict is null order by n limit $2`,
    [trialId, most],
  );

export type Untold = Pick<TrialItemView, 'n' | 'instance_id' | 'revision'>;

/** Writes down what became of them. @returns how many have not been told yet */
export const keep = async (tx: Tx, trialId: string, retold: readonly (Retold & { n: number })[]): Promise<number> => {
  const rows = retold.map((one) =>
    one.verdict === 'unknown' ? one : { ...one, ...one.parting, n: one.n, verdict: one.verdict, end: one.end },
  );
  await tx.run(
    `update engine.trial_items i
        set verdict = r.verdict, candidate_end = r.end, parted_seq = r.seq, parted_event = r.event, parted_from = r.from,
            recorded_to = r.recorded, candidate_to = r.instead, reason = r.reason
       from json_to_recordset($2) as r (n int, verdict text, "end" text, seq bigint, event text, "from" text, recorded text, instead text, reason text)
      where i.tenant = engine.tenant() and i.trial_id = $1 and i.n = r.n`,
    [trialId, JSON.stringify(rows)],
  );
  const left = await tx.one<{ left: number }>(
    `select count(*)::int as left from engine.trial_items where tenant = engine.tenant() and trial_id = $1 and verdict is null`,
    [trialId],
  );
  return left?.left ?? 0;
};

export const countsOf = async (tx: Tx, trialId: string): Promise<TrialCounts> => {
  const row = await tx.one<TrialCounts>(
    `select count(*)::int as total, count(verdict)::int as told,
            count(*) filter (where verdict = 'same')::int as same,
            count(*) filter (where verdict = 'detour')::int as detour,
            count(*) filter (where verdict = 'elsewhere')::int as elsewhere,
            count(*) filter (where verdict = 'unknown')::int as unknown
       from engine.trial_items where tenant = engine.tenant() and trial_id = $1`,
    [trialId],
  );
  if (!row) throw new Error('nothing was counted');
  return row;
};

/** Histories that fare alike and not the same, the largest group first. */
export const groupsOf = (tx: Tx, trialId: string): Promise<TrialGroup[]> =>
  tx.query(
    `select verdict, recorded_end as "end", candidate_end as instead, parted_event as "partedAt", parted_from as "partedIn",
            min(reason) as reason, count(*)::int as count, (array_agg(instance_id order by n))[1:${MOST_EXAMPLES}] as examples
       from engine.trial_items where tenant = engine.tenant() and trial_id = $1 and verdict <> 'same'
      group by verdict, recorded_end, candidate_end, parted_event, parted_from
      order by count desc, verdict, recorded_end, candidate_end, parted_event limit ${MOST_GROUPS}`,
    [trialId],
  );

/** One page, the newest instances first, behind `after`. */
export const itemsOf = (
  tx: Tx,
  trialId: string,
  { verdict, end }: { verdict: string | null; end: string | null },
  limit: number,
  after: number,
): Promise<TrialItemView[]> =>
  tx.query(
    `select n, instance_id, version, revision, recorded_end, verdict, candidate_end, parted_seq, parted_event, parted_from, recorded_to,
            candidate_to, reason
       from engine.trial_items
      where tenant = engine.tenant() and trial_id = $1 and n > $2
        and ($3::text is null or verdict = $3) and ($4::text is null or recorded_end = $4)
      order by n limit $5`,
    [trialId, after, verdict, end, limit],
  );
