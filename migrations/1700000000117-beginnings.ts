import type { MigrationInterface, QueryRunner } from 'typeorm';

const PLANNED = `set plan_cache_mode = 'force_generic_plan' set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off set enable_hashjoin = off set enable_mergejoin = off`;

/**
 * Claims begin where the last one found something. What is over leaves its entry in the index until the table is vacuumed; who began at the
 * beginning went past all of them, 20,000 in 1.7 ms. The functions without a beginning stay for processes of the version before.
 */
export class Beginnings1700000000117 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      alter table engine.timers set (fillfactor = 50);  -- room for what a claim leaves behind, on the same page

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
      grant execute on function engine.claim(text, text[], int[], int[], float8[], int), engine.claim_timers(int, int, float8) to statewright_system;
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      drop function engine.claim_timers(int, int, float8);
      drop function engine.claim(text, text[], int[], int[], float8[], int);
      alter table engine.timers reset (fillfactor);
    `);
  }
}
