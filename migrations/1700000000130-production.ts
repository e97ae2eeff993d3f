import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Production companies, their deals for pitches, and who has a pitch to himself. */
export class Production1700000000130 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table deals.companies (
        tenant text not null,
        id text not null,
        name text not null,
        email text not null,
        verification_status text not null,
        active_projects_count int not null,
        updated_at timestamptz not null,
        primary key (tenant, id)
      );
      call engine.isolate('deals.companies', 'select, insert, update', 'select');

      alter table deals.pitches
        add column production_status text check (production_status in ('in_production', 'completed')),
        add column production_company_id text,
        add column production_started_at timestamptz;

      create table deals.production_deals (
        tenant text not null,
        id text not null,
        workflow_instance_id text not null,
        production_company_id text not null,
        production_company_user_id text not null,
        creator_id text not null,
        pitch_id text not null,
        interest_type text not null check (interest_type in ('option', 'purchase', 'co_production', 'distribution')),
        message text,
        proposed_budget_minor bigint,              -- cents
        proposed_timeline text,
        nda_id text,
        status text not null,                      -- the instance's state, written by the engine's transition
        reason_code text,
        exclusivity_granted_at timestamptz,
        exclusivity_expires_at timestamptz,
        waitlisted_at timestamptz,                 -- since when it waits for somebody else's exclusivity to end; null while it does not
        created_at timestamptz not null,
        updated_at timestamptz not null,
        primary key (tenant, id),
        unique (tenant, workflow_instance_id)
      );
      -- One live deal of a company and a pitch (R000-51, R000-92).
      create unique index production_deals_one_live on deals.production_deals (tenant, production_company_id, pitch_id)
        where status not in ('COMPLETED', 'REJECTED', 'EXPIRED');
      -- Whatever happens, two companies never negotiate about one pitch or produce it.
      create unique index production_deals_one_exclusive on deals.production_deals (tenant, pitch_id)
        where status in ('NEGOTIATION', 'CONTRACT', 'PRODUCTION');
      create index production_deals_by_status on deals.production_deals (tenant, status);
      create index production_deals_by_pitch on deals.production_deals (tenant, pitch_id, created_at desc);
      create index production_deals_by_company on deals.production_deals (tenant, production_company_id, created_at desc);
      create index production_deals_by_user on deals.production_deals (tenant, production_company_user_id, created_at desc);
      create index production_deals_by_creator on deals.production_deals (tenant, creator_id, created_at desc);
      create index production_deals_by_instance on deals.production_deals (tenant, workflow_instance_id, status);
      call engine.isolate('deals.production_deals', 'select, insert, update', 'select');

      create table deals.production_tracking (
        tenant text not null,
        deal_id text not null,
        pitch_id text not null,
        production_company_id text not null,
        status text not null check (status in ('pre_production', 'completed')),
        started_at timestamptz not null,
        completed_at timestamptz,
        primary key (tenant, deal_id)
      );
      call engine.isolate('deals.production_tracking', 'select, insert, update', 'select');

      -- Who has a thing to himself: one row for each key, so that there is never room for a second holder.
      create table deals.leases (
        tenant text not null,
        key text not null,                         -- 'pitch:pitch_1'
        holder text,                               -- an instance id; null while nobody has it
        granted_at timestamptz,
        expires_at timestamptz,                    -- null while it is only kept for the holder
        primary key (tenant, key),
        check ((holder is null) = (granted_at is null))
      );
      call engine.isolate('deals.leases', 'select, insert, update', 'select');
      -- Who waits for it, in the order in which they came: rank, then member.
      create table deals.waitlist (
        tenant text not null,
        key text not null,
        member text not null,                      -- an instance id
        rank timestamptz not null,                 -- when the member's deal began
        rank_id text not null,                     -- decides between those that began in the same moment
        waiting_since timestamptz not null,
        primary key (tenant, key, member)
      );
      create index waitlist_in_order on deals.waitlist (tenant, key, rank, rank_id);
      call engine.isolate('deals.waitlist', 'select, insert, update, delete', 'select');
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      drop table deals.waitlist, deals.leases, deals.production_tracking, deals.production_deals, deals.companies;
      alter table deals.pitches drop column production_status, drop column production_company_id, drop column production_started_at`);
  }
}
