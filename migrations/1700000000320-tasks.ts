import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Schema tasks: what people have to do, what kinds of it there are, and the forms they answer in (R004-62, R004-63, R004-74). */
export class Tasks1700000000320 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    // json, not jsonb: the order of a form's fields is the order people see them in.
    const form = `
        name text not null,
        version text not null,
        description text,
        category text,
        tags text[] not null,
        status text not null check (status in ('draft', 'active', 'deprecated', 'archived')),
        is_strict boolean not null,            -- a task whose prefilled values miss something is not made
        json_schema json not null,
        ui_schema json not null,
        default_values json not null,
        actions json not null`;
    const definition = `
        task_type text not null,
        name text not null,
        description text,
        form_origin text not null check (form_origin in ('system', 'tenant')),
        form_name text not null,
        default_priority text not null check (default_priority in ('low', 'medium', 'high', 'urgent')),
        default_sla_days int not null check (default_sla_days between 1 and 3650),
        expire_on_due boolean not null`;
    await db.query(`
      create schema tasks;
      grant usage on schema tasks to statewright_app, statewright_system;

      -- What the product brings; written by the service when it starts.
      create table tasks.system_forms (${form}, primary key (name, version));
      create unique index system_forms_active on tasks.system_forms (name) where status = 'active';
      create table tasks.system_definitions (${definition},
        form_version text not null,
        primary key (task_type),
        foreign key (form_name, form_version) references tasks.system_forms (name, version) on delete restrict);
      grant select on tasks.system_forms, tasks.system_definitions to statewright_app;
      grant select, insert, update on tasks.system_forms, tasks.system_definitions to statewright_system;

      create table tasks.forms (
        tenant text not null,
        form_id bigint generated always as identity,
        ${form},
        created_by text not null,
        created_at timestamptz not null,
        updated_at timestamptz not null,
        primary key (tenant, form_id),
        unique (tenant, name, version)
      );
      -- One version is the one that new tasks are answered in.
      create unique index forms_active on tasks.forms (tenant, name) where status = 'active';
      call engine.isolate('tasks.forms', 'select, insert, update, delete', 'select');

      create table tasks.definitions (
        tenant text not null,
        ${definition},
        status text not null check (status in ('active', 'deprecated')),
        created_by text not null,
        created_at timestamptz not null,
        updated_at timestamptz not null,
        primary key (tenant, task_type)
      );
      call engine.isolate('tasks.definitions', 'select, insert, update', 'select');

      -- The task's state is the instance's; these columns follow it in the same transaction.
      create table tasks.tasks (
        tenant text not null,
        task_id text not null,                 -- the instance
        task_type text not null,
        task_definition_type text not null check (task_definition_type in ('system', 'tenant')),
        title text not null,
        description text,
        status text not null check (status in ('pending', 'claimed', 'completed', 'canceled', 'expired')),
        priority text not null check (priority in ('low', 'medium', 'high', 'urgent')),
        due_at timestamptz not null,
        assignees text[] not null,             -- users, and 'role:<role>'; empty: for administrators
        execution_id text,                     -- the instance that asked for it
        created_by text not null,
        created_at timestamptz not null,
        claimed_at timestamptz,
        claimed_by text,
        completed_at timestamptz,
        completed_by text,
        response_data json,
        primary key (tenant, task_id)
      );
      create index tasks_inbox on tasks.tasks (tenant, due_at, created_at desc, task_id) where status in ('pending', 'claimed');
      create index tasks_assignees on tasks.tasks using gin (assignees);
      create index tasks_execution on tasks.tasks (tenant, execution_id) where execution_id is not null;
      call engine.isolate('tasks.tasks', 'select, insert, update', 'select');
    `);
    await this.views(db);
  }

  /** The tables under the names of the original service, read-only. A view reads with its owner's rights, so the tenant rule stands here once more. */
  private async views(db: QueryRunner): Promise<void> {
    const own = (row: string) => `(${row}.tenant = engine.tenant() or current_user <> 'statewright_app')`;
    const views: Readonly<Record<string, string>> = {
      workflow_form_definitions: `select f.form_id as definition_id, f.* from tasks.forms f where ${own('f')}`,
      system_workflow_form_definitions: 'select * from tasks.system_forms',
      workflow_task_definitions: `select d.*, d.form_name as form_id, d.form_origin as form_type from tasks.definitions d where ${own('d')}`,
      system_workflow_task_definitions:
        'select d.*, d.form_name as form_id, d.form_origin as form_type from tasks.system_definitions d',
      workflow_tasks: `
        select t.*, t.due_at as due_date,
               case when t.task_definition_type = 'tenant' then t.task_type end as tenant_task_definition_id,
               case when t.task_definition_type = 'system' then t.task_type end as system_task_definition_task_type,
               array(select a from unnest(t.assignees) a where a not like 'role:%') as assigned_users,
               array(select substr(a, 6) from unnest(t.assignees) a where a like 'role:%') as assigned_roles,
               i.snapshot -> 'context' -> 'contextData' as context_data
          from tasks.tasks t join engine.instances i on i.tenant = t.tenant and i.id = t.task_id where ${own('t')}`,
      // What happened to a task is what happened to its instance (R004-69).
      workflow_task_history: `
        select * from (
          select h.tenant, h.instance_id as task_id, h.seq,
                 case h.kind when 'start' then 'create' when 'timer' then 'expire' when 'force' then 'force' else substr(h.type, 6) end as action,
                 lag(coalesce(h.phase, h.to_state)) over (partition by h.tenant, h.instance_id order by h.seq) as from_status,
                 coalesce(h.phase, h.to_state) as to_status,
                 h.actor as user_id, h.payload as details, h.at as created_at
            from engine.history h join tasks.tasks t on t.tenant = h.tenant and t.task_id = h.instance_id
           where ${own('h')}) as steps
         where from_status is distinct from to_status`,
    };
    for (const [name, query] of Object.entries(views))
      await db.query(
        `create view app.${name} as ${query}; grant select on app.${name} to statewright_app, statewright_system`,
      );
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      drop view app.workflow_form_definitions, app.system_workflow_form_definitions, app.workflow_task_definitions,
        app.system_workflow_task_definitions, app.workflow_tasks, app.workflow_task_history;
      drop schema tasks cascade;
    `);
  }
}
