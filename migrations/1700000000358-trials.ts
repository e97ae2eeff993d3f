import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Histories that are told again by another definition, and what becomes of each. */
export class Trials1700000000358 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table engine.trial_items (
        tenant text not null,
        trial_id text not null,
        n int not null,                        -- newest instance first
        instance_id text not null,
        version int not null,                  -- that it lives on
        revision bigint not null,              -- as far as its history is told
        recorded_end text not null,
        verdict text check (verdict in ('same', 'detour', 'elsewhere', 'unknown')),
        candidate_end text,
        parted_seq bigint,
        parted_event text,
        parted_from text,
        recorded_to text,
        candidate_to text,
        reason text,
        primary key (tenant, trial_id, n)
      );
      call engine.isolate('engine.trial_items', 'select, insert, update', 'select');
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`drop table engine.trial_items`);
  }
}
