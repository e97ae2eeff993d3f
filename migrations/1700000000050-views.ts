import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The stable, read-only face of the tables, for people with psql, dashboards and checks (schema `statewright`). */
export class Views1700000000050 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    // A view reads with its owner's rights (security_invoker needs Postgres 15), so the tenant rule stands here once more.
    const visible = `(tenant = engine.tenant() or current_user <> 'statewright_app')`;
    await db.query(`
      create view statewright.sw_instances as
        select tenant, id, lifecycle, version, status, state, phase, tags, revision, snapshot -> 'context' as context, snapshot,
               parties, keys, compensation, created_at, updated_at
          from engine.instances where ${visible};
      create view statewright.sw_history as
        select tenant, instance_id, seq, kind, type, payload, facts, from_state, to_state, phase, actor, cause, correlation_id,
               idempotency_key, at, hash, prev_hash
          from engine.history where ${visible};
      create view statewright.sw_outbox as
        select tenant, id, instance_id, seq, idx, type, params, key, status, attempts, next_attempt_at, last_error, created_at, finished_at
          from engine.outbox where ${visible};
      create view statewright.sw_timers as
        select tenant, instance_id, timer_id, generation, due_at, fired_at from engine.timers where ${visible};
      create view statewright.sw_audit as
        select tenant, at, actor, action, target, reason, details from engine.audit where ${visible};
      -- The event log in the words of the original service (R000-4).
      create view statewright.workflow_events as
        select tenant, instance_id || ':' || seq as event_id, instance_id as workflow_id, at as timestamp, type, payload, actor as user_id,
               json_build_object('kind', kind, 'fromState', from_state, 'toState', to_state, 'correlationId', correlation_id) as metadata
          from engine.history where ${visible};
      grant select on all tables in schema statewright to statewright_app, statewright_system;
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(
      'drop view statewright.workflow_events, statewright.sw_instances, statewright.sw_history, statewright.sw_outbox, statewright.sw_timers, statewright.sw_audit',
    );
  }
}
