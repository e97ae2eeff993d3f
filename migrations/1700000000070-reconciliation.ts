import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How far providers have been asked what they told us, and what went wrong after a deal was done. */
export class Reconciliation1700000000070 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- Providers live on the database's own clock, never on business time. Belongs to no tenant: an account serves all of them.
      create table engine.reconciled (
        provider text primary key,
        until timestamptz not null,          -- everything the provider said before is known
        asked_at timestamptz not null        -- when one of the workers last asked
      );
      grant select, insert, update on engine.reconciled to statewright_system;

      create table deals.incidents (
        tenant text not null,
        id text not null,
        instance_id text not null,
        kind text not null check (kind in ('dispute')),
        provider_id text not null,           -- the dispute at the payment provider
        amount_minor bigint not null,        -- cents
        status text not null check (status in ('open', 'closed')),
        opened_at timestamptz not null,
        closed_at timestamptz,
        details jsonb not null,
        primary key (tenant, id),
        unique (tenant, kind, provider_id)
      );
      create index incidents_newest on deals.incidents (tenant, opened_at desc, id desc);
      call engine.isolate('deals.incidents', 'select, insert, update', 'select');

      -- A dispute names its payment only.
      create index investment_deals_by_payment on deals.investment_deals (stripe_payment_intent) where stripe_payment_intent is not null;
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop index deals.investment_deals_by_payment; drop table deals.incidents, engine.reconciled');
  }
}
