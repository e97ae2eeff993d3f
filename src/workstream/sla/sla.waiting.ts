/** What items of the pipeline wait for, and the clocks they have: the one description that transitions and the hourly look share. */
import type { ItemType } from '../../../machines/sla.js';
import type { Tx } from '../../platform/database.js';
import type { Running, Waiting } from './sla.plan.js';

/** An item with what it waits for and the clocks it has. */
export interface ItemClocks {
  item_id: number;
  waiting: Waiting[];
  running: Running[];
}

/**
 * One item. Its transactions come one after the other here, whoever looks at it; a new one has no rivals, and hundreds of them may come
 * in one transaction, which would take as many places in the database's table of locks.
 */
export async function ofItem(tx: Tx, itemType: ItemType, itemId: number, isNew: boolean): Promise<ItemClocks> {
  if (!isNew)
    await tx.run(`select pg_advisory_xact_lock(hashtextextended($1, 0))`, [`sla:${tx.tenant}:${itemType}:${itemId}`]);
  const [item] = await inRange(tx, itemType, itemId, itemId);
  return item ?? { item_id: itemId, waiting: [], running: [] };
}

/** Items with ids from `first` to `last` that wait for something or have a clock. */
export const inRange = (tx: Tx, itemType: ItemType, first: number, last: number): Promise<ItemClocks[]> =>
  tx.query<ItemClocks>(
    `with wanted as (
       select w.item_id, json_build_object('metric', w.metric, 'stage', w.stage, 'since', ${milliseconds('w.since')}, 'at_stage', w.at_stage, 'owner_id', w.owner_id,
                'rule_id', r.rule_id, 'threshold_hrs', r.threshold_hrs, 'clock', r.clock, 'warn_pct', r.warn_pct, 'revision', r.revision, 'pause_stages', r.pause_stages) as wish
         from (${WAITING[itemType]}) w
         left join workstream.sla_rules r
           on r.tenant = engine.tenant() and r.item_type = $1 and r.metric = w.metric and r.stage is not distinct from w.stage
          and r.is_active and coalesce(r.active_from, '-infinity') <= engine.now() and coalesce(r.active_to, 'infinity') > engine.now()),
     clocks as (
       select k.item_id, json_build_object('workflow_instance_id', k.workflow_instance_id, 'rule_id', k.rule_id, 'metric', k.metric, 'stage', r.stage, 'state', k.state,
                'reason', k.reason, 'started_at', ${milliseconds('k.started_at')}, 'rule_revision', k.rule_revision, 'calendar', k.calendar) as clock
         from workstream.sla_clocks k
         join workstream.sla_rules r on r.tenant = k.tenant and r.rule_id = k.rule_id
        where k.tenant = engine.tenant() and k.item_type = $1 and k.item_id between $2 and $3 and k.ended_at is null)
     select item_id, coalesce(json_agg(wish) filter (where wish is not null), '[]') as waiting,
            coalesce(json_agg(clock) filter (where clock is not null), '[]') as running
       from (select item_id, wish, null::json as clock from wanted union all select item_id, null, clock from clocks) item
      group by item_id order by item_id`,
    [itemType, first, last],
  );

/** The id of the last of the next `count` items behind `after`; undefined when there are none. */
export const endOfChunk = async (
  tx: Tx,
  itemType: ItemType,
  after: number,
  count: number,
): Promise<number | undefined> => {
  const { table, key } = SOURCE[itemType];
  const row = await tx.one<{ last: number | null }>(
    `select max(id) as last from (select ${key} as id from ${table} where tenant = engine.tenant() and ${key} > $1 order by ${key} limit $2) chunk`,
    [after, count],
  );
  return row?.last ?? undefined;
};

/** How many items there are. */
export const countItems = async (tx: Tx): Promise<number> => {
  const row = await tx.one<{ total: number }>(
    `select ${Object.values(SOURCE)
      .map(({ table }) => `(select count(*) from ${table} where tenant = engine.tenant())`)
      .join(' + ')} as total`,
  );
  return row?.total ?? 0;
};

const milliseconds = (moment: string): string => `(extract(epoch from ${moment}) * 1000)::float8`;

