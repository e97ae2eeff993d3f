import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Forces that wait for a second administrator, and which instances live because of another one. */
export class Forces1700000000118 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table engine.force_requests (
        tenant text not null,
        id text not null,
        instance_id text not null,
        revision bigint not null,              -- of the instance when it was asked for: another one needs another look
        request json not null,
        undoes boolean not null,               -- takes the last force back
        asked_by text not null,
        roles text[] not null,
        asked_at timestamptz not null,
        expires_at timestamptz not null,
        status text not null check (status in ('open', 'approved', 'rejected')),
        decided_by text,
        decided_at timestamptz,
        note text,
        seq bigint,                            -- the row of the history that came of it
        primary key (tenant, id)
      );
      create index force_requests_newest on engine.force_requests (tenant, asked_at desc, id desc);
      call engine.isolate('engine.force_requests', 'select, insert, update', 'select');

      -- Few instances have it, and it never changes: rows without it pay for the condition only.
      create index instances_by_execution on engine.instances (tenant, (keys ->> 'executionId')) where keys ? 'executionId';
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`drop index engine.instances_by_execution; drop table engine.force_requests`);
  }
}
