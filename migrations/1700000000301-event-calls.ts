import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Planned once, maybe while the tables are empty: what is looked up behind "lateral" is looked up row by row, whatever the planner believes. */
const PLANNED = `set plan_cache_mode = 'force_generic_plan' set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set enable_bitmapscan = off`;

/** The steps of events, each one call for many; and the history of figures (R003-37, R003-46). */
export class EventCalls1700000000301 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      call engine.expect_few_tenants('events');

      create type events.change as (key text, shard int, delta bigint);

      -- Adds to the counters. Rows are taken in the same order by everybody, so that nobody waits in a circle.
      create function events.add(changes events.change[]) returns void language sql ${PLANNED} as $$
        insert into events.metric_counters as c (tenant, key, shard, value, updated_at)
        select engine.tenant(), 'metrics:events:' || key, shard, sum(delta), engine.now() from unnest(changes) group by key, shard order by 2, shard
        on conflict (tenant, key, shard) do update set value = c.value + excluded.value, updated_at = excluded.updated_at
      $$;

      -- Gives events their rows and answers all of them; one that has a row keeps it.
      create function events.store(given json) returns table (event_id text, status text, stored_at timestamptz, payload_hash text) language plpgsql ${PLANNED} as $$
      #variable_conflict use_column
      declare
        now_ timestamptz := engine.now();
        who constant text := engine.tenant();
      begin
        insert into events.events (tenant, event_id, instance_id, payload, metadata, status, created_at, updated_at, stored_at, retry_count, correlation_id, payload_hash)
        select who, g.event_id, g.instance_id, g.payload, g.metadata, 'pending', case when g."timestamp" > now_ + interval '5 minutes' then now_ else g."timestamp" end,
               now_, now_, g.retry_attempt, g.correlation_id, g.payload_hash
          from json_to_recordset(given) as g (event_id text, instance_id text, payload json, metadata json, "timestamp" timestamptz, retry_attempt int,
                                              correlation_id text, payload_hash text)
         order by g.event_id
        on conflict do nothing;
        return query
          select e.* from json_to_recordset(given) as g (event_id text) cross join lateral (
            select e.event_id, e.status, e.stored_at, e.payload_hash from events.events e where e.tenant = who and e.event_id = g.event_id limit 1) e;
      end $$;

      -- Counts those that are not counted yet.
      create function events.count(event_ids text[]) returns void language plpgsql ${PLANNED} as $$
      declare
        now_ constant timestamptz := engine.now();
        who constant text := engine.tenant();
        plenty constant int := 2147483647;
        changes events.change[];
      begin
        with marked as (
          update events.events e set counted_at = now_
            from (select e.place from unnest(event_ids) g (event_id) cross join lateral (
                    select e.ctid as place from events.events e
                     where e.tenant = who and e.event_id = g.event_id for no key update of e) e limit plenty) g
           where e.ctid = g.place and e.counted_at is null
          returning e.event_id)
        select array_agg((key, hashtext(event_id) & 15, 1)::events.change) into changes from marked, (values ('total'), ('pending')) keys (key);
        perform events.add(changes);
      end $$;

      -- Marks those delivered that are pending, each for the run that is responsible for it, and answers all that there are.
      create function events.deliver(given json) returns table (event_id text, status text, instance_id text, is_new boolean) language plpgsql ${PLANNED} as $$
      #variable_conflict use_column
      declare
        now_ constant timestamptz := engine.now();
        who constant text := engine.tenant();
        plenty constant int := 2147483647;
        fresh text[];
        changes events.change[];
      begin
        with marked as (
          update events.events e
             set status = 'delivered', updated_at = now_, processing_ms = least(2147483647, greatest(0, extract(epoch from now_) * 1000 - g.since))::int
            from (select e.place, g.since from (select * from json_to_recordset(given) as g (event_id text, instance_id text, since float8) limit plenty) g cross join lateral (
                    select e.ctid as place from events.events e
                     where e.tenant = who and e.event_id = g.event_id and e.instance_id = g.instance_id for no key update of e) e
                   limit plenty) g
           where e.ctid = g.place and e.status = 'pending'
          returning e.event_id)
        select array_agg(marked.event_id) into fresh from marked;
        select array_agg((key, hashtext(id) & 15, delta)::events.change) into changes from unnest(fresh) id, (values ('pending', -1), ('delivered', 1)) keys (key, delta);
        perform events.add(changes);
        return query
          select e.event_id, e.status, e.instance_id, e.event_id = any(coalesce(fresh, '{}'))
            from json_to_recordset(given) as g (event_id text) cross join lateral (
              select e.event_id, e.status, e.instance_id from events.events e where e.tenant = who and e.event_id = g.event_id limit 1) e;
      end $$;

      -- What was measured, by process, every 30 seconds.
      create table events.metrics_history (
        tenant text not null,
        metric_id bigint generated always as identity,
        metric_type text not null,
        endpoint text not null,               -- the route, or the pipeline itself
        value float8 not null,
        unit text not null,
        "timestamp" timestamptz not null,
        data_points int not null,
        confidence float8 not null check (confidence between 0 and 1),
        primary key (tenant, metric_id)
      );
      create index metrics_history_time on events.metrics_history (tenant, "timestamp", metric_id);
      create index metrics_history_age on events.metrics_history ("timestamp");
      call engine.isolate('events.metrics_history', 'select', 'select, insert, delete');
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(
      `drop table events.metrics_history; drop function events.deliver(json), events.count(text[]), events.store(json), events.add(events.change[]); drop type events.change`,
    );
  }
}
