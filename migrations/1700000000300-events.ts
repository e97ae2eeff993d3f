import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Schema events: what was accepted, what became of it, how much of it there is (R003-11, R003-17..20, R003-27). */
export class Events1700000000300 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create schema events;
      grant usage on schema events to statewright_app, statewright_system;

      -- Every run that was ever started. It outlives the event's row: an id that was accepted once stays accepted.
      create table events.runs (
        tenant text not null,
        run_id text not null,                 -- event-{event_id}, of a replay event-{event_id}-r{n}
        event_id text not null,
        attempt int not null,                 -- n; 0 is the first
        instance_id text not null,
        payload_hash text not null,
        batch_id text,                        -- what came in with it
        accepted_at timestamptz not null,
        primary key (tenant, run_id)
      );
      create index runs_event on events.runs (tenant, event_id, attempt);
      create index runs_batch on events.runs (tenant, batch_id) where batch_id is not null;
      call engine.isolate('events.runs', 'select, insert', 'select');

      -- Keys of requests, for ever, and of senders, for 24 hours.
      create table events.keys (
        tenant text not null,
        owner text not null,                  -- whose key it is
        kind text not null check (kind in ('request', 'event')),
        key text not null,
        request_hash text not null,
        event_id text not null,
        happened_at timestamptz not null,
        accepted_at timestamptz not null,
        primary key (tenant, owner, kind, key)
      );
      call engine.isolate('events.keys', 'select, insert, update', 'select');

      create table events.events (
        tenant text not null,
        event_id text not null,
        payload json not null,                -- json keeps it as it was sent
        metadata json,
        status text not null check (status in ('pending', 'delivered', 'failed')),
        created_at timestamptz not null,      -- when it happened
        updated_at timestamptz not null,
        retry_count int not null default 0,
        stored_at timestamptz not null,
        correlation_id text not null,
        payload_hash text not null,
        instance_id text not null,            -- the run that it is the business of
        counted_at timestamptz,               -- marks that it is in the counters; null: not yet
        processing_ms int,                    -- from the start of the run to its delivery
        primary key (tenant, event_id)
      ) with (fillfactor = 80);
      create index events_created on events.events (tenant, created_at, event_id);
      create index events_updated on events.events (tenant, updated_at, event_id);
      create index events_retried on events.events (tenant, retry_count, event_id) where retry_count > 0;
      create index events_status on events.events (tenant, status, created_at, event_id);
      call engine.isolate('events.events', 'select, insert, update, delete', 'select');

      -- Sums of what changed, in shards by the hash of the event id, so that events do not wait for each other (R003-20).
      create table events.metric_counters (
        tenant text not null,
        key text not null,
        shard int not null check (shard between 0 and 15),
        value bigint not null,
        updated_at timestamptz not null,
        primary key (tenant, key, shard)
      ) with (fillfactor = 50);
      call engine.isolate('events.metric_counters', 'select, insert, update', 'select');

      create table events.dead_letters (
        tenant text not null,
        id bigint generated always as identity,
        event_id text not null,
        run_id text not null,
        instance_id text not null,
        step text not null,
        reason text not null check (reason in ('validation', 'permanent', 'retries_exhausted', 'timeout', 'forced')),
        error jsonb not null,                 -- { code, message }
        payload json not null,
        metadata json,
        correlation_id text not null,
        attempts int not null,                -- tries of the step
        retry_attempt int not null,
        happened_at timestamptz not null,
        failed_at timestamptz not null,
        replayed_at timestamptz,
        closed_at timestamptz,                -- somebody has acknowledged the event: there is nothing left to replay
        primary key (tenant, id)
      );
      create index dead_letters_open on events.dead_letters (tenant, id) where replayed_at is null and closed_at is null;
      create index dead_letters_event on events.dead_letters (tenant, event_id);
      create index dead_letters_failed on events.dead_letters (tenant, failed_at);
      call engine.isolate('events.dead_letters', 'select, insert, update', 'select');

      -- All figures under the names that dashboards know. A view reads with its owner's rights, so the tenant rule stands here once more.
      create view events.metrics as
        with mine as (select * from events.metric_counters where tenant = engine.tenant() or current_user <> 'statewright_app')
        select tenant, key, sum(value)::text as value, max(updated_at) as updated_at from mine group by tenant, key
        union all
        select tenant, 'metrics:last_processed_at', to_char(max(updated_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), max(updated_at)
          from mine where key = 'metrics:events:total' group by tenant
        union all
        select tenant, 'metrics:last_failure_at', to_char(max(failed_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), max(failed_at)
          from events.dead_letters where tenant = engine.tenant() or current_user <> 'statewright_app' group by tenant
        union all
        select tenant, 'metrics:dlq:count', count(*) filter (where replayed_at is null and closed_at is null)::text, max(failed_at)
          from events.dead_letters where tenant = engine.tenant() or current_user <> 'statewright_app' group by tenant
        union all
        select tenant, 'metrics:queue:depth', count(*)::text, max(updated_at)
          from engine.instances where (tenant = engine.tenant() or current_user <> 'statewright_app') and lifecycle = 'event' and status = 'active' group by tenant;
      grant select on events.metrics to statewright_app, statewright_system;
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop schema events cascade');
  }
}
