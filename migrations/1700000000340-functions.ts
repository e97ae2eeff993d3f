import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Schema functions: runs of TypeScript functions, and what became of their actions (R004-12, R004-14). */
export class Functions1700000000340 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create schema functions;
      grant usage on schema functions to statewright_app, statewright_system;

      -- The state of a run is its instance's; these columns follow it in the same transaction.
      create table functions.workflow_executions (
        tenant text not null,
        execution_id text not null,            -- the instance
        workflow_name text not null,
        workflow_version text not null,
        workflow_type text not null check (workflow_type in ('system', 'tenant')),
        version_id text not null,              -- the compiled function: module@version
        current_state text not null,           -- as the function calls it
        status text not null check (status in ('active', 'completed', 'failed', 'cancelled', 'terminated')),
        correlation_id text not null,
        started_by text,
        created_at timestamptz not null,
        updated_at timestamptz not null,
        primary key (tenant, execution_id)
      );
      create index workflow_executions_newest on functions.workflow_executions (tenant, created_at desc, execution_id desc);
      call engine.isolate('functions.workflow_executions', 'select, insert, update', 'select');

      create table functions.workflow_action_results (
        tenant text not null,
        idempotency_key text not null,
        execution_id text not null,
        event_id text,
        action_name text not null,
        parameters json not null,              -- without what is secret
        parameters_hash text not null,
        success boolean,                       -- null while it is not decided
        result json,
        error json,
        attempts int not null,
        started_at timestamptz not null,
        completed_at timestamptz,
        primary key (tenant, idempotency_key)
      );
      create index workflow_action_results_of on functions.workflow_action_results (tenant, execution_id);
      call engine.isolate('functions.workflow_action_results', 'select, insert, update', 'select');
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop schema functions cascade');
  }
}
