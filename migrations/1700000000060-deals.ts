import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Investors, creators, pitches, and the investments between them. Ids are the caller's own text (R000-91). */
export class Deals1700000000060 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table deals.investors (
        tenant text not null,
        id text not null,
        name text not null,
        email text not null,
        accreditation_status text not null,
        accreditation_verified_at timestamptz,
        investment_limit_minor bigint,             -- cents; null without limit
        invested_minor bigint not null default 0,  -- cents, of completed deals in invested_year
        invested_year int,
        stripe_customer_id text,
        updated_at timestamptz not null,
        primary key (tenant, id)
      );
      call engine.isolate('deals.investors', 'select, insert, update', 'select');

      create table deals.creators (
        tenant text not null,
        id text not null,
        name text not null,
        email text not null,
        stripe_account_id text,                    -- where transfers go
        updated_at timestamptz not null,
        primary key (tenant, id)
      );
      call engine.isolate('deals.creators', 'select, insert, update', 'select');

      create table deals.pitches (
        tenant text not null,
        id text not null,
        title text not null,
        creator_id text not null,
        total_funded_minor bigint not null default 0,
        investor_count int not null default 0,
        last_investment_at timestamptz,
        updated_at timestamptz not null,
        primary key (tenant, id)
      );
      create index pitches_by_creator on deals.pitches (tenant, creator_id);
      call engine.isolate('deals.pitches', 'select, insert, update', 'select');

      create table deals.investment_deals (
        tenant text not null,
        id text not null,
        workflow_instance_id text not null,
        investor_id text not null,
        creator_id text not null,
        pitch_id text not null,
        proposed_minor bigint not null,
        agreed_minor bigint,
        proposed_amount numeric(12, 2) generated always as (proposed_minor / 100.0) stored,
        agreed_amount numeric(12, 2) generated always as (agreed_minor / 100.0) stored,
        investment_type text not null check (investment_type in ('equity', 'debt', 'convertible', 'revenue_share')),
        message text,
        status text not null,                      -- the instance's state, written by the engine's transition
        reason_code text,
        stripe_payment_intent text,
        wire_reference text,
        escrow_id text,
        escrow_created_at timestamptz,
        transfer_id text,
        funded_at timestamptz,
        counted_at timestamptz,                    -- when the totals of pitch and investor took it in
        created_at timestamptz not null,
        updated_at timestamptz not null,
        primary key (tenant, id),
        unique (tenant, workflow_instance_id)
      );
      -- One live deal of an investor and a pitch (R000-92): the status is not part of the key, or two states would be two deals.
      create unique index investment_deals_one_live on deals.investment_deals (tenant, investor_id, pitch_id)
        where status not in ('COMPLETED', 'WITHDRAWN', 'REJECTED', 'EXPIRED', 'FAILED');
      create index investment_deals_by_status on deals.investment_deals (tenant, status);
      create index investment_deals_by_pitch on deals.investment_deals (tenant, pitch_id, created_at desc);
      create index investment_deals_by_investor on deals.investment_deals (tenant, investor_id, created_at desc);
      create index investment_deals_by_creator on deals.investment_deals (tenant, creator_id, created_at desc);
      create index investment_deals_by_instance on deals.investment_deals (tenant, workflow_instance_id, status);
      call engine.isolate('deals.investment_deals', 'select, insert, update', 'select');

      -- Who may see a pitch, and since which deal (R000-93).
      create table deals.pitch_access (
        tenant text not null,
        id text not null,
        user_id text not null,
        pitch_id text not null,
        access_type text not null,
        granted_via text not null,
        granted_via_id text not null,
        granted_at timestamptz not null,
        expires_at timestamptz,
        revoked_at timestamptz,
        primary key (tenant, id),
        unique (tenant, user_id, pitch_id)
      );
      call engine.isolate('deals.pitch_access', 'select, insert, update', 'select');

      -- Items that people have ticked; an item without a row is open.
      create table deals.checklist_items (
        tenant text not null,
        instance_id text not null,
        item text not null,
        done boolean not null,
        done_by text not null,
        done_at timestamptz not null,
        evidence text,
        primary key (tenant, instance_id, item)
      );
      call engine.isolate('deals.checklist_items', 'select, insert, update', 'select');

      -- What was drawn up for signature, by its key: term-sheets/<deal>.json, closing/<deal>/<document>.pdf.
      create table deals.documents (
        tenant text not null,
        key text not null,
        instance_id text not null,
        title text not null,
        content jsonb not null,
        created_at timestamptz not null,
        primary key (tenant, key)
      );
      create index documents_by_instance on deals.documents (tenant, instance_id);
      call engine.isolate('deals.documents', 'select, insert, update', 'select');

      create view statewright.sw_investment_deals as
        select d.tenant, d.id, d.workflow_instance_id, d.investor_id, d.creator_id, d.pitch_id, d.proposed_amount, d.agreed_amount,
               d.investment_type, d.status, d.reason_code, i.compensation as compensation_status, d.stripe_payment_intent, d.wire_reference,
               d.escrow_id, d.escrow_created_at, d.transfer_id, d.funded_at, d.created_at, d.updated_at
          from deals.investment_deals d
          join engine.instances i on i.tenant = d.tenant and i.id = d.workflow_instance_id
         where d.tenant = engine.tenant() or current_user <> 'statewright_app';
      -- How long qualification took, milliseconds, for whoever draws the curves (R000-7).
      create view statewright.workflow_analytics as
        select left_.tenant, i.lifecycle as workflow_type, 'qualification_time' as metric,
               (extract(epoch from left_.at - entered.at) * 1000)::float8 as value, left_.at as timestamp
          from engine.history left_
          join engine.instances i on i.tenant = left_.tenant and i.id = left_.instance_id and i.lifecycle = 'investment'
          join lateral (
            select at from engine.history e
             where e.tenant = left_.tenant and e.instance_id = left_.instance_id and e.seq < left_.seq and e.to_state = 'QUALIFICATION'
             order by e.seq limit 1) entered on true
         where left_.from_state = 'QUALIFICATION' and left_.to_state <> 'QUALIFICATION'
           and (left_.tenant = engine.tenant() or current_user <> 'statewright_app');
      grant select on statewright.workflow_analytics to statewright_app, statewright_system;
      grant select on statewright.sw_investment_deals to statewright_app, statewright_system;
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      drop view statewright.sw_investment_deals, statewright.workflow_analytics;
      drop table deals.documents, deals.checklist_items, deals.pitch_access, deals.investment_deals, deals.pitches, deals.creators, deals.investors`);
  }
}
