import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Services outside that workflows send requests to, with what shows them who is asking (R002-5). */
export class Integrations1700000000274 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table automation.integrations (
        tenant text not null,
        integration_id text not null check (integration_id ~ '^[A-Za-z0-9_-]{1,64}$'),
        name text not null,
        type text not null,
        config json not null,                  -- endpoint, auth, headers, settings; what is a secret in it is sealed
        is_enabled boolean not null,
        status text not null check (status in ('active', 'inactive', 'error')),
        last_sync timestamptz,                 -- when it last answered with success
        last_error text,
        created_by text not null,
        created_at timestamptz not null,
        updated_at timestamptz not null,
        primary key (tenant, integration_id)
      );
      create index integrations_listed on automation.integrations (tenant, created_at desc, integration_id);
      call engine.isolate('automation.integrations', 'select, insert, update, delete', 'select');
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table automation.integrations');
  }
}
