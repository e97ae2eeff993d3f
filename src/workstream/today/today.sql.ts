/** The panel of today as SQL. One narrow pass over the open items, from indexes alone, finds what comes first; only those rows are fetched. */

/** Orders of the panel (R001-48): priority first, or the older order by badge. */
export const ORDERS = {
  priority: 'priority_score desc, badge_rank, due_date nulls last, last_touch_at desc nulls last, item_type, item_id',
  badge: 'badge_rank, due_date nulls last, last_touch_at desc nulls last, item_type, item_id',
} as const;
export type TodayOrder = keyof typeof ORDERS;

/** `$1` the organisation's day, `$2` owner, `$3` item type, `$4` status or stage, `$5` tier. */
const SCORED = `
  with moment as materialized (select engine.now() as now),
  breach as materialized (
    select b.item_type, b.item_id, min(r.metric) as metric
      from workstream.sla_breaches b join workstream.sla_rules r on r.tenant = b.tenant and r.rule_id = b.rule_id
     where b.tenant = engine.tenant() and b.resolved_at is null
     group by b.item_type, b.item_id),
  candidate_load as (
    select owner_user_id as owner, count(*) as load from workstream.candidates
     where tenant = engine.tenant() and status in ('triaged', 'nurture', 'on_hold') and owner_user_id is not null group by owner_user_id),
  pursuit_load as (
    select capture_lead_id as owner, count(*) as load from workstream.pursuits
     where tenant = engine.tenant() and pursuit_stage in ('qual', 'pink', 'red', 'submit') and capture_lead_id is not null group by capture_lead_id),
  open_candidate as (
    select 'candidate' as item_type, c.candidate_id as item_id, c.status, c.last_touch_at, null::date as due_date, c.owner_user_id, c.candidate_id, b.metric as sla_metric,
           case when b.metric is not null then 0 when m.now - coalesce(c.last_touch_at, c.created_at) > interval '72 hours' then 1 else 2 end as badge_rank,
           workstream.candidate_priority(b.metric is not null, m.now - coalesce(c.last_touch_at, c.created_at), c.value_band, c.status, l.load) as priority_score
      from workstream.candidates c cross join moment m
      left join candidate_load l on l.owner = c.owner_user_id
      left join breach b on b.item_type = 'candidate' and b.item_id = c.candidate_id
     where c.tenant = engine.tenant() and c.status in ('triaged', 'nurture', 'on_hold')
       and ($2::text is null or c.owner_user_id = $2) and ($3::text is null or $3 = 'candidate') and ($4::text is null or c.status = $4)),
  open_pursuit as (
    select 'pursuit' as item_type, p.pursuit_id as item_id, p.pursuit_stage as status, p.last_touch_at, p.due_date, p.capture_lead_id as owner_user_id, p.candidate_id,
           coalesce(b.metric, promised.metric) as sla_metric,
           case when coalesce(b.metric, promised.metric) is not null then 0 when p.due_date < $1::date then 1 else 2 end as badge_rank,
           workstream.pursuit_priority(coalesce(b.metric, promised.metric) is not null, p.due_date - $1::date, p.forecast_value_usd, p.pursuit_stage, p.compliance_score, l.load) as priority_score
      from workstream.pursuits p
      left join pursuit_load l on l.owner = p.capture_lead_id
      left join breach b on b.item_type = 'pursuit' and b.item_id = p.pursuit_id
      -- What was promised for the candidate is the pursuit's to keep: a promoted candidate is not on the panel itself.
      left join breach promised on promised.item_type = 'candidate' and promised.item_id = p.candidate_id
     where p.tenant = engine.tenant() and p.pursuit_stage in ('qual', 'pink', 'red', 'submit')
       and ($2::text is null or p.capture_lead_id = $2) and ($3::text is null or $3 = 'pursuit') and ($4::text is null or p.pursuit_stage = $4)),
  item as (
    select * from (select * from open_candidate union all select * from open_pursuit) i
     where $5::text is null or workstream.priority_tier(priority_score) = $5)`;

/** `$6` how many, `$7` from where. */
export const pageOfToday = (order: TodayOrder): string => `
  ${SCORED},
  top as materialized (select * from item order by ${ORDERS[order]} limit $6 offset $7)
  select t.item_type, t.item_id, (select title from workstream.candidates where tenant = engine.tenant() and candidate_id = t.candidate_id) as label,
         t.status, t.last_touch_at, t.due_date::text as due_date, t.sla_metric, (array['red', 'amber', 'green'])[t.badge_rank + 1] as badge,
         t.priority_score, workstream.priority_tier(t.priority_score) as priority_tier, t.owner_user_id
    from top t
   order by ${ORDERS[order].replaceAll(/\b(priority_score|badge_rank|due_date|last_touch_at|item_type|item_id)\b/g, 't.$1')}`;

/** How many there are altogether. */
export const COUNT_TODAY = `${SCORED} select count(*) as total from item`;
