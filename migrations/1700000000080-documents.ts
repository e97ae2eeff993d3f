import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Documents become files in the document store; the rows say which, and how to tell that a file is the one that was kept. */
export class Documents1700000000080 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- Rows of before have no file. The terms they held are in the history of their instances.
      delete from deals.documents;
      alter table deals.documents
        drop column content,
        add column content_type text not null,
        add column size integer not null,        -- bytes
        add column sha256 text not null;         -- hexadecimal
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      delete from deals.documents;
      alter table deals.documents drop column content_type, drop column size, drop column sha256, add column content jsonb not null`);
  }
}
