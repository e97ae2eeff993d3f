import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Events and what came of them are kept for a time; the system's own loop takes away what is older. */
export class AutomationRetention1700000000251 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create index events_age on automation.events (received_at);
      grant delete on automation.events, automation.jobs, automation.logs to statewright_system;
      -- Deleting looks at what it deletes, and locks it first.
      grant update on automation.events to statewright_system;
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      revoke delete on automation.events, automation.jobs, automation.logs from statewright_system;
      revoke update on automation.events from statewright_system;
      drop index automation.events_age;
    `);
  }
}
