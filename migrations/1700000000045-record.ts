import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The write side of a transition in one round trip: instance, history, effects, timers and the answer to the caller's key. */
export class Record1700000000045 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- Runs in the caller's transaction, under the caller's role and row-level security. "step" is one JSON document:
      --   instance  { id, lifecycle, version, fingerprint, parties, keys } on the first row, else { id }
      --   after     { status, state, phase, tags, snapshot, compensation }
      --   row       { seq, kind, type, from_state, actor, roles, cause, correlation_id, idempotency_key, at, hash, prev }
      --   answer    { scope, hash, body } when the caller gave an Idempotency-Key
      --   work      [ { op: timer | cancelTimer | effect | cancelJob, … } ] in the order the machine wants it
      create function engine.record(step json, payload_ json, facts_ json) returns void language plpgsql as $$
      declare
        who text := engine.tenant();
        instance json := step -> 'instance';
        after_ json := step -> 'after';
        row_ json := step -> 'row';
        answer json := step -> 'answer';
        target text := instance ->> 'id';
        seq_ bigint := (row_ ->> 'seq')::bigint;
        at_ timestamptz := to_timestamp((row_ ->> 'at')::numeric / 1000);
        tags_ text[] := array(select json_array_elements_text(after_ -> 'tags'));
        item json;
      begin
        if seq_ = 1 then
          insert into engine.instances (tenant, id, lifecycle, version, fingerprint, status, state, phase, tags, snapshot, revision, head_hash, parties, keys, compensation, parent, created_at, updated_at)
          values (who, target, instance ->> 'lifecycle', (instance ->> 'version')::int, instance ->> 'fingerprint', after_ ->> 'status', after_ ->> 'state', after_ ->> 'phase',
                  tags_, after_ -> 'snapshot', 1, row_ ->> 'hash', (instance -> 'parties')::jsonb, (instance -> 'keys')::jsonb, after_ ->> 'compensation', null, at_, at_);
        else
          update engine.instances
             set status = after_ ->> 'status', state = after_ ->> 'state', phase = after_ ->> 'phase', tags = tags_, snapshot = after_ -> 'snapshot',
                 version = coalesce((instance ->> 'version')::int, version), fingerprint = coalesce(instance ->> 'fingerprint', fingerprint),
                 revision = seq_, head_hash = row_ ->> 'hash', compensation = after_ ->> 'compensation', updated_at = at_
           where tenant = who and id = target and revision = seq_ - 1;
          if not found then
            raise exception 'instance % is not at revision %', target, seq_ - 1 using errcode = 'serialization_failure';
          end if;
        end if;

        insert into engine.history (tenant, instance_id, seq, kind, type, payload, facts, from_state, to_state, phase, actor, roles, cause, correlation_id, idempotency_key, at, hash, prev_hash)
        values (who, target, seq_, row_ ->> 'kind', row_ ->> 'type', payload_, facts_, row_ ->> 'from_state', after_ ->> 'state', after_ ->> 'phase', row_ ->> 'actor',
                array(select json_array_elements_text(row_ -> 'roles')), row_ ->> 'cause', row_ ->> 'correlation_id', row_ ->> 'idempotency_key', at_, row_ ->> 'hash', row_ ->> 'prev');

        if json_typeof(answer) = 'object' then
          insert into engine.idempotency (tenant, scope, key, request_hash, answer)
          values (who, answer ->> 'scope', row_ ->> 'idempotency_key', answer ->> 'hash', answer -> 'body');
        end if;

        for item in select json_array_elements(step -> 'work') loop
          case item ->> 'op'
            when 'effect' then
              insert into engine.outbox (tenant, instance_id, seq, idx, kind, job_id, type, params, key, compensate, ordered, status, finished_at, next_attempt_at, correlation_id, created_at)
              values (who, target, seq_, (item ->> 'idx')::int, item ->> 'kind', item ->> 'job', item ->> 'type', item -> 'params', who || ':' || target || ':' || seq_ || ':' || (item ->> 'idx'),
                      item ->> 'compensate', (item ->> 'ordered')::boolean,
                      -- A domain event is done once it is written: whoever wants it reads it from here.
                      case when item ->> 'kind' = 'emit' then 'done' else 'pending' end, case when item ->> 'kind' = 'emit' then at_ end, at_, row_ ->> 'correlation_id', at_);
            when 'timer' then
              insert into engine.timers (tenant, instance_id, timer_id, generation, due_at, event)
              values (who, target, item ->> 'id', seq_, at_ + (item ->> 'delay')::numeric * interval '1 millisecond', item -> 'event');
            when 'cancelTimer' then
              delete from engine.timers where tenant = who and instance_id = target and timer_id = item ->> 'id' and fired_at is null;
            when 'cancelJob' then
              -- What was ever begun is seen through, because what it did in the world may have to be undone. Claims are counted for ever, tries anew after a revival.
              update engine.outbox
                 set cancelled_at = at_, status = case when status = 'pending' and fence = 0 then 'cancelled' else status end,
                     finished_at = case when status = 'pending' and fence = 0 then at_ end
               where tenant = who and instance_id = target and job_id = item ->> 'id' and stage = 'open' and cancelled_at is null;
            else raise exception 'unknown work %', item ->> 'op';
          end case;
        end loop;

        if after_ ->> 'status' in ('done', 'failed') then
          delete from engine.timers where tenant = who and instance_id = target and fired_at is null;
          update engine.outbox
             set cancelled_at = at_, status = case when status = 'pending' and fence = 0 then 'cancelled' else status end,
                 finished_at = case when status = 'pending' and fence = 0 then at_ end
           where tenant = who and instance_id = target and kind = 'job' and stage = 'open' and cancelled_at is null;
        end if;
      end $$;
      grant execute on function engine.record(json, json, json) to statewright_app;
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop function engine.record(json, json, json)');
  }
}
