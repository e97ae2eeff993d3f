import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Work that follows a transition: effects to run, timers to fire, messages from providers to apply. */
export class Work1700000000040 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table engine.outbox (
        tenant text not null,
        id bigint generated always as identity,
        instance_id text not null,
        seq bigint not null,
        idx int not null,
        kind text not null check (kind in ('job', 'command', 'emit', 'compensation')),
        job_id text,                         -- the invoke that waits for the answer; null when nobody waits
        type text not null,
        params json not null,
        key text not null,                   -- tenant:instance:seq:idx, the provider's idempotency key
        compensate text,                     -- the effect that undoes this one once it has succeeded
        compensates bigint,                  -- the id of the effect that this one undoes
        ordered boolean not null default false,
        status text not null default 'pending' check (status in ('pending', 'claimed', 'done', 'dead', 'cancelled')),
        cancelled_at timestamptz,            -- the machine no longer waits; an attempt already made is still seen through
        attempts int not null default 0,
        next_attempt_at timestamptz not null,
        claimed_by text,
        claimed_until timestamptz,           -- database clock, never business time: moving the clock steals nobody's work
        fence bigint not null default 0,     -- grows with every claim; a result under an old fence changes nothing
        last_error jsonb,
        result json,
        correlation_id text not null,
        created_at timestamptz not null,
        finished_at timestamptz,
        primary key (tenant, id),
        unique (tenant, instance_id, seq, idx)
      ) with (fillfactor = 50);              -- room for what a claim leaves behind, on the same page
      create unique index outbox_undone_once on engine.outbox (tenant, compensates) where compensates is not null;
      call engine.isolate('engine.outbox', 'select, insert, update', 'select, update');

      -- One row for each attempt: what was asked of whom, what came back, how long it took. Those of an instance are found through its effects.
      create table engine.attempts (
        tenant text not null,
        outbox_id bigint not null,
        attempt int not null,
        instance_id text not null,
        request_hash text not null,
        outcome text not null,
        provider text,
        provider_id text,
        response_code text,
        detail text,
        started_at timestamptz not null,
        duration_ms int not null,
        primary key (tenant, outbox_id, attempt)
      );
      call engine.isolate('engine.attempts', 'select, insert', 'select, insert');

      create table engine.timers (
        tenant text not null,
        instance_id text not null,
        timer_id text not null,
        generation bigint not null,          -- seq of the history row that armed it
        due_at timestamptz not null,
        event json not null,
        attempts int not null default 0,
        retry_at timestamptz,                -- database clock; set when firing it threw
        fired_at timestamptz,
        id bigint generated always as identity,
        primary key (tenant, instance_id, timer_id, generation)
      );
      -- With the key of a timer in this index, the planner would skip through all that is due to find one of them.
      create index timers_due on engine.timers (due_at, id) where fired_at is null;
      call engine.isolate('engine.timers', 'select, insert, update, delete', 'select, update');

      create table engine.inbox (
        provider text not null,
        provider_event_id text not null,     -- unique for ever
        type text not null,
        body text not null,                  -- exactly the bytes that were signed
        headers jsonb not null,
        status text not null default 'received' check (status in ('received', 'applied', 'ignored', 'quarantined', 'failed')),
        reason text,
        tenant text,                         -- known once the instance it speaks of is found
        instance_id text,
        attempts int not null default 0,
        next_attempt_at timestamptz not null default clock_timestamp(),
        claimed_until timestamptz,
        received_at timestamptz not null default clock_timestamp(),
        finished_at timestamptz,
        primary key (provider, provider_event_id)
      );
      create index inbox_due on engine.inbox (next_attempt_at) where status = 'received';
      alter table engine.inbox enable row level security;
      alter table engine.inbox force row level security;
      create policy one_tenant on engine.inbox to statewright_app using (tenant = engine.tenant());
      do $$ begin execute format('create policy owner on engine.inbox to %I using (true) with check (true)', current_user); end $$;
      create policy system on engine.inbox to statewright_system using (true) with check (true);
      grant select, update on engine.inbox to statewright_app;
      grant select, insert, update on engine.inbox to statewright_system;
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table engine.inbox, engine.timers, engine.attempts, engine.outbox');
  }
}
