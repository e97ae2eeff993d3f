import type { MigrationInterface, QueryRunner } from 'typeorm';

const FACES: Readonly<Record<string, string>> = {
  spotlights: 'spotlights',
  spotlight_fields: 'spotlight_fields',
  spotlight_values: 'spotlight_values',
  spotlight_field_rules: 'spotlight_field_rules',
  spotlight_score_components: 'spotlight_score_components',
  spotlight_scoring_history: 'spotlight_scoring_history',
  canonical_identity_keys: 'canonical_identity_keys',
  identity_resolution_conflicts: 'identity_resolution_conflicts',
  contact_merge_history: 'contact_merge_history',
};

/** The rest of the tables under the names of the original service (R001-18, R001-19); and who is held up by a dead letter (decision 60). */
export class Faces1700000000244 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    for (const [name, table] of Object.entries(FACES))
      await db.query(`
        create view app.${name} as select o.org_id, t.* from workstream.${table} t left join workstream.orgs o on o.tenant = t.tenant
          where t.tenant = engine.tenant() or current_user <> 'statewright_app';
        grant select on app.${name} to statewright_app, statewright_system;
      `);
    await db.query(`
      -- R001-67: what was given up holds up nothing that comes after it. It leaves the line, and does not come back into it when it is revived.
      create function workstream.leave_line() returns trigger language plpgsql as $$
      begin
        new.ordered := false;
        return new;
      end $$;
      create trigger leave_line before update of status on engine.outbox for each row
        when (new.status = 'dead' and new.type in ('workstream.mailProposal', 'workstream.tellTeam')) execute function workstream.leave_line();
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      drop trigger leave_line on engine.outbox;
      drop function workstream.leave_line();
      drop view ${Object.keys(FACES)
        .map((name) => `app.${name}`)
        .join(', ')};
    `);
  }
}
