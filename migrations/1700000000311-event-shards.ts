import type { MigrationInterface, QueryRunner } from 'typeorm';

const PLANNED = `set plan_cache_mode = 'force_generic_plan' set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off set enable_hashjoin = off set enable_mergejoin = off`;

/**
 * Events that are counted in one call are counted in one shard, that of one of them (R003-20). By a shard for each event, ten events had
 * touched fourteen counters, and two calls at once nearly always had to wait for each other's commit.
 */
export class EventShards1700000000311 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- Adds the same changes for each of these events.
      create function events.add_all(event_ids text[], per_event events.change[]) returns void language sql ${PLANNED} as $$
        select events.add(array_agg((c.key, hashtext(event_ids[1]) & 15, c.delta * cardinality(event_ids))::events.change)) from unnest(per_event) c
         where cardinality(event_ids) > 0
      $$;

      -- Counts those that are not counted yet.
      create or replace function events.count(event_ids text[]) returns void language plpgsql ${PLANNED} as $$
      declare
        now_ constant timestamptz := engine.now();
        who constant text := engine.tenant();
        plenty constant int := 2147483647;
        fresh text[];
      begin
        with marked as (
          update events.events e set counted_at = now_
            from (select e.place from unnest(event_ids) g (event_id) cross join lateral (
                    select e.ctid as place from events.events e
                     where e.tenant = who and e.event_id = g.event_id for no key update of e) e limit plenty) g
           where e.ctid = g.place and e.counted_at is null
          returning e.event_id)
        select array_agg(marked.event_id) into fresh from marked;
        perform events.add_all(fresh, array[('total', 0, 1), ('pending', 0, 1)]::events.change[]);
      end $$;

      -- Marks those delivered that are pending, each for the run that is responsible for it, and answers all that there are.
      create or replace function events.deliver(given json) returns table (event_id text, status text, instance_id text, is_new boolean) language plpgsql ${PLANNED} as $$
      #variable_conflict use_column
      declare
        now_ constant timestamptz := engine.now();
        who constant text := engine.tenant();
        plenty constant int := 2147483647;
        fresh text[];
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
        perform events.add_all(fresh, array[('pending', 0, -1), ('delivered', 0, 1)]::events.change[]);
        return query
          select e.event_id, e.status, e.instance_id, e.event_id = any(coalesce(fresh, '{}'))
            from json_to_recordset(given) as g (event_id text) cross join lateral (
              select e.event_id, e.status, e.instance_id from events.events e where e.tenant = who and e.event_id = g.event_id limit 1) e;
      end $$;
    `);
  }

  async down(): Promise<void> {
    // The functions as they are now mean what those before them meant.
  }
}
