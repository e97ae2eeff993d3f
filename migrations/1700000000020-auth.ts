import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tenants and the credentials that name them. */
export class Auth1700000000020 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table auth.tenants (
        tenant text primary key check (tenant ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
        name text not null,
        created_at timestamptz not null default clock_timestamp()
      );
      call engine.isolate('auth.tenants', 'select', 'select, insert');

      create table auth.api_keys (
        tenant text not null references auth.tenants,
        id text not null,
        hash text not null unique,          -- SHA-256 of the key; the key itself is shown once and kept nowhere
        hint text not null,                 -- its first characters, to recognise it by
        user_id text not null,
        roles text[] not null,
        label text not null,
        created_at timestamptz not null default clock_timestamp(),
        created_by text not null,
        last_used_at timestamptz,
        revoked_at timestamptz,
        primary key (tenant, id)
      );
      call engine.isolate('auth.api_keys', 'select, insert, update', 'select, insert, update');
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table auth.api_keys, auth.tenants');
  }
}
