import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What many actions of one plan wait for and how far their join points are, and runs of functions under the names of the original service,
 * read-only (R004-10 to R004-15).
 */
export class FunctionFaces1700000000344 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      alter table functions.workflow_action_results add column action_path text, add column action_group text;

      -- A plan is the actions that an event of a run has done together.
      create table functions.workflow_action_dependencies (
        tenant text not null,
        execution_id text not null,
        event_id text not null,
        action_id text not null,
        depends_on_id text not null,           -- the action that comes first
        dependency_type text not null check (dependency_type in ('action', 'group', 'sync_point')),
        primary key (tenant, execution_id, event_id, action_id, depends_on_id)
      );
      call engine.isolate('functions.workflow_action_dependencies', 'select, insert', 'select');
      create table functions.workflow_sync_points (
        tenant text not null,
        execution_id text not null,
        event_id text not null,
        sync_point text not null,
        sync_type text not null check (sync_type = 'join'),
        status text not null check (status in ('pending', 'completed', 'failed')),
        total_actions int not null,
        completed_actions int not null,
        created_at timestamptz not null,
        completed_at timestamptz,
        primary key (tenant, execution_id, event_id, sync_point)
      );
      call engine.isolate('functions.workflow_sync_points', 'select, insert, update', 'select');
    `);
    await this.views(db);
  }

  /** A view reads with its owner's rights, so the tenant rule stands here once more. */
  private async views(db: QueryRunner): Promise<void> {
    const own = (row: string) => `(${row}.tenant = engine.tenant() or current_user <> 'statewright_app')`;
    const hex = (id: string, seq: string) => `encode(sha256(convert_to(${id} || ':' || ${seq}, 'utf8')), 'hex')`;
    // As the service forms it: the same whenever it is asked for.
    const uuid = (id: string, seq: string) =>
      `(select (substr(x, 1, 8) || '-' || substr(x, 9, 4) || '-8' || substr(x, 14, 3) || '-a' || substr(x, 18, 3) || '-' || substr(x, 21, 12))::uuid
          from (select ${hex(id, seq)} as x) as hashed)`;
    const turn = `coalesce(h.facts -> 'turn', h.payload -> 'turn')`;
    const views: Readonly<Record<string, string>> = {
      workflow_executions: `
        select e.*, i.snapshot -> 'context' -> 'data' as context_data
          from functions.workflow_executions e join engine.instances i on i.tenant = e.tenant and i.id = e.execution_id where ${own('e')}`,
      workflow_events: `
        select tenant, ${uuid('execution_id', 'sequence')} as event_id, execution_id, sequence, event_name, event_type,
               lag(label) over (partition by tenant, execution_id order by sequence) as from_state, label as to_state, user_id, payload, created_at
          from (select marked.*, first_value(said) over (partition by tenant, execution_id, part order by sequence) as label
                  from (select h.tenant, h.instance_id as execution_id, h.seq as sequence,
                               case when h.kind = 'start' then 'workflow.started' when h.type = 'function.event' then h.payload ->> 'name' else h.type end as event_name,
                               case when h.kind = 'start' then 'workflow' when h.kind = 'effect-result' then 'action' else h.kind end as event_type,
                               case when h.actor like 'system:%' then null else h.actor end as user_id,
                               h.payload, h.at as created_at, ${turn} ->> 'label' as said,
                               count(${turn} ->> 'label') over (partition by h.tenant, h.instance_id order by h.seq) as part
                          from engine.history h join functions.workflow_executions e on e.tenant = h.tenant and e.execution_id = h.instance_id
                         where ${own('h')}) as marked) as labelled`,
      workflow_snapshots: `
        select i.tenant, i.id as execution_id, i.revision as version, i.snapshot -> 'context' ->> 'label' as current_state,
               i.snapshot -> 'context' -> 'data' as data, i.updated_at as created_at
          from engine.instances i where i.lifecycle = 'function' and ${own('i')}`,
      workflow_action_results: `
        select r.idempotency_key as result_id, r.*, true as ready_to_execute, r.error ->> 'message' as error_message
          from functions.workflow_action_results r where ${own('r')}`,
      workflow_action_dependencies: `select d.* from functions.workflow_action_dependencies d where ${own('d')}`,
      workflow_sync_points: `select s.* from functions.workflow_sync_points s where ${own('s')}`,
      // All waits of a run share one timer: it is that of the one whose time is over first.
      workflow_timers: `
        select t.tenant, t.instance_id as execution_id, t.timer_id as timer_name, h.to_state as state_name, h.at as start_time, t.due_at - h.at as duration,
               t.due_at as fire_time, null::text as recurrence, case when t.fired_at is null then 'active' else 'fired' end as status
          from engine.timers t
          join functions.workflow_executions e on e.tenant = t.tenant and e.execution_id = t.instance_id
          join engine.history h on h.tenant = t.tenant and h.instance_id = t.instance_id and h.seq = t.generation
         where ${own('t')}`,
      workflow_event_processing: `
        select o.tenant, o.id as processing_id, ${uuid('o.instance_id', 'o.seq')} as event_id, o.instance_id as execution_id, o.type as work,
               case o.status when 'pending' then case when o.attempts = 0 then 'published' else 'retrying' end when 'claimed' then 'processing'
                             when 'done' then 'completed' when 'dead' then 'failed' else o.status end as status,
               o.claimed_by as worker_id, o.attempts as attempt_count,
               (select max(a.started_at) from engine.attempts a where a.tenant = o.tenant and a.outbox_id = o.id) as last_attempt,
               o.last_error ->> 'message' as error_message, o.created_at
          from engine.outbox o where o.type like 'functions.%' and ${own('o')}`,
    };
    for (const [name, query] of Object.entries(views))
      await db.query(
        `create view app.${name} as ${query}; grant select on app.${name} to statewright_app, statewright_system`,
      );
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      drop view app.workflow_executions, app.workflow_events, app.workflow_snapshots, app.workflow_action_results, app.workflow_action_dependencies,
        app.workflow_sync_points, app.workflow_timers, app.workflow_event_processing;
      drop table functions.workflow_sync_points, functions.workflow_action_dependencies;
      alter table functions.workflow_action_results drop column action_path, drop column action_group;
    `);
  }
}
