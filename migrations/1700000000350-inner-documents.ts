import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Documents that say what the parties are not to learn of: the data of an NDA, which name its risk. */
export class InnerDocuments1700000000350 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      alter table deals.documents add column is_inner boolean not null default false;  -- for those who see everything
      update deals.documents set is_inner = true where key ~ '^ndas/[^/]+/agreement[.]json$';
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('alter table deals.documents drop column is_inner');
  }
}
