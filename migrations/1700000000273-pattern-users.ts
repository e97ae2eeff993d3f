import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Thresholds of each user find his events, and not those of all others of the window. */
export class PatternUsers1700000000273 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(
      `create index pattern_events_user on automation.pattern_events (tenant, type, user_id, happened_at) where user_id is not null`,
    );
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop index automation.pattern_events_user');
  }
}
