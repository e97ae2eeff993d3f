import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The write side of many transitions in one call: each is decided on a version of its instance, and written if that is still the one. What
 * comes alone is written by plain statements, which takes two thirds of the time. A session plans this function once, maybe while a table is
 * still empty; then reading all rows of a tenant counts as cheap as looking one up. A lookup behind `lateral` can only be made row by row, whatever
 * the planner believes, and a limit that it does not know has it expect few rows to change, each found again by its place. Rows are written straight
 * from what was handed over: looking a step up by its number costs a walk through all steps before it, for each of its columns. Nothing is filtered
 * as long as nothing is left out.
 */
export class Steps1700000000116 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- Of a database that knew them by another shape.
      drop function if exists engine.advance;
      drop type if exists engine.unwanted, engine.armed, engine.wanted, engine.ended, engine.fired, engine.step;

      -- What an event costs is mostly its entries in indexes. A key has one in engine.idempotency, in the same transaction; and what nobody
      -- waits for, and nothing waits behind, is never looked up by its instance.
      drop index engine.history_idempotency, engine.outbox_open;
      create index outbox_open on engine.outbox (tenant, instance_id, id) where stage is not null and (job_id is not null or ordered or kind = 'compensation');

      -- One decided step. "version" is the row version (xmin) of the instance that it was decided on: whatever changed the row since, it is another.
      create type engine.step as (
        n int, id text, version text, seq bigint, status text, state text, phase text, tags text[], snapshot json,
        kind text, type text, payload json, facts json, from_state text, actor text, roles text[], cause text, correlation_id text,
        idempotency_key text, request_hash text, answer json, at timestamptz, hash text, prev_hash text
      );
      -- What belongs to step n: what it consumes, what it wants done, what it wants no more. What is written from these alone says of its step what is needed.
      create type engine.fired as (n int, timer_id text, generation bigint);
      create type engine.ended as (n int, effect_id bigint, fence bigint, status text, result json, last_error json, outcome text, request_hash text,
                                   provider text, provider_id text, response_code text, detail text, duration_ms int);
      create type engine.wanted as (n int, instance_id text, seq bigint, at timestamptz, correlation_id text, over boolean,
                                    idx int, kind text, job text, type text, params json, compensate text, ordered boolean);
      create type engine.armed as (n int, instance_id text, seq bigint, at timestamptz, id text, delay float8, event json);
      create type engine.unwanted as (n int, job boolean, id text);

      -- What every step leaves behind: its row in the history, its timers, its effects.
      create function engine.write_down(who text, now_ timestamptz, steps engine.step[], wanted engine.wanted[], armed engine.armed[])
        returns void language plpgsql set plan_cache_mode = 'force_generic_plan' as $$
      begin
        insert into engine.history (tenant, instance_id, seq, kind, type, payload, facts, from_state, to_state, phase, actor, roles, cause, correlation_id, idempotency_key, at, hash, prev_hash)
        select who, s.id, s.seq, s.kind, s.type, s.payload, s.facts, s.from_state, s.state, s.phase, s.actor, s.roles, s.cause, s.correlation_id, s.idempotency_key,
               s.at, s.hash, s.prev_hash
          from unnest(steps) s;

        if armed is not null then
          insert into engine.timers (tenant, instance_id, timer_id, generation, due_at, event)
          select who, a.instance_id, a.id, a.seq, a.at + a.delay * interval '1 millisecond', a.event from unnest(armed) a;
        end if;

        if wanted is not null then
          -- A domain event is done once it is written: whoever wants it reads it from here. A job of an instance that ends here is wanted by nobody.
          insert into engine.outbox (tenant, instance_id, seq, idx, kind, job_id, type, params, key, compensate, ordered, status, cancelled_at, finished_at, next_attempt_at, correlation_id, created_at)
          select who, w.instance_id, w.seq, w.idx, w.kind, w.job, w.type, coalesce(w.params, 'null'), who || ':' || w.instance_id || ':' || w.seq || ':' || w.idx, w.compensate, w.ordered,
                 case when w.kind = 'emit' then 'done' when w.kind = 'job' and w.over then 'cancelled' else 'pending' end,
                 case when w.kind = 'job' and w.over then now_ end, case when w.kind = 'emit' or w.kind = 'job' and w.over then now_ end, w.at, w.correlation_id, w.at
            from unnest(wanted) w;
        end if;
      end $$;

      -- Writes what can still be written and answers what could not: "answered" (the key has its answer), "gone" (the timer or effect that
      -- caused it is no more), "again" (the instance or the clock is not what it was, or somebody holds the instance). It waits for no
      -- instance: rows that others hold are left out, so that one of them cannot hold up its neighbours, and two calls cannot block each other.
      create function engine.advance(who text, ahead_ bigint, steps_ engine.step[], fired_ engine.fired[], ended_ engine.ended[],
                                                wanted_ engine.wanted[], armed_ engine.armed[], unwanted_ engine.unwanted[], over_ boolean)
        returns json
        language plpgsql set plan_cache_mode = 'force_generic_plan' set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set enable_bitmapscan = off as $$
      declare
        ahead bigint;
        now_ timestamptz;
        total constant int := cardinality(steps_);
        -- What is left of what was asked, and the places of its instances.
        steps engine.step[] := steps_;
        fired engine.fired[] := fired_;
        ended engine.ended[] := ended_;
        wanted engine.wanted[] := wanted_;
        armed engine.armed[] := armed_;
        unwanted engine.unwanted[] := unwanted_;
        places tid[];
        -- Numbers of the steps that can be written, and of those that cannot although their instance is as it was.
        go int[];
        taken int[];
        kept int;
        answered int[] := '{}';
        gone int[] := '{}';
        -- A step that comes alone, consumes nothing and ends nothing is written by plain statements: a third less work than by sets of one.
        alone constant boolean := cardinality(steps_) = 1 and fired_ is null and ended_ is null and unwanted_ is null and not over_;
        one engine.step := steps_[1];
        item engine.wanted;
        at_ timestamptz := one.at;
        left_out json;
        -- A decision older than this was made on a time that has gone by.
        patience constant interval := interval '1 second';
        -- A limit that the planner does not know: it expects a tenth of what it would expect without.
        plenty constant int := 2147483647;
      begin
        -- As engine.enter does it, which would cost a call.
        if who !~ '^[a-z0-9][a-z0-9_-]{0,62}$' then
          raise exception 'malformed tenant name' using errcode = 'invalid_parameter_value';
        end if;
        perform set_config('role', 'statewright_app', true), set_config('engine.tenant', who, true);
        select c.offset_ms into ahead from engine.clock c;
        now_ := date_trunc('milliseconds', clock_timestamp()) + ahead * interval '1 millisecond';
        if alone and ahead = ahead_ then
          perform from engine.instances i
            where i.tenant = who and i.id = one.id and i.xmin = one.version::xid and i.revision = one.seq - 1 and i.head_hash = one.prev_hash
              and at_ between greatest(now_ - patience, i.updated_at) and greatest(now_, i.updated_at)
              for no key update of i skip locked;
          if found then
            if one.idempotency_key is not null then
              insert into engine.idempotency (tenant, scope, key, request_hash, answer)
              values (who, one.id, one.idempotency_key, one.request_hash, one.answer) on conflict do nothing;
              if not found then
                answered := array[one.n];
              end if;
            end if;
            if cardinality(answered) = 0 then
              go := array[one.n];
              update engine.instances i
                 set status = one.status, state = one.state, phase = one.phase, tags = one.tags, snapshot = one.snapshot, revision = one.seq, head_hash = one.hash,
                     updated_at = at_
               where i.tenant = who and i.id = one.id;
              insert into engine.history (tenant, instance_id, seq, kind, type, payload, facts, from_state, to_state, phase, actor, roles, cause, correlation_id, idempotency_key, at, hash, prev_hash)
              values (who, one.id, one.seq, one.kind, one.type, one.payload, one.facts, one.from_state, one.state, one.phase, one.actor, one.roles, one.cause, one.correlation_id, one.idempotency_key,
                      at_, one.hash, one.prev_hash);
              if armed_ is not null then
                insert into engine.timers (tenant, instance_id, timer_id, generation, due_at, event)
                select who, one.id, a.id, one.seq, at_ + a.delay * interval '1 millisecond', a.event from unnest(armed_) a;
              end if;
              if wanted_ is not null then
                foreach item in array wanted_ loop
                  insert into engine.outbox (tenant, instance_id, seq, idx, kind, job_id, type, params, key, compensate, ordered, status, finished_at, next_attempt_at, correlation_id, created_at)
                  values (who, one.id, one.seq, item.idx, item.kind, item.job, item.type, coalesce(item.params, 'null'), who || ':' || one.id || ':' || one.seq || ':' || item.idx, item.compensate, item.ordered,
                          case when item.kind = 'emit' then 'done' else 'pending' end, case when item.kind = 'emit' then now_ end, at_, one.correlation_id, at_);
                end loop;
              end if;
            end if;
          end if;
        elsif ahead = ahead_ then
          select array_agg(held.n order by held.n), array_agg(held.place order by held.n) into go, places from (
            select s.n, i.place from unnest(steps) s cross join lateral (
              select i.ctid as place from engine.instances i
               where i.tenant = who and i.id = s.id and i.xmin = s.version::xid and i.revision = s.seq - 1 and i.head_hash = s.prev_hash
                 and s.at between greatest(now_ - patience, i.updated_at) and greatest(now_, i.updated_at)
                 for no key update of i skip locked) i) held;
        end if;

        if go is not null and not alone then
          if cardinality(go) < total then
            select array_agg(s order by s.n) into steps from unnest(steps_) s where s.n = any(go);
            select array_agg(f) into fired from unnest(fired_) f where f.n = any(go);
            select array_agg(e) into ended from unnest(ended_) e where e.n = any(go);
          end if;

          insert into engine.idempotency (tenant, scope, key, request_hash, answer)
          select who, s.id, s.idempotency_key, s.request_hash, s.answer from unnest(steps) s where s.idempotency_key is not null on conflict do nothing;
          get diagnostics kept = row_count;
          if kept < cardinality(steps) then
            -- Who has no key, or one that another transaction than this one has written.
            select coalesce(array_agg(s.n), '{}') into answered
              from unnest(steps) s cross join lateral (
                select from engine.idempotency k
                 where k.tenant = who and k.scope = s.id and k.key = s.idempotency_key and k.xmin <> pg_current_xact_id()::xid limit 1) k;
          end if;

          if fired is not null then
            with consumed as (
              update engine.timers t set fired_at = now_
                from (select f.n, t.place from unnest(fired) f cross join lateral (
                        select t.ctid as place from engine.timers t
                         where t.tenant = who and t.instance_id = (steps_[f.n + 1]).id and t.timer_id = f.timer_id and t.generation = f.generation
                           and t.fired_at is null and t.due_at <= now_ for no key update of t) t limit plenty) due
               where t.ctid = due.place
              returning due.n)
            select array_agg(n) into taken from consumed;
            select gone || coalesce(array_agg(f.n), '{}') into gone from unnest(fired) f where not f.n = any(coalesce(taken, '{}'));
          end if;

          if ended is not null then
            with consumed as (
              update engine.outbox o
                 set status = e.status, result = coalesce(e.result, 'null'), last_error = e.last_error::jsonb, claimed_by = null, claimed_until = null, finished_at = now_
                from (select e.*, o.place, o.instance_id from unnest(ended) e cross join lateral (
                        select o.ctid as place, o.instance_id from engine.outbox o
                         where o.tenant = who and o.id = e.effect_id and o.instance_id = (steps_[e.n + 1]).id and o.fence = e.fence
                           and o.claimed_until is not null and o.cancelled_at is null for no key update of o) o limit plenty) e
               where o.ctid = e.place
              returning e.n, e.effect_id, e.instance_id, e.fence, e.outcome, e.request_hash, e.provider, e.provider_id, e.response_code, e.detail, e.duration_ms),
            receipts as (
              insert into engine.attempts (tenant, outbox_id, attempt, instance_id, request_hash, outcome, provider, provider_id, response_code, detail, started_at, duration_ms)
              select who, c.effect_id, c.fence, c.instance_id, c.request_hash, c.outcome, c.provider, c.provider_id, c.response_code, c.detail,
                     clock_timestamp() - c.duration_ms * interval '1 millisecond', c.duration_ms
                from consumed c on conflict do nothing)
            select array_agg(n) into taken from consumed;
            select gone || coalesce(array_agg(e.n), '{}') into gone from unnest(ended) e where not e.n = any(coalesce(taken, '{}'));
          end if;

          if cardinality(go) < total or cardinality(answered) + cardinality(gone) > 0 then
            select array_agg(g.n order by g.n), array_agg(g.place order by g.n) into go, places from unnest(go, places) g (n, place)
             where not g.n = any(answered) and not g.n = any(gone);
            select array_agg(s order by s.n) into steps from unnest(steps_) s where s.n = any(go);
            select array_agg(w) into wanted from unnest(wanted_) w where w.n = any(go);
            select array_agg(a) into armed from unnest(armed_) a where a.n = any(go);
            select array_agg(u) into unwanted from unnest(unwanted_) u where u.n = any(go);
          end if;
        end if;

        if go is not null and not alone then
          update engine.instances i
             set status = s.status, state = s.state, phase = s.phase, tags = s.tags, snapshot = s.snapshot, revision = s.seq, head_hash = s.hash, updated_at = s.at
            from (select s.* from unnest(steps, places) s limit plenty) s
           where i.ctid = s."unnest";

          if unwanted is not null then
            delete from engine.timers t
             using (select t.place from unnest(unwanted) u cross join lateral (
                      select t.ctid as place from engine.timers t
                       where t.tenant = who and t.instance_id = (steps_[u.n + 1]).id and t.timer_id = u.id and t.fired_at is null for update of t) t
                     where not u.job limit plenty) due
             where t.ctid = due.place;
            -- What was ever begun is seen through, because what it did in the world may have to be undone. Claims are counted for ever, tries anew after a revival.
            update engine.outbox o
               set cancelled_at = now_, status = case when o.status = 'pending' and o.fence = 0 then 'cancelled' else o.status end,
                   finished_at = case when o.status = 'pending' and o.fence = 0 then now_ end
              from (select o.place from unnest(unwanted) u cross join lateral (
                      select o.ctid as place from engine.outbox o
                       where o.tenant = who and o.instance_id = (steps_[u.n + 1]).id and o.job_id = u.id
                         and o.stage is not null and o.status in ('pending', 'claimed') and o.cancelled_at is null for no key update of o) o
                     where u.job limit plenty) held
             where o.ctid = held.place;
          end if;

          if over_ then
            delete from engine.timers t
             using (select t.place from unnest(steps) s cross join lateral (
                      select t.ctid as place from engine.timers t where t.tenant = who and t.instance_id = s.id and t.fired_at is null for update of t) t
                     where s.status in ('done', 'failed') limit plenty) due
             where t.ctid = due.place;
            update engine.outbox o
               set cancelled_at = now_, status = case when o.status = 'pending' and o.fence = 0 then 'cancelled' else o.status end,
                   finished_at = case when o.status = 'pending' and o.fence = 0 then now_ end
              from (select o.place from unnest(steps) s cross join lateral (
                      select o.ctid as place from engine.outbox o
                       where o.tenant = who and o.instance_id = s.id and o.job_id is not null
                         and o.stage is not null and o.status in ('pending', 'claimed') and o.cancelled_at is null for no key update of o) o
                     where s.status in ('done', 'failed') limit plenty) held
             where o.ctid = held.place;
          end if;

          perform engine.write_down(who, now_, steps, wanted, armed);
        end if;

        if go is null or cardinality(go) < total then
          select json_agg(json_build_object('n', s.n, 'outcome', case when s.n = any(answered) then 'answered' when s.n = any(gone) then 'gone' else 'again' end,
                                            'request_hash', k.request_hash, 'answer', k.answer)) into left_out
            from unnest(steps_) s
            left join lateral (select k.* from engine.idempotency k where k.tenant = who and k.scope = s.id and k.key = s.idempotency_key limit 1) k on s.n = any(answered)
           where not s.n = any(coalesce(go, '{}'));
        end if;
        return json_build_object('row_version', pg_current_xact_id()::xid::text, 'now_ms', extract(epoch from now_) * 1000, 'offset_ms', ahead, 'left_out', left_out);
      end $$;
      grant execute on function engine.write_down, engine.advance to statewright_app;
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      drop index engine.outbox_open;
      create index outbox_open on engine.outbox (tenant, instance_id, id) where stage is not null;
      create unique index history_idempotency on engine.history (tenant, instance_id, idempotency_key) where idempotency_key is not null;
      drop function engine.advance, engine.write_down;
      drop type engine.unwanted, engine.armed, engine.wanted, engine.ended, engine.fired, engine.step;
    `);
  }
}
