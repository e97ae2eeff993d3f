import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Secrets for the actions of functions, sealed by the service: the database cannot read them (R004-49). */
export class FunctionSecrets1700000000343 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table functions.workflow_secrets (
        tenant text not null,
        name text not null,
        sealed text not null check (sealed like 'sealed:%'),
        updated_by text not null,
        created_at timestamptz not null,
        updated_at timestamptz not null,
        primary key (tenant, name)
      );
      call engine.isolate('functions.workflow_secrets', 'select, insert, update, delete', 'select');
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table functions.workflow_secrets');
  }
}
