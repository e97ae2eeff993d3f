import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Events that one instance sends to another: rows of the outbox that belong to whom they are for. */
export class Letters1700000000131 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      alter table engine.outbox drop constraint outbox_kind_check;
      alter table engine.outbox add constraint outbox_kind_check check (kind in ('job', 'command', 'emit', 'compensation', 'letter'));
      -- Letters stand before the first transition of their instance, each in a place of its own.
      create sequence engine.letters;
      grant usage on sequence engine.letters to statewright_app, statewright_system;
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      delete from engine.outbox where kind = 'letter';
      drop sequence engine.letters;
      alter table engine.outbox drop constraint outbox_kind_check;
      alter table engine.outbox add constraint outbox_kind_check check (kind in ('job', 'command', 'emit', 'compensation'))`);
  }
}
