import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Operators list the messages of their tenant, newest first, and count those of nobody. */
export class Webhooks1700000000075 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create index inbox_listed on engine.inbox (tenant, received_at desc, provider_event_id desc);
      create index inbox_unaddressed on engine.inbox (status) where tenant is null;
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop index engine.inbox_listed, engine.inbox_unaddressed');
  }
}
