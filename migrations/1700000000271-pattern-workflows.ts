import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Patterns whose workflow is deleted are switched off with it (R002-36); what they start is done with the rights of whoever wrote the workflow. */
export class PatternWorkflows1700000000271 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      alter table automation.patterns drop column owner_roles;
      create index patterns_workflow on automation.patterns (tenant, workflow_id) where is_enabled;

      create function automation.switch_off_patterns() returns trigger language plpgsql as $$
      begin
        update automation.patterns p set is_enabled = false, updated_at = engine.now()
          where p.tenant = new.tenant and p.workflow_id = new.workflow_id and p.is_enabled;
        return null;
      end $$;
      create trigger switch_off_patterns after update of deleted_at on automation.workflows for each row
        when (old.deleted_at is null and new.deleted_at is not null) execute function automation.switch_off_patterns();
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      drop trigger switch_off_patterns on automation.workflows;
      drop function automation.switch_off_patterns();
      drop index automation.patterns_workflow;
      alter table automation.patterns add column owner_roles text[] not null default '{}';
    `);
  }
}
