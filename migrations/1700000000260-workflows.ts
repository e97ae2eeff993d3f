import type { MigrationInterface, QueryRunner } from 'typeorm';

/** JSON workflows, their versions, their executions and what those have done (R002-1 to R002-11). */
export class Workflows1700000000260 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table automation.workflows (
        tenant text not null,
        workflow_id text not null check (workflow_id ~ '^[A-Za-z0-9_-]{1,64}$'),
        name text not null,
        description text,
        enabled boolean not null,
        tags text[] not null,
        version int not null,                  -- the one that new executions go by
        execution_count bigint not null default 0,
        last_executed_at timestamptz,
        created_at timestamptz not null,
        updated_at timestamptz not null,
        deleted_at timestamptz,                -- its executions and their audit stay
        primary key (tenant, workflow_id)
      );
      create index workflows_listed on automation.workflows (tenant, created_at desc, workflow_id) where deleted_at is null;
      call engine.isolate('automation.workflows', 'select, insert, update', 'select');

      -- json, not jsonb: the order in which steps and fields were written is kept.
      create table automation.workflow_versions (
        tenant text not null,
        workflow_id text not null,
        version int not null,
        definition json not null,              -- as it was written, its secrets sealed
        plan json not null,                    -- as executions go by it
        owner_id text not null,
        owner_roles text[] not null,
        created_at timestamptz not null,
        primary key (tenant, workflow_id, version),
        foreign key (tenant, workflow_id) references automation.workflows (tenant, workflow_id) on delete restrict
      );
      call engine.isolate('automation.workflow_versions', 'select, insert', 'select');

      -- The execution's state is the instance's; these columns follow it in the same transaction.
      create table automation.executions (
        tenant text not null,
        execution_id text not null,            -- the instance
        workflow_id text not null,
        version int not null,
        start_key text,                        -- what sets an execution off sets it off once
        triggered_by jsonb not null,
        event json,
        status text not null check (status in ('pending', 'running', 'completed', 'failed', 'cancelled')),
        current_step text,
        completed_steps text[] not null default '{}',
        input json not null,
        output json,
        error jsonb,
        started_at timestamptz not null,
        completed_at timestamptz,
        primary key (tenant, execution_id),
        unique (tenant, start_key),
        foreign key (tenant, workflow_id, version) references automation.workflow_versions (tenant, workflow_id, version) on delete restrict
      );
      create index executions_of on automation.executions (tenant, workflow_id, started_at desc, execution_id);
      create index executions_listed on automation.executions (tenant, started_at desc, execution_id);
      create index executions_open on automation.executions (tenant, workflow_id) where status in ('pending', 'running');
      call engine.isolate('automation.executions', 'select, insert, update, delete', 'select, delete');

      -- One row for each try of a call (R002-6).
      create table automation.action_audit (
        tenant text not null,
        audit_id bigint generated always as identity,
        execution_id text not null,
        workflow_id text not null,
        step_id text not null,
        call_key text not null,                -- the same for every try of a call
        attempt int not null,
        action_type text not null,
        action_config json not null,           -- without secrets
        status text not null check (status in ('success', 'failure', 'retry')),
        result json,
        error jsonb,
        started_at timestamptz not null,
        completed_at timestamptz not null,
        duration_ms int not null,
        primary key (tenant, audit_id),
        foreign key (tenant, execution_id) references automation.executions (tenant, execution_id) on delete cascade
      );
      create index action_audit_of on automation.action_audit (tenant, execution_id, audit_id);
      -- A call that has succeeded is not made again.
      create unique index action_audit_done on automation.action_audit (tenant, call_key) where status = 'success';
      call engine.isolate('automation.action_audit', 'select, insert, delete', 'select, delete');
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(
      'drop table automation.action_audit, automation.executions, automation.workflow_versions, automation.workflows',
    );
  }
}
