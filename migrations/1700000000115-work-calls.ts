import type { MigrationInterface, QueryRunner } from 'typeorm';

const PLANNED = `set plan_cache_mode = 'force_generic_plan' set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off set enable_hashjoin = off set enable_mergejoin = off`;

/**
 * Work that is due is taken, and how effects ended is written down, each in one call for many. A claim changes nothing that an index knows of,
 * so that Postgres updates the row in place of all its index entries: an effect that is claimed stays where it was in the line, and those who
 * claim pass over it until its lease has ended. Claims begin where the last one found something: what is over leaves its entry in the index until
 * the table is vacuumed, and who began at the beginning went past all of them, 20,000 in 1.7 ms.
 */
export class WorkCalls1700000000115 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- Of a database that knew its claims by an index.
      drop index if exists engine.outbox_due, engine.outbox_claimed, engine.outbox_dead, engine.outbox_open;
      drop function if exists engine.claim(text, text[], int[], int[], int), engine.finish(engine.finished[]), engine.claim_timers(int, int);
      drop type if exists engine.finished;

      alter table engine.timers set (fillfactor = 50);  -- room for what a claim leaves behind, on the same page

      -- What of its status indexes may know: a claim does not change it. Null once it has ended well or was called off.
      alter table engine.outbox add column stage text
        generated always as (case when status in ('pending', 'claimed') then 'open' when status = 'dead' then 'dead' end) stored;
      -- By type, so that a backlog of one is not in the way of another.
      create index outbox_due on engine.outbox (type, next_attempt_at, id) where stage = 'open';
      create index outbox_dead on engine.outbox (tenant, id) where stage = 'dead';
      create index outbox_open on engine.outbox (tenant, instance_id, id) where stage is not null;

      -- Takes up to "most" due effects for a worker, of each type up to its room, oldest first, from "froms" on (null: of any age). Every type of
      -- which something is free has a share of them. "next_from" says where the next look may begin: nothing that was due and free then lies before it, unless
      -- it was written later and says that it is older. Leases are those of the type, and run on the database's own clock: what a crashed worker holds is due again
      -- when they have ended, for those who begin at the beginning. Rows are found by an index and changed where they were found, whatever the tables looked like
      -- when the plan was made.
      create function engine.claim(worker text, types text[], rooms int[], leases_ms int[], froms float8[], most int)
        returns table (tenant text, id bigint, instance_id text, kind text, job_id text, type text, params json, key text, compensate text, attempts int, fence bigint,
                       correlation_id text, since float8, next_from float8)
        language plpgsql ${PLANNED} as $$
      declare
        now_ timestamptz;
        clock timestamptz := clock_timestamp();
        wanted record;
        share int;
        taken int;
        free int := most;
        -- Written, but not committed yet: a transaction takes so long at most, as a rule. Others are found by those who begin at the beginning.
        late constant interval := interval '250 milliseconds';
      begin
        perform set_config('role', 'statewright_system', true);
        -- Read once: a time that may change from row to row cannot be looked up in an index.
        now_ := engine.now();
        for wanted in
          select w.type, w.room, w.lease_ms, f.first, count(*) over () - row_number() over () + 1 as types_left
            from unnest(types, rooms, leases_ms, froms) w (type, room, lease_ms, from_ms) cross join lateral (
              select o.next_attempt_at as first from engine.outbox o
               where o.type = w.type and o.stage = 'open' and o.next_attempt_at <= now_ and (o.claimed_until is null or o.claimed_until < clock)
                 and o.next_attempt_at >= coalesce(to_timestamp(w.from_ms / 1000), '-infinity')
               order by o.next_attempt_at limit 1) f
        loop
          share := least(wanted.room, ceil(free / wanted.types_left::float8));
          return query
            with due as (
              select o.ctid as place
                from engine.outbox o
               where o.type = wanted.type and o.stage = 'open' and o.next_attempt_at <= now_ and (o.claimed_until is null or o.claimed_until < clock)
                 and o.next_attempt_at >= wanted.first
                 and not exists (select from engine.instances i where i.tenant = o.tenant and i.id = o.instance_id and i.status in ('paused', 'quarantined'))
                 and (not o.ordered or not exists (
                        select from engine.outbox head
                         where head.tenant = o.tenant and head.instance_id = o.instance_id and head.id < o.id and head.ordered
                           and (head.stage = 'open' or (head.stage = 'dead' and head.kind <> 'compensation' and o.kind <> 'compensation'))))
               order by o.next_attempt_at, o.id
               limit share
                 for no key update of o skip locked)
            update engine.outbox o
               set status = 'claimed', claimed_by = worker, claimed_until = clock + wanted.lease_ms * interval '1 millisecond', fence = o.fence + 1, attempts = o.attempts + 1
              from due where o.ctid = due.place
            returning o.tenant, o.id, o.instance_id, o.kind, o.job_id, o.type, o.params, o.key, o.compensate, o.attempts, o.fence, o.correlation_id,
                      (extract(epoch from o.created_at) * 1000)::float8, floor(extract(epoch from least(wanted.first, now_ - late)) * 1000)::float8;
          get diagnostics taken = row_count;
          free := free - taken;
          exit when free = 0;
        end loop;
      end $$;

      -- Nothing was analyzed so far.
      call engine.expect_few_tenants('engine');

      -- How effects ended that no machine waits for.
      create type engine.finished as (tenant text, id bigint, instance_id text, fence bigint, status text, result json, last_error json, outcome text, request_hash text,
                                      provider text, provider_id text, response_code text, detail text, duration_ms int);

      -- Ends them, each with the receipt of its attempt; a stale fence changes nothing. What is claimed is known by its lease here: with its
      -- status, the planner would go through all claims, or through all that is open, for every row. A limit that it does not know has it
      -- expect few ends, each to be looked up.
      create function engine.finish(ends engine.finished[]) returns void language plpgsql
        set plan_cache_mode = 'force_generic_plan' set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
      declare
        now_ timestamptz;
        clock timestamptz := clock_timestamp();
      begin
        perform set_config('role', 'statewright_system', true);
        now_ := engine.now();
        insert into engine.attempts (tenant, outbox_id, attempt, instance_id, request_hash, outcome, provider, provider_id, response_code, detail, started_at, duration_ms)
        select e.tenant, e.id, e.fence, e.instance_id, e.request_hash, e.outcome, e.provider, e.provider_id, e.response_code, e.detail,
               clock - e.duration_ms * interval '1 millisecond', e.duration_ms
          from unnest(ends) e on conflict do nothing;
        update engine.outbox o
           set status = e.status, result = e.result, last_error = e.last_error::jsonb, claimed_by = null, claimed_until = null, finished_at = now_
          from (select * from unnest(ends) limit cardinality(ends)) e
         where o.tenant = e.tenant and o.id = e.id and o.instance_id = e.instance_id and o.fence = e.fence and o.claimed_until is not null;
      end $$;

      -- Takes up to "most" due timers for a while (database clock), in the order in which they fell due, those of one instant in the order in
      -- which they were armed; from "from_ms" on (null: of any age). "next_from" as with effects.
      create function engine.claim_timers(most int, lease_ms int, from_ms float8)
        returns table (tenant text, instance_id text, timer_id text, generation bigint, attempts int, event json, next_from float8)
        language plpgsql ${PLANNED} as $$
      declare
        now_ timestamptz;
        clock timestamptz := clock_timestamp();
        first timestamptz;
        late constant interval := interval '250 milliseconds';
      begin
        perform set_config('role', 'statewright_system', true);
        now_ := engine.now();
        select t.due_at into first from engine.timers t
         where t.fired_at is null and t.due_at <= now_ and (t.retry_at is null or t.retry_at <= clock) and t.due_at >= coalesce(to_timestamp(from_ms / 1000), '-infinity')
         order by t.due_at limit 1;
        if first is null then
          return;
        end if;
        return query
          with due as (
            select t.ctid as place
              from engine.timers t
             where t.fired_at is null and t.due_at <= now_ and (t.retry_at is null or t.retry_at <= clock) and t.due_at >= first
               and not exists (select from engine.instances i where i.tenant = t.tenant and i.id = t.instance_id and i.status in ('paused', 'quarantined'))
             order by t.due_at, t.id
             limit most
               for update of t skip locked),
          taken as (
            update engine.timers t set retry_at = clock + lease_ms * interval '1 millisecond', attempts = t.attempts + 1
              from due where t.ctid = due.place
            returning t.*)
          select t.tenant, t.instance_id, t.timer_id, t.generation, t.attempts, t.event, floor(extract(epoch from least(first, now_ - late)) * 1000)::float8
            from taken t order by t.due_at, t.id;
      end $$;

      grant execute on function engine.claim(text, text[], int[], int[], float8[], int), engine.finish(engine.finished[]), engine.claim_timers(int, int, float8) to statewright_system;
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      drop function engine.claim_timers(int, int, float8);
      drop function engine.finish(engine.finished[]);
      drop type engine.finished;
      drop function engine.claim(text, text[], int[], int[], float8[], int);
      alter table engine.timers reset (fillfactor);
      drop index engine.outbox_due, engine.outbox_dead, engine.outbox_open;
      alter table engine.outbox drop column stage;
    `);
  }
}
