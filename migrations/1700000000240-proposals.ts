import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What becomes of proposals: signed, or void for a reason (R001-9); and which decision of the pursuit drafted each. */
export class Proposals1700000000240 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      alter table workstream.proposals
        add column drafted_seq bigint,                      -- null for the first, which comes with the pursuit
        add column signed_at timestamptz,
        add column voided_at timestamptz,
        add column void_reason text check (length(void_reason) <= 500);
      update workstream.proposals p set drafted_seq = d.seq
        from (select i.tenant, i.pursuit_id, h.seq, row_number() over (partition by h.tenant, h.instance_id order by h.seq) + 1 as version
                from engine.history h join workstream.pursuits i on i.tenant = h.tenant and i.workflow_instance_id = h.instance_id
               where h.type = 'draft-proposal') d
       where p.tenant = d.tenant and p.pursuit_id = d.pursuit_id and p.version = d.version;
      create or replace view app.proposal as select o.org_id, t.* from workstream.proposals t left join workstream.orgs o on o.tenant = t.tenant
        where t.tenant = engine.tenant() or current_user <> 'statewright_app';
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      drop view app.proposal;
      alter table workstream.proposals drop column drafted_seq, drop column signed_at, drop column voided_at, drop column void_reason;
      create view app.proposal as select o.org_id, t.* from workstream.proposals t left join workstream.orgs o on o.tenant = t.tenant
        where t.tenant = engine.tenant() or current_user <> 'statewright_app';
      grant select on app.proposal to statewright_app, statewright_system;
    `);
  }
}
