import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Checkpoints: each minute the new heads of all histories of a tenant are rolled into one hash that can be kept elsewhere. */
export class Checkpoints1700000000090 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table engine.checkpoints (
        tenant text not null,
        number bigint not null,            -- dense 1..n
        until timestamptz not null,        -- covers every history row up to here
        instances int not null,            -- histories that grew since the checkpoint before
        root text not null,                -- hash of the root before and of the new heads, in order of their ids
        taken_at timestamptz not null default clock_timestamp(),
        primary key (tenant, number)
      );
      call engine.isolate('engine.checkpoints', 'select', 'select, insert');
      create trigger append_only before update or delete on engine.checkpoints for each row execute function engine.refuse_change();
      create trigger no_truncate before truncate on engine.checkpoints for each statement execute function engine.refuse_change();
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table engine.checkpoints');
  }
}
