import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a bulk operation would do to each of its instances, and what became of it. */
export class Bulk1700000000357 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table engine.bulk_items (
        tenant text not null,
        operation_id text not null,
        n int not null,                        -- place in the selection
        instance_id text not null,
        version int not null,                  -- version and state when it was selected
        from_state text not null,
        verdict text check (verdict in ('accepted', 'refused')),
        becomes text,                          -- where it would be
        plan_code text,
        plan_reason text,
        taken_by text,                         -- key of the effect that does it, or undoes it
        outcome text check (outcome in ('accepted', 'refused')),
        code text,
        reason text,
        seq bigint,                            -- the row of its history that came of it
        done_at timestamptz,
        undo_outcome text check (undo_outcome in ('accepted', 'refused')),
        undo_code text,
        undo_reason text,
        undone_at timestamptz,
        primary key (tenant, operation_id, n)
      );
      call engine.isolate('engine.bulk_items', 'select, insert, update', 'select');
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`drop table engine.bulk_items`);
  }
}
