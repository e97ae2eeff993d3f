import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What deserves attention, and how the pipeline does: the arithmetic, the indexes that make it fast, and views for operators (R001-20, R001-84). */
export class Today1700000000235 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- R001-49. "idle" is how long nobody has touched it, "load" how many open candidates its owner has.
      create function workstream.candidate_priority(is_breached boolean, idle interval, band text, status text, load bigint) returns int
      language sql immutable parallel safe as $$
        select (case when is_breached then 100 when idle > interval '168 hours' then 50 when idle > interval '72 hours' then 25 else 10 end)
             + (case band when 'high' then 30 when 'med' then 15 else 5 end)
             + (case status when 'promoted' then 25 when 'nurture' then 15 when 'triaged' then 10 when 'on_hold' then 5 else 0 end)
             - 2 * coalesce(load, 0)::int
      $$;
      -- R001-50. "days_left" until the due date by the organisation's calendar, negative when it is past.
      create function workstream.pursuit_priority(is_breached boolean, days_left int, value numeric, stage text, compliance numeric, load bigint) returns int
      language sql immutable parallel safe as $$
        select (case when is_breached then 100 when days_left < 0 then 75 when days_left <= 3 then 50 else 20 end)
             + (case when value >= 100000 then 40 when value >= 50000 then 25 when value >= 25000 then 15 else 5 end)
             + (case stage when 'submit' then 35 when 'red' then 25 when 'pink' then 15 when 'qual' then 10 else 0 end)
             + (case when compliance >= 8 then 20 when compliance >= 6 then 10 when compliance >= 4 then 5 else 0 end)
             - 3 * coalesce(load, 0)::int
      $$;
      -- R001-51.
      create function workstream.priority_tier(score int) returns text language sql immutable parallel safe as $$
        select case when score >= 100 then 'critical' when score >= 75 then 'high' when score >= 50 then 'medium' else 'low' end
      $$;

      -- The panel of today reads open items only, and of these nothing but the index: the rows of the page are fetched afterwards.
      create index candidates_open on workstream.candidates (tenant, owner_user_id, last_touch_at)
        include (candidate_id, created_at, value_band, status) where status in ('triaged', 'nurture', 'on_hold');
      create index pursuits_open on workstream.pursuits (tenant, capture_lead_id, due_date)
        include (pursuit_id, candidate_id, pursuit_stage, forecast_value_usd, compliance_score, last_touch_at) where pursuit_stage in ('qual', 'pink', 'red', 'submit');
      create index sla_breaches_of_item on workstream.sla_breaches (tenant, item_type, item_id) include (rule_id) where resolved_at is null;
      -- The orders of the boards.
      create index candidates_left_alone on workstream.candidates (tenant, coalesce(last_touch_at, created_at), candidate_id);
      create index pursuits_by_due_date on workstream.pursuits (tenant, due_date, pursuit_id);
      create index pursuits_closed on workstream.pursuits (tenant, closed_at) include (pursuit_stage, created_at) where closed_at is not null;
    `);
    await this.views(db);
  }

  /** For people with psql and dashboards; every view tells organisations apart by org_id. */
  private async views(db: QueryRunner): Promise<void> {
    const org = (alias: string) =>
      `join workstream.orgs o on o.tenant = ${alias}.tenant and (o.tenant = engine.tenant() or current_user <> 'statewright_app')`;
    await db.query(`
      -- Days begin and end where the organisation is (R001-87).
      create view workstream.org_days as
        select o.tenant, o.org_id, ((select engine.now()) at time zone coalesce(s.value ->> 'zone', 'UTC'))::date as today
          from workstream.orgs o left join engine.settings s on s.tenant = o.tenant and s.area = 'workstream.calendar';

      create view app.v_today_panel as
        with item as (
          select c.tenant, 'candidate' as item_type, c.candidate_id as item_id, c.title as label, c.status, c.last_touch_at, null::date as due_date, c.owner_user_id, b.metric as sla_metric,
                 case when b.metric is not null then 'red' when coalesce(c.last_touch_at, c.created_at) < (select engine.now()) - interval '72 hours' then 'amber' else 'green' end as badge,
                 workstream.candidate_priority(b.metric is not null, (select engine.now()) - coalesce(c.last_touch_at, c.created_at), c.value_band, c.status,
                   case when c.owner_user_id is not null then count(*) over (partition by c.tenant, c.owner_user_id) end) as priority_score
            from workstream.candidates c
            left join lateral (select min(r.metric) as metric from workstream.sla_breaches x join workstream.sla_rules r on r.tenant = x.tenant and r.rule_id = x.rule_id
                                where x.tenant = c.tenant and x.item_type = 'candidate' and x.item_id = c.candidate_id and x.resolved_at is null) b on true
           where c.status in ('triaged', 'nurture', 'on_hold')
          union all
          select p.tenant, 'pursuit', p.pursuit_id, c.title, p.pursuit_stage, p.last_touch_at, p.due_date, p.capture_lead_id, b.metric,
                 case when b.metric is not null then 'red' when p.due_date < d.today then 'amber' else 'green' end,
                 workstream.pursuit_priority(b.metric is not null, p.due_date - d.today, p.forecast_value_usd, p.pursuit_stage, p.compliance_score,
                   case when p.capture_lead_id is not null then count(*) over (partition by p.tenant, p.capture_lead_id) end)
            from workstream.pursuits p
            join workstream.candidates c on c.tenant = p.tenant and c.candidate_id = p.candidate_id
            join workstream.org_days d on d.tenant = p.tenant
            left join lateral (select min(r.metric) as metric from workstream.sla_breaches x join workstream.sla_rules r on r.tenant = x.tenant and r.rule_id = x.rule_id
                                where x.tenant = p.tenant and x.resolved_at is null
                                  and (x.item_type, x.item_id) in (('pursuit', p.pursuit_id), ('candidate', p.candidate_id))) b on true
           where p.pursuit_stage in ('qual', 'pink', 'red', 'submit'))
        select o.org_id, i.item_type, i.item_id, i.label, i.status, i.last_touch_at, i.due_date, i.sla_metric, i.badge, i.priority_score,
               workstream.priority_tier(i.priority_score) as priority_tier, i.owner_user_id
          from item i ${org('i')};

      create view app.v_pursuit_checklist_ready as
        select o.org_id, l.pursuit_id, l.gate, count(*) filter (where l.is_required) as required_items,
               count(*) filter (where l.is_required and (l.is_done or l.waived_at is not null)) as done_items,
               round(100.0 * count(*) filter (where l.is_done or l.waived_at is not null) / count(*), 1) as completion_pct,
               coalesce(bool_and(l.is_done or l.waived_at is not null) filter (where l.is_required), true) as is_ready
          from workstream.checklist_items l ${org('l')} group by o.org_id, l.pursuit_id, l.gate;

      create view app.v_user_workload_analysis as
        select o.org_id, w.owner_user_id, sum(w.candidates)::int as open_candidates, sum(w.pursuits)::int as open_pursuits, sum(w.overdue)::int as overdue_pursuits,
               sum(w.stale)::int as stale_candidates, sum(w.value) as forecast_value_usd
          from (select tenant, owner_user_id, 1 as candidates, 0 as pursuits, 0 as overdue,
                       (coalesce(last_touch_at, created_at) < (select engine.now()) - interval '72 hours')::int as stale, 0::numeric as value
                  from workstream.candidates where status in ('triaged', 'nurture', 'on_hold') and owner_user_id is not null
                union all
                select p.tenant, p.capture_lead_id, 0, 1, coalesce((p.due_date < d.today)::int, 0), 0, coalesce(p.forecast_value_usd, 0)
                  from workstream.pursuits p join workstream.org_days d on d.tenant = p.tenant
                 where p.pursuit_stage in ('qual', 'pink', 'red', 'submit') and p.capture_lead_id is not null) w ${org('w')}
         group by o.org_id, w.owner_user_id;

      create view app.v_workstream_funnel as
        select o.org_id, f.item_type, f.state, f.items
          from (select tenant, 'signal' as item_type, status as state, count(*) as items from workstream.signals group by 1, 3
                union all select tenant, 'candidate', status, count(*) from workstream.candidates group by 1, 3
                union all select tenant, 'pursuit', pursuit_stage, count(*) from workstream.pursuits group by 1, 3) f ${org('f')};

      create view app.v_conversion_funnel as
        select o.org_id, f.signals, f.linked_signals, f.candidates, f.promoted_candidates, f.submitted_pursuits, f.won_pursuits, f.lost_pursuits,
               round(100.0 * f.linked_signals / nullif(f.signals, 0), 2) as signal_to_candidate_pct,
               round(100.0 * f.promoted_candidates / nullif(f.candidates, 0), 2) as candidate_to_pursuit_pct,
               round(100.0 * f.won_pursuits / nullif(f.won_pursuits + f.lost_pursuits, 0), 2) as win_rate_pct
          from (select g.tenant,
                       (select count(*) from workstream.signals s where s.tenant = g.tenant) as signals,
                       (select count(distinct l.signal_id) from workstream.candidate_signals l where l.tenant = g.tenant) as linked_signals,
                       (select count(*) from workstream.candidates c where c.tenant = g.tenant) as candidates,
                       (select count(*) from workstream.candidates c where c.tenant = g.tenant and c.promoted_at is not null) as promoted_candidates,
                       (select count(*) from workstream.pursuits p where p.tenant = g.tenant and p.submitted_at is not null) as submitted_pursuits,
                       (select count(*) from workstream.pursuits p where p.tenant = g.tenant and p.pursuit_stage = 'won') as won_pursuits,
                       (select count(*) from workstream.pursuits p where p.tenant = g.tenant and p.pursuit_stage = 'lost') as lost_pursuits
                  from workstream.orgs g) f ${org('f')};

      create view app.v_pursuit_performance as
        select o.org_id, p.capture_lead_id, count(*) filter (where p.pursuit_stage = 'won') as won, count(*) filter (where p.pursuit_stage = 'lost') as lost,
               round(100.0 * count(*) filter (where p.pursuit_stage = 'won') / nullif(count(*) filter (where p.pursuit_stage in ('won', 'lost')), 0), 2) as win_rate_pct,
               round((avg(extract(epoch from p.closed_at - p.created_at)) filter (where p.closed_at is not null) / 86400)::numeric, 2) as average_days_to_close,
               coalesce(sum(p.forecast_value_usd) filter (where p.pursuit_stage = 'won'), 0) as won_value_usd, coalesce(sum(p.cos_amount), 0) as cost_of_sale
          from workstream.pursuits p ${org('p')} group by o.org_id, p.capture_lead_id;

      create view app.v_workstream_sla as
        select o.org_id, k.clock_id, k.item_type, k.item_id, k.rule_id, k.metric, k.state, k.started_at, k.due_at, k.breached_at, k.ended_at,
               round((extract(epoch from coalesce(k.ended_at, (select engine.now())) - k.started_at) / 3600)::numeric, 2) as elapsed_hours
          from workstream.sla_clocks k ${org('k')};

      create view app.v_sla_summary as
        select o.org_id, k.item_type, k.metric, count(*) filter (where k.state in ('running', 'paused')) as running, count(*) filter (where k.state = 'breached') as open_breaches,
               count(*) filter (where k.state = 'met') as met, count(*) filter (where k.breached_at is not null) as breached,
               round(100.0 * count(*) filter (where k.state = 'met') / nullif(count(*) filter (where k.state = 'met' or k.breached_at is not null), 0), 2) as compliance_pct
          from workstream.sla_clocks k ${org('k')} group by o.org_id, k.item_type, k.metric;

      create view app.v_comms_lag as
        select o.org_id, l.owner_user_id, l.item_type, count(*) as items, round((avg(extract(epoch from l.idle)) / 3600)::numeric, 2) as average_idle_hours,
               round((max(extract(epoch from l.idle)) / 3600)::numeric, 2) as longest_idle_hours
          from (select tenant, owner_user_id, 'candidate' as item_type, (select engine.now()) - coalesce(last_touch_at, created_at) as idle
                  from workstream.candidates where status in ('triaged', 'nurture', 'on_hold')
                union all
                select tenant, capture_lead_id, 'pursuit', (select engine.now()) - last_touch_at from workstream.pursuits where pursuit_stage in ('qual', 'pink', 'red', 'submit')) l ${org('l')}
         group by o.org_id, l.owner_user_id, l.item_type;

      -- Alerts of clocks are work to be done, and spotlights have events too (R001-12, R001-74).
      create or replace view app.work_event as
        select o.id as work_event_id, g.org_id, o.tenant, coalesce(i.keys ->> 'itemType', 'pursuit') as item_type,
               coalesce(i.keys ->> 'pursuitId', i.keys ->> 'itemId')::bigint as item_id,
               coalesce(o.params ->> 'event', 'sla.' || (o.params ->> 'news')) as event_name, o.params as payload_json, o.created_at as happened_at, null::text as actor_user_id,
               case when o.status = 'claimed' then o.claimed_until end as claimed_at, o.claimed_by,
               case when o.status in ('done', 'cancelled') then o.finished_at end as processed_at,
               case when o.status = 'dead' then o.finished_at end as dead_letter_at,
               greatest(o.attempts - 1, 0) as retry_count, 8 as max_attempts, o.next_attempt_at, o.last_error ->> 'message' as last_error,
               o.correlation_id, o.key as dedupe_key, o.created_at
          from engine.outbox o
          join engine.instances i on i.tenant = o.tenant and i.id = o.instance_id
          left join workstream.orgs g on g.tenant = o.tenant
         where o.type in ('workstream.mailProposal', 'workstream.tellTeam', 'workstream.slaAlert') and (o.tenant = engine.tenant() or current_user <> 'statewright_app')
        union all
        select o.id, g.org_id, o.tenant, o.params ->> 'item_type', (o.params ->> 'item_id')::bigint, substr(o.type, 6), o.params -> 'payload',
               o.created_at, o.params ->> 'actor_user_id', null, o.claimed_by, o.finished_at, null, 0, 8, o.next_attempt_at, null,
               o.correlation_id, o.key, o.created_at
          from engine.outbox o
          left join workstream.orgs g on g.tenant = o.tenant
         where o.kind = 'emit' and o.params ->> 'item_type' in ('signal', 'candidate', 'pursuit', 'spotlight')
           and substr(o.type, 6) not in ('pursuit.submit', 'proposal.sent', 'pursuit.won', 'pursuit.lost', 'sla.warned', 'sla.breached')
           and (o.tenant = engine.tenant() or current_user <> 'statewright_app');

      grant select on all tables in schema app to statewright_app, statewright_system;
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      drop view app.v_comms_lag, app.v_sla_summary, app.v_workstream_sla, app.v_pursuit_performance, app.v_conversion_funnel, app.v_workstream_funnel,
                app.v_user_workload_analysis, app.v_pursuit_checklist_ready, app.v_today_panel, workstream.org_days;
      drop index workstream.candidates_open, workstream.pursuits_open, workstream.sla_breaches_of_item, workstream.candidates_left_alone, workstream.pursuits_by_due_date, workstream.pursuits_closed;
      drop function workstream.candidate_priority(boolean, interval, text, text, bigint), workstream.pursuit_priority(boolean, int, numeric, text, numeric, bigint), workstream.priority_tier(int);
    `);
  }
}
