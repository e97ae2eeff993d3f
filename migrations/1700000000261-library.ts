import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What workflows keep: values by key, and rows in tables of the tenant's own (R002-65, R002-66). */
export class Library1700000000261 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table automation.kept_values (
        tenant text not null,
        key text not null,
        value json not null,
        expires_at timestamptz,
        updated_at timestamptz not null,
        primary key (tenant, key)
      );
      create index kept_values_expired on automation.kept_values (expires_at) where expires_at is not null;
      call engine.isolate('automation.kept_values', 'select, insert, update, delete', 'select, delete');

      create table automation.kept_rows (
        tenant text not null,
        collection text not null,              -- the tenant's word for a table
        row_id text not null,
        data jsonb not null,
        created_at timestamptz not null,
        updated_at timestamptz not null,
        primary key (tenant, collection, row_id)
      );
      call engine.isolate('automation.kept_rows', 'select, insert, update', 'select');
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table automation.kept_values, automation.kept_rows');
  }
}
