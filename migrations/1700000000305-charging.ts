import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Events are charged by whoever takes them in, for accounts with limits only: a trigger took a fifth of the intake from everybody. */
export class Charging1700000000305 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query('drop trigger charge_events on events.runs; drop function automation.charge_events()');
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      create function automation.charge_events() returns trigger language plpgsql as $$ begin return null; end $$;
      create trigger charge_events after insert on events.runs referencing new table as begun
        for each statement execute function automation.charge_events();
    `);
  }
}
