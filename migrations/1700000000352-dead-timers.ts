import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Timers that are given up: firing them failed as often as it may, and somebody has to decide. */
export class DeadTimers1700000000352 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      alter table engine.timers
        add column failures int not null default 0,   -- firings that failed, without claims that came to nothing
        add column last_error jsonb,
        add column dead_at timestamptz;               -- business time; retry_at is infinity then, so that nobody claims it
      create index timers_dead on engine.timers (tenant, id) where dead_at is not null;
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      update engine.timers set retry_at = null where dead_at is not null;
      alter table engine.timers drop column failures, drop column last_error, drop column dead_at;
    `);
  }
}
