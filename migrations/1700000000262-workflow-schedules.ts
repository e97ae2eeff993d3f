import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When workflows start by themselves (R002-79), and what an account may have (R002-7). */
export class WorkflowSchedules1700000000262 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table automation.workflow_schedules (
        tenant text not null,
        workflow_id text not null,
        position int not null,                 -- which of the workflow's triggers
        cron text not null,
        timezone text not null,
        next_at timestamptz,                   -- null: it does not come again
        last_due_at timestamptz,
        primary key (tenant, workflow_id, position),
        foreign key (tenant, workflow_id) references automation.workflows (tenant, workflow_id) on delete restrict
      );
      create index workflow_schedules_due on automation.workflow_schedules (next_at) where next_at is not null;
      call engine.isolate('automation.workflow_schedules', 'select, insert, update, delete', 'select');

      -- What is old is found by its end.
      -- It is locked before it goes: of two that clear up, each takes other rows.
      grant update on automation.executions, automation.kept_values to statewright_system;
      create index executions_over on automation.executions (completed_at) where completed_at is not null;

      -- Written by the operator; a tenant without a row has no limits.
      create table automation.accounts (
        tenant text not null,
        plan text not null default 'free' check (plan in ('free', 'starter', 'pro', 'enterprise')),
        max_workflows int not null default 10 check (max_workflows >= 0),
        max_executions_per_month int not null default 1000 check (max_executions_per_month >= 0),
        primary key (tenant)
      );
      call engine.isolate('automation.accounts', 'select', 'select, insert, update, delete');
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(
      'drop index automation.executions_over; drop table automation.workflow_schedules, automation.accounts',
    );
  }
}
