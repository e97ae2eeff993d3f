import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Spotlights that judge signals by themselves (R001-73); and all work of the pipeline that waits, in the words of the original service (R001-12). */
export class Screening1700000000243 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      alter table workstream.spotlights
        add column automatic text not null default 'off' check (automatic in ('off', 'evaluate', 'route'));
      create index spotlights_automatic on workstream.spotlights (tenant, spotlight_id) where automatic <> 'off' and is_active and deleted_at is null;

      create or replace view app.work_event as
        select o.id as work_event_id, g.org_id, o.tenant,
               case when i.lifecycle = 'drip' then 'candidate' when i.lifecycle = 'sla' then i.keys ->> 'itemType' else i.lifecycle end as item_type,
               coalesce(i.keys ->> 'pursuitId', i.keys ->> 'candidateId', i.keys ->> 'signalId', i.keys ->> 'itemId')::bigint as item_id,
               coalesce(o.params ->> 'event', 'sla.' || (o.params ->> 'news')) as event_name, o.params as payload_json, o.created_at as happened_at, null::text as actor_user_id,
               case when o.status = 'claimed' then o.claimed_until end as claimed_at, o.claimed_by,
               case when o.status in ('done', 'cancelled') then o.finished_at end as processed_at,
               case when o.status = 'dead' then o.finished_at end as dead_letter_at,
               greatest(o.attempts - 1, 0) as retry_count, 8 as max_attempts, o.next_attempt_at, o.last_error ->> 'message' as last_error,
               o.correlation_id, o.key as dedupe_key, o.created_at
          from engine.outbox o
          join engine.instances i on i.tenant = o.tenant and i.id = o.instance_id
          left join workstream.orgs g on g.tenant = o.tenant
         where o.type in ('workstream.mailProposal', 'workstream.tellTeam', 'workstream.slaAlert', 'workstream.screenSignal', 'workstream.mailDrip')
           and (o.tenant = engine.tenant() or current_user <> 'statewright_app')
        union all
        select o.id, g.org_id, o.tenant, o.params ->> 'item_type', (o.params ->> 'item_id')::bigint, substr(o.type, 6), o.params -> 'payload',
               o.created_at, o.params ->> 'actor_user_id', null, o.claimed_by, o.finished_at, null, 0, 8, o.next_attempt_at, null,
               o.correlation_id, o.key, o.created_at
          from engine.outbox o
          left join workstream.orgs g on g.tenant = o.tenant
         where o.kind = 'emit' and o.params ->> 'item_type' in ('signal', 'candidate', 'pursuit', 'spotlight')
           and substr(o.type, 6) not in ('pursuit.submit', 'proposal.sent', 'pursuit.won', 'pursuit.lost', 'sla.warned', 'sla.breached')
           and (o.tenant = engine.tenant() or current_user <> 'statewright_app');
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      drop index workstream.spotlights_automatic;
      alter table workstream.spotlights drop column automatic;
    `);
  }
}
