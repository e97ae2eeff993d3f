import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Delivered events feed attachments. What no workflow of the tenant is attached to is not told (decision 71). */
export class FunctionFeed1700000000346 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create index workflow_event_attachments_active on functions.workflow_event_attachments (tenant, event_type) where is_active;
      create function functions.has_attachments() returns trigger language plpgsql as $$
      begin
        perform from functions.workflow_event_attachments a where a.tenant = new.tenant and a.is_active limit 1;
        return case when found then new end;
      end $$;
      create trigger has_attachments before insert on engine.outbox for each row
        when (new.type = 'functions.feed') execute function functions.has_attachments();
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      drop trigger has_attachments on engine.outbox;
      drop function functions.has_attachments();
      drop index functions.workflow_event_attachments_active;
    `);
  }
}
