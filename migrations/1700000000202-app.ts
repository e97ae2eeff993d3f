import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Schema app: the pipeline under the names of the original service, for people with psql and dashboards (R001-1, R001-84). Read-only. */
export class App1700000000202 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    const own = (table: string) => `${table}.tenant = engine.tenant() or current_user <> 'statewright_app'`;
    const views: Readonly<Record<string, string>> = {
      signal: 'workstream.signals',
      signal_cluster: 'workstream.signal_clusters',
      candidate: 'workstream.candidates',
      candidate_signal: 'workstream.candidate_signals',
      pursuit: 'workstream.pursuits',
      proposal: 'workstream.proposals',
      pursuit_checklist: 'workstream.checklist_items',
      cos_entry: 'workstream.cos_entries',
      pursuit_role_estimate: 'workstream.pursuit_role_estimates',
      work_item_link: 'workstream.work_item_links',
      config_registry: 'workstream.config_registry',
    };
    for (const [name, table] of Object.entries(views))
      await db.query(
        `create view app.${name} as select o.org_id, t.* from ${table} t left join workstream.orgs o on o.tenant = t.tenant where ${own('t')}`,
      );
    await db.query(`
      create view app.lost_reason as select reason_code, category from workstream.lost_reasons;

      -- For each key the value in force now: of several the one that began last (R001-17).
      create view app.v_active_config as
        select distinct on (tenant, config_type, config_key) *
          from app.config_registry
         where is_active and effective_from <= engine.now() and (effective_to is null or effective_to > engine.now())
         order by tenant, config_type, config_key, effective_from desc, config_id desc;

      -- The outbox in the words of the original service (R001-12). What has to be done in the world is an event until it is done; every
      -- other event is done once it is written.
      create view app.work_event as
        select o.id as work_event_id, g.org_id, o.tenant, 'pursuit' as item_type, (i.keys ->> 'pursuitId')::bigint as item_id,
               o.params ->> 'event' as event_name, o.params as payload_json, o.created_at as happened_at, null::text as actor_user_id,
               case when o.status = 'claimed' then o.claimed_until end as claimed_at, o.claimed_by,
               case when o.status in ('done', 'cancelled') then o.finished_at end as processed_at,
               case when o.status = 'dead' then o.finished_at end as dead_letter_at,
               greatest(o.attempts - 1, 0) as retry_count, 8 as max_attempts, o.next_attempt_at, o.last_error ->> 'message' as last_error,
               o.correlation_id, o.key as dedupe_key, o.created_at
          from engine.outbox o
          join engine.instances i on i.tenant = o.tenant and i.id = o.instance_id
          left join workstream.orgs g on g.tenant = o.tenant
         where o.type in ('workstream.mailProposal', 'workstream.tellTeam') and (${own('o')})
        union all
        select o.id, g.org_id, o.tenant, o.params ->> 'item_type', (o.params ->> 'item_id')::bigint, substr(o.type, 6), o.params -> 'payload',
               o.created_at, o.params ->> 'actor_user_id', null, o.claimed_by, o.finished_at, null, 0, 8, o.next_attempt_at, null,
               o.correlation_id, o.key, o.created_at
          from engine.outbox o
          left join workstream.orgs g on g.tenant = o.tenant
         where o.kind = 'emit' and o.params ->> 'item_type' in ('signal', 'candidate', 'pursuit')
           and substr(o.type, 6) not in ('pursuit.submit', 'proposal.sent', 'pursuit.won', 'pursuit.lost') and (${own('o')});
      grant select on all tables in schema app to statewright_app, statewright_system;
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      drop view app.v_active_config, app.work_event, app.lost_reason;
      drop view app.signal, app.signal_cluster, app.candidate, app.candidate_signal, app.pursuit, app.proposal, app.pursuit_checklist,
                app.cos_entry, app.pursuit_role_estimate, app.work_item_link, app.config_registry;
    `);
  }
}
