import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What people with psql see of production deals, and how long the lines are (R000-7). */
export class ProductionViews1700000000132 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      alter table deals.production_tracking drop constraint production_tracking_status_check;
      alter table deals.production_tracking
        add constraint production_tracking_status_check check (status in ('pre_production', 'completed', 'cancelled'));

      create view statewright.sw_production_deals as
        select d.tenant, d.id, d.workflow_instance_id, d.production_company_id, d.production_company_user_id, d.creator_id, d.pitch_id,
               d.interest_type, d.status, d.reason_code, i.compensation as compensation_status, d.exclusivity_granted_at, d.exclusivity_expires_at,
               d.waitlisted_at, w.position, d.created_at, d.updated_at
          from deals.production_deals d
          join engine.instances i on i.tenant = d.tenant and i.id = d.workflow_instance_id
          left join (
            select tenant, key, member, row_number() over (partition by tenant, key order by rank, rank_id) as position from deals.waitlist) w
            on w.tenant = d.tenant and w.key = 'pitch:' || d.pitch_id and w.member = d.workflow_instance_id
         where d.tenant = engine.tenant() or current_user <> 'statewright_app';

      -- Who has what to himself, and how many wait for it.
      create view statewright.sw_exclusivity as
        select l.tenant, l.key, l.holder, l.granted_at, l.expires_at,
               (select count(*) from deals.waitlist w where w.tenant = l.tenant and w.key = l.key) as waiting
          from deals.leases l
         where l.tenant = engine.tenant() or current_user <> 'statewright_app';
      -- How many wait for each pitch at the moment (R000-7: the metric waitlist_size).
      create view statewright.waitlist_size as
        select w.tenant, 'production' as workflow_type, 'waitlist_size' as metric, w.key, count(*)::float8 as value, engine.now() as timestamp
          from deals.waitlist w where w.tenant = engine.tenant() or current_user <> 'statewright_app' group by w.tenant, w.key;
      grant select on statewright.sw_production_deals, statewright.sw_exclusivity, statewright.waitlist_size to statewright_app, statewright_system;
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      drop view statewright.waitlist_size, statewright.sw_exclusivity, statewright.sw_production_deals;
      update deals.production_tracking set status = 'pre_production' where status = 'cancelled';
      alter table deals.production_tracking drop constraint production_tracking_status_check;
      alter table deals.production_tracking add constraint production_tracking_status_check check (status in ('pre_production', 'completed'))`);
  }
}
