import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Forces that need two administrators: also giving that up needs both. Such a request concerns no instance. */
export class SettingsRequests1700000000351 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      alter table engine.force_requests
        add column kind text not null default 'force' check (kind in ('force', 'settings')),
        alter column instance_id drop not null,
        alter column revision drop not null,
        add check (kind = 'settings' or (instance_id is not null and revision is not null));
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      delete from engine.force_requests where kind = 'settings';
      alter table engine.force_requests
        drop column kind,
        alter column instance_id set not null,
        alter column revision set not null;
    `);
  }
}
