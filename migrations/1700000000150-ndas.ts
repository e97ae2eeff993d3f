import type { MigrationInterface, QueryRunner } from 'typeorm';

/** NDAs, what is known of those who ask for them, and the scorecards by which their risk is told. */
export class Ndas1700000000150 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- What a tenant's own systems know of somebody who asks for NDAs (R000-70).
      create table deals.requesters (
        tenant text not null,
        id text not null,
        name text not null,
        email text not null,
        email_verified boolean not null,
        account_since timestamptz,
        suspicious boolean not null,
        trust_score int check (trust_score between 0 and 100),
        breaches int not null check (breaches >= 0),
        updated_at timestamptz not null,
        primary key (tenant, id)
      );
      call engine.isolate('deals.requesters', 'select, insert, update', 'select');

      create table deals.ndas (
        tenant text not null,
        id text not null,
        workflow_instance_id text not null,
        requester_id text not null,
        requester_type text not null check (requester_type in ('investor', 'production', 'partner')),
        requester_name text not null,
        requester_email text not null,
        creator_id text not null,
        pitch_id text not null,
        template_id text not null,
        duration_months int not null,
        custom_terms jsonb not null,
        territorial_restrictions text[] not null,
        status text not null,                      -- the instance's state, written by the engine's transition
        reason_code text,
        risk_level text check (risk_level in ('low', 'medium', 'high')),
        risk_score int check (risk_score between 0 and 100),
        risk_factors jsonb,
        risk_route text,
        scorecard_version int not null,
        assessed_at timestamptz,
        approved_by text,                          -- a user, or 'policy'
        envelope_id text,
        signed_at timestamptz,                     -- when we learned of the signature
        effective_date timestamptz,
        expiration_date timestamptz,
        created_at timestamptz not null,
        updated_at timestamptz not null,
        primary key (tenant, id),
        unique (tenant, workflow_instance_id)
      );
      -- One live NDA of a requester and a pitch (R000-78).
      create unique index ndas_one_live on deals.ndas (tenant, requester_id, pitch_id) where status not in ('EXPIRED', 'REJECTED');
      create index ndas_by_status on deals.ndas (tenant, status);
      create index ndas_by_pitch on deals.ndas (tenant, pitch_id, created_at desc);
      create index ndas_by_requester on deals.ndas (tenant, requester_id, created_at desc);
      create index ndas_by_creator on deals.ndas (tenant, creator_id, created_at desc);
      create index ndas_by_instance on deals.ndas (tenant, workflow_instance_id, status);
      call engine.isolate('deals.ndas', 'select, insert, update', 'select');

      -- Every scorecard a tenant has set, for ever: an NDA names the version it was assessed by. Version 1 is the house's own.
      create table deals.nda_scorecards (
        tenant text not null,
        version int not null check (version > 1),
        card jsonb not null,
        created_at timestamptz not null,
        created_by text not null,
        primary key (tenant, version)
      );
      call engine.isolate('deals.nda_scorecards', 'select, insert', 'select');

      create view statewright.sw_ndas as
        select d.tenant, d.id, d.workflow_instance_id, d.requester_id, d.requester_type, d.creator_id, d.pitch_id, d.template_id, d.envelope_id,
               d.status, d.reason_code, d.risk_level, d.risk_score, d.scorecard_version, d.duration_months, d.custom_terms,
               d.territorial_restrictions, d.approved_by, d.signed_at, d.effective_date, d.expiration_date, d.created_at, d.updated_at
          from deals.ndas d
         where d.tenant = engine.tenant() or current_user <> 'statewright_app';
      grant select on statewright.sw_ndas to statewright_app, statewright_system;
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop view statewright.sw_ndas; drop table deals.nda_scorecards, deals.ndas, deals.requesters');
  }
}
