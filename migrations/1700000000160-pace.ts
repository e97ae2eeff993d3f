import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How fast people go (R000-99). */
export class Pace1700000000160 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- When a user last started deals and moved them, within a minute. Unlogged: what a crash forgets is worth a minute at most.
      create unlogged table deals.pace (
        tenant text not null,
        user_id text not null,
        wanted text not null check (wanted in ('start', 'event')),
        moments timestamptz[] not null,
        primary key (tenant, user_id, wanted)
      );
      call engine.isolate('deals.pace', 'select, insert, update', 'select');
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table deals.pace');
  }
}
