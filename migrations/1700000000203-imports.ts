import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a job knows of an import is the job's: whether it is under way, and when it ended. */
export class Imports1700000000203 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      alter table workstream.signal_imports
        drop column status,
        drop column finished_at,
        add column source_type text not null default 'note'   -- of rows that name none
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      alter table workstream.signal_imports
        add column status text not null default 'working', add column finished_at timestamptz, drop column source_type`);
  }
}
