import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The processes that work: what each says of itself every few seconds (R004-58). They work for all tenants, and so does this table. */
export class Workers1700000000345 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table engine.workers (
        worker text primary key,
        started_at timestamptz not null,
        seen_at timestamptz not null,          -- plain clock: business time may be moved
        capacity int not null,                 -- effects at once
        active int not null,
        processed bigint not null,             -- attempts that ended here since it started
        succeeded bigint not null,
        failed bigint not null,
        faulted_at timestamptz                 -- when it could last not do its work
      );
      grant select, insert, update, delete on engine.workers to statewright_system;
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table engine.workers');
  }
}