const SOURCE: Readonly<Record<ItemType, { table: string; key: string }>> = {
  signal: { table: 'workstream.signals', key: 'signal_id' },
  candidate: { table: 'workstream.candidates', key: 'candidate_id' },
  pursuit: { table: 'workstream.pursuits', key: 'pursuit_id' },
};

/** When a state was entered: the history knows, and staying in it by an event is not entering it. */
const enteredAt = (item: string, state: string): string =>
  `coalesce((select max(h.at) from engine.history h where h.tenant = ${item}.tenant and h.instance_id = ${item}.workflow_instance_id
                and h.to_state = ${state} and h.from_state is distinct from h.to_state), ${item}.created_at)`;

/**
 * triage_sla    until the first touch: an owner or a candidate (R001-56)
 * proposal_sla  from the promotion to the submission (R001-54, R001-60)
 * response_sla  from the sending of the newest proposal that is not void to an answer (R001-59, R001-60)
 * stage_sla     as long as the item stays where it is
 */
const WAITING: Readonly<Record<ItemType, string>> = {
  signal: `
    select s.signal_id as item_id, 'triage_sla' as metric, null::text as stage, s.created_at as since, s.status as at_stage, s.owner_user_id as owner_id
      from workstream.signals s
     where s.tenant = engine.tenant() and s.signal_id between $2 and $3 and s.first_touch_at is null and s.owner_user_id is null
       and not exists (select from workstream.candidate_signals l where l.tenant = s.tenant and l.signal_id = s.signal_id)
       and exists (select from engine.instances i where i.tenant = s.tenant and i.id = s.workflow_instance_id and i.status not in ('done', 'failed'))`,
  candidate: `
    select c.candidate_id as item_id, 'proposal_sla' as metric, null::text as stage, c.promoted_at as since,
           coalesce(p.pursuit_stage, 'qual') as at_stage, coalesce(p.capture_lead_id, c.owner_user_id) as owner_id
      from workstream.candidates c
      left join workstream.pursuits p on p.tenant = c.tenant and p.candidate_id = c.candidate_id
     where c.tenant = engine.tenant() and c.candidate_id between $2 and $3 and c.status = 'promoted' and c.promoted_at is not null
       and coalesce(p.pursuit_stage, 'qual') in ('qual', 'pink', 'red')
    union all
    select c.candidate_id, 'stage_sla', c.status, ${enteredAt('c', 'c.status')}, c.status, c.owner_user_id
      from workstream.candidates c
     where c.tenant = engine.tenant() and c.candidate_id between $2 and $3 and c.status in ('new', 'triaged', 'nurture', 'on_hold')
       and exists (select from workstream.sla_rules r where r.tenant = c.tenant and r.item_type = 'candidate' and r.metric = 'stage_sla' and r.stage = c.status)`,
  pursuit: `
    select p.pursuit_id as item_id, 'response_sla' as metric, null::text as stage, p.sent_at as since, p.pursuit_stage as at_stage, p.capture_lead_id as owner_id
      from (select p.*, case when o.sent is null then p.submitted_at else o.counting end as sent_at
              from workstream.pursuits p,
                   lateral (select max(sent_at) as sent, max(sent_at) filter (where status in ('sent', 'signed')) as counting from workstream.proposals o
                             where o.tenant = p.tenant and o.pursuit_id = p.pursuit_id) o
             where p.tenant = engine.tenant() and p.pursuit_id between $2 and $3 and p.pursuit_stage = 'submit') p
     where p.sent_at is not null
       and not exists (select from workstream.pursuit_responses r where r.tenant = p.tenant and r.pursuit_id = p.pursuit_id and r.received_at >= p.sent_at)
    union all
    select p.pursuit_id, 'stage_sla', p.pursuit_stage, ${enteredAt('p', 'p.pursuit_stage')}, p.pursuit_stage, p.capture_lead_id
      from workstream.pursuits p
     where p.tenant = engine.tenant() and p.pursuit_id between $2 and $3 and p.pursuit_stage in ('qual', 'pink', 'red', 'submit')
       and exists (select from workstream.sla_rules r where r.tenant = p.tenant and r.item_type = 'pursuit' and r.metric = 'stage_sla' and r.stage = p.pursuit_stage)`,
};
