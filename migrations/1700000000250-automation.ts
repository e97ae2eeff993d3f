import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Schema automation: rules, the events that set them off, and what came of it (R001-76). */
export class Automation1700000000250 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create schema automation;
      grant usage on schema automation to statewright_app, statewright_system;

      create table automation.rules (
        tenant text not null,
        rule_id bigint generated always as identity,
        name text not null,
        is_enabled boolean not null,
        event_types text[] not null,          -- exact names, '*', or the beginning of a name and '*'
        schedule jsonb,                       -- { cron | rrule, timezone }
        schedule_set_at timestamptz,          -- what recurrences are counted from
        conditions jsonb,                     -- JSON-logic; null is always
        throttle_per text check (throttle_per in ('minute', 'hour', 'day')),
        throttle_limit int check (throttle_limit > 0),
        actions jsonb not null,               -- [ { type, params } ]
        revision int not null default 1,
        owner_id text not null,               -- who wrote it, and the rights its actions have
        owner_roles text[] not null,
        created_at timestamptz not null,
        updated_at timestamptz not null,
        primary key (tenant, rule_id),
        check ((throttle_per is null) = (throttle_limit is null))
      );
      create index rules_enabled on automation.rules (tenant, rule_id) where is_enabled;
      call engine.isolate('automation.rules', 'select, insert, update, delete', 'select');

      create table automation.events (
        tenant text not null,
        event_id text not null,               -- of an event of the service itself: the key of the effect that told of it
        type text not null,                   -- canonical: lower case, dotted
        given_type text not null,             -- what its sender called it
        source text not null check (source in ('api', 'service', 'schedule', 'rule', 'followup')),
        payload jsonb not null,
        actor text,
        dedupe_key text,
        request_hash text,
        correlation_id text not null,
        depth int not null,                   -- rules between it and what happened by itself
        occurred_at timestamptz not null,
        received_at timestamptz not null,
        primary key (tenant, event_id)
      );
      create index events_received on automation.events (tenant, received_at);
      create index events_dedupe on automation.events (tenant, dedupe_key, received_at) where dedupe_key is not null;
      call engine.isolate('automation.events', 'select, insert', 'select');

      -- What was to be done when a rule fired. How far it is, is known by the effect that does it.
      create table automation.jobs (
        tenant text not null,
        job_id bigint generated always as identity,
        idempotency_key text not null,        -- ruleId:eventId:actionSignature
        rule_id bigint not null,
        event_id text not null,
        workflow_instance_id text not null,
        position int not null,
        action_type text not null,
        kind text not null,
        created_at timestamptz not null,
        primary key (tenant, job_id),
        unique (tenant, idempotency_key),
        unique (tenant, workflow_instance_id, position)
      );
      create index jobs_rule on automation.jobs (tenant, rule_id, created_at);
      create index jobs_event on automation.jobs (tenant, event_id);
      call engine.isolate('automation.jobs', 'select, insert', 'select');

      create table automation.logs (
        tenant text not null,
        log_id bigint generated always as identity,
        at timestamptz not null,
        outcome text not null check (outcome in ('fired', 'unmatched', 'throttled', 'faulty', 'too_deep', 'succeeded', 'failed', 'dead', 'stopped')),
        event_id text not null,
        event_type text not null,
        rule_id bigint,                       -- null where no rule was asked
        rule_name text,
        job_id bigint,                        -- what a job came to
        detail jsonb not null,
        primary key (tenant, log_id)
      );
      create index logs_rule on automation.logs (tenant, rule_id, log_id);
      create index logs_fired on automation.logs (tenant, rule_id, at) where outcome = 'fired';
      create index logs_event on automation.logs (tenant, event_id, log_id);
      call engine.isolate('automation.logs', 'select, insert', 'select');

      create table automation.schedules (
        tenant text not null,
        rule_id bigint not null,
        workflow_instance_id text not null,
        next_at timestamptz,                  -- null: not again
        last_due_at timestamptz,
        last_fired_at timestamptz,
        primary key (tenant, rule_id),
        unique (tenant, workflow_instance_id)
      );
      call engine.isolate('automation.schedules', 'select, insert, update, delete', 'select');

      -- What rules can have done here; written by the service when it starts.
      create table automation.action_catalog (
        action_type text primary key,
        family text not null,
        title text not null,
        kind text not null,
        permission text not null,
        roles text[] not null,
        params jsonb not null,
        published_at timestamptz not null default clock_timestamp()
      );
      grant select on automation.action_catalog to statewright_app;
      grant select, insert, update, delete on automation.action_catalog to statewright_system;

      -- Jobs with how far they are: an effect that was tried and waits is queued again; a plain no is failed, tries that ran out are dead.
      -- A view reads with its owner's rights, so the tenant rule stands here once more.
      create view automation.job_states as
        select j.*, coalesce(o.attempts, 0) as attempts, 3 as max_attempts, o.last_error, o.result, o.finished_at, o.next_attempt_at,
               case when o.id is null then case when i.status in ('active', 'paused') then 'queued' else 'dead' end
                    when o.status = 'pending' then 'queued'
                    when o.status = 'claimed' then 'running'
                    when o.status in ('dead', 'cancelled') then 'dead'
                    when o.last_error is not null then 'failed'
                    else 'succeeded' end as status
          from automation.jobs j
          join engine.instances i on i.tenant = j.tenant and i.id = j.workflow_instance_id
          left join lateral (
            select * from engine.outbox o
             where o.tenant = j.tenant and o.instance_id = j.workflow_instance_id and o.type = 'automation.perform'
               and (o.params ->> 'position')::int = j.position
             order by o.id desc limit 1) o on true
         where j.tenant = engine.tenant() or current_user <> 'statewright_app';
      grant select on automation.job_states to statewright_app, statewright_system;
    `);
    await this.views(db);
  }

  /** The tables under the names of the original service, read-only. */
  private async views(db: QueryRunner): Promise<void> {
    const own = (table: string) => `${table}.tenant = engine.tenant() or current_user <> 'statewright_app'`;
    const views: Readonly<Record<string, string>> = {
      automation_event: 'automation.events',
      automation_rule: 'automation.rules',
      automation_job: 'automation.job_states',
      automation_log: 'automation.logs',
      automation_schedule: 'automation.schedules',
    };
    for (const [name, table] of Object.entries(views))
      await db.query(
        `create view app.${name} as select o.org_id, t.* from ${table} t left join workstream.orgs o on o.tenant = t.tenant where ${own('t')};
         grant select on app.${name} to statewright_app, statewright_system`,
      );
    await db.query(`
      create view app.automation_action_catalog as select * from automation.action_catalog;
      grant select on app.automation_action_catalog to statewright_app, statewright_system;
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      drop view app.automation_event, app.automation_rule, app.automation_job, app.automation_log, app.automation_schedule, app.automation_action_catalog;
      drop schema automation cascade;
    `);
  }
}
