import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What accounts use of what they may have: events are counted as they come in, and every month has its report (R002-7, R002-77). */
export class Usage1700000000304 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      alter table automation.accounts
        add column email text,
        add column max_events_per_month int not null default 10000 check (max_events_per_month >= 0);

      -- Of accounts that are limited: events that came in since the month began, UTC. What is reported is taken away.
      create table automation.usage (
        tenant text not null,
        month date not null,
        events bigint not null,
        last_at timestamptz not null,
        primary key (tenant, month)
      );
      create index usage_months on automation.usage (month);
      call engine.isolate('automation.usage', 'select, insert, update', 'select, update, delete');

      create table automation.usage_reports (
        tenant text not null,
        month date not null,
        plan text not null,
        max_workflows int not null,
        max_executions_per_month int not null,
        max_events_per_month int not null,
        workflows int not null,                -- when the report was made
        executions int not null,               -- that were started in the month
        completed int not null,                -- of these
        failed int not null,
        events bigint not null,
        made_at timestamptz not null,
        primary key (tenant, month)
      );
      call engine.isolate('automation.usage_reports', 'select', 'select, insert, update');

      -- An event is charged with the run that it begins with; a replay is the same event. One too many, and nothing is written.
      create function automation.charge_events() returns trigger language plpgsql as $$
      declare
        most int;
        fresh int;
        used bigint;
        now_ constant timestamptz := engine.now();
        this_month constant timestamptz := date_trunc('month', now_, 'UTC');
      begin
        select a.max_events_per_month into most from automation.accounts a where a.tenant = engine.tenant();
        if not found then
          return null;
        end if;
        select count(*) into fresh from begun where attempt = 0;
        if fresh = 0 then
          return null;
        end if;
        insert into automation.usage as u (tenant, month, events, last_at) values (engine.tenant(), (this_month at time zone 'UTC')::date, fresh, now_)
        on conflict (tenant, month) do update set events = u.events + excluded.events, last_at = excluded.last_at returning u.events into used;
        if used > most then
          raise exception 'the account has used up its events' using errcode = 'SWQ01', detail = json_build_object(
            'limit', most, 'resetsAt', to_char((this_month at time zone 'UTC') + interval '1 month', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))::text;
        end if;
        return null;
      end $$;
      create trigger charge_events after insert on events.runs referencing new table as begun
        for each statement execute function automation.charge_events();

      alter table automation.pattern_matches drop constraint pattern_matches_outcome_check;
      alter table automation.pattern_matches add check (outcome in ('started', 'workflow_unavailable', 'quota_exceeded'));
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      update automation.pattern_matches set outcome = 'workflow_unavailable' where outcome = 'quota_exceeded';
      alter table automation.pattern_matches drop constraint pattern_matches_outcome_check;
      alter table automation.pattern_matches add check (outcome in ('started', 'workflow_unavailable'));
      drop trigger charge_events on events.runs;
      drop function automation.charge_events();
      drop table automation.usage_reports, automation.usage;
      alter table automation.accounts drop column email, drop column max_events_per_month;
    `);
  }
}
