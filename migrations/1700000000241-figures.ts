import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How pursuits come through their gates (R001-83), and the order of their board: what has no due date comes last. */
export class Figures1700000000241 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      drop index workstream.pursuits_by_due_date;
      create index pursuits_by_due_date on workstream.pursuits (tenant, coalesce(due_date, 'infinity'), pursuit_id);

      -- When a pursuit first stood before a gate, and when it first came through.
      create table workstream.gate_passages (
        tenant text not null,
        pursuit_id bigint not null,
        gate text not null check (gate in ('pink_to_red', 'red_to_submit', 'submit_to_close')),
        reached_at timestamptz not null,
        passed_at timestamptz,
        is_forced boolean not null default false,           -- an administrator led it past the gate
        primary key (tenant, pursuit_id, gate),
        foreign key (tenant, pursuit_id) references workstream.pursuits on delete cascade
      );
      call engine.isolate('workstream.gate_passages', 'select, insert, update, delete', 'select');

      create view app.v_gate_pass as
        select o.org_id, g.gate, count(*) as reached, count(*) filter (where g.passed_at is not null and not g.is_forced) as passed,
               count(*) filter (where g.is_forced) as forced, count(*) filter (where g.passed_at is null and p.closed_at is null) as waiting,
               count(*) filter (where g.passed_at is null and p.closed_at is not null) as ended,
               round(100.0 * count(*) filter (where g.passed_at is not null and not g.is_forced)
                           / nullif(count(*) filter (where g.passed_at is not null or p.closed_at is not null), 0), 2) as pass_pct
          from workstream.gate_passages g
          join workstream.pursuits p on p.tenant = g.tenant and p.pursuit_id = g.pursuit_id
          join workstream.orgs o on o.tenant = g.tenant
         where g.tenant = engine.tenant() or current_user <> 'statewright_app'
         group by o.org_id, g.gate;
      grant select on app.v_gate_pass to statewright_app, statewright_system;
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      drop view app.v_gate_pass;
      drop table workstream.gate_passages;
      drop index workstream.pursuits_by_due_date;
      create index pursuits_by_due_date on workstream.pursuits (tenant, due_date, pursuit_id);
    `);
  }
}
