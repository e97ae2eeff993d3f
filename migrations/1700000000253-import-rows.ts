import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Files of signals are kept as rows, which are taken away as they are taken in: nobody reads a whole file again for its next hundred rows. */
export class ImportRows1700000000253 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table workstream.signal_import_rows (
        tenant text not null,
        import_id text not null,
        n int not null,                       -- 1, 2, 3 ... as they come in the file
        line int not null,                    -- where the row ends in the file; the header is line 1
        body jsonb,                           -- the signal
        message text,                         -- or why it is none
        primary key (tenant, import_id, n),
        check ((body is null) <> (message is null))
      );
      call engine.isolate('workstream.signal_import_rows', 'select, insert, delete', 'select');
      alter table workstream.signal_imports drop column file;
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      alter table workstream.signal_imports add column file text not null default '';
      drop table workstream.signal_import_rows;
    `);
  }
}
