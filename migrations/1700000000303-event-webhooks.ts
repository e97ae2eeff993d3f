import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Addresses outside that hear of delivered events, and what became of each delivery (R003-47). */
export class EventWebhooks1700000000303 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table events.webhooks (
        tenant text not null,
        webhook_id text not null,
        url text not null,                    -- sealed: whoever knows it may send
        host text not null,                   -- of the address, to recognise it by
        secret text not null,                 -- sealed; what is sent is signed with it
        events text[] not null,               -- names, or the beginning of one and '*'
        status text not null check (status in ('active', 'failing', 'inactive')),
        last_tested_at timestamptz,           -- when something was last sent
        last_error text,
        retry_count int not null default 0,   -- tries that have failed since one last succeeded
        created_by text not null,
        created_at timestamptz not null,
        updated_at timestamptz not null,
        primary key (tenant, webhook_id)
      );
      create index webhooks_listening on events.webhooks (tenant) where status <> 'inactive';
      call engine.isolate('events.webhooks', 'select, insert, update, delete', 'select');

      create table events.webhook_deliveries (
        tenant text not null,
        webhook_id text not null,
        event_id text not null,
        event_type text not null,
        status text not null check (status in ('delivered', 'waiting', 'failed')),
        attempts int not null,
        response_code int,
        error text,
        first_at timestamptz not null,
        last_at timestamptz not null,
        primary key (tenant, webhook_id, event_id),
        foreign key (tenant, webhook_id) references events.webhooks (tenant, webhook_id) on delete cascade
      );
      create index webhook_deliveries_listed on events.webhook_deliveries (tenant, webhook_id, first_at desc, event_id);
      create index webhook_deliveries_age on events.webhook_deliveries (last_at);
      call engine.isolate('events.webhook_deliveries', 'select, insert, update, delete', 'select, update, delete');

      -- A delivered event is told to the outside when its tenant has somebody there who listens.
      create function events.has_webhooks() returns trigger language plpgsql as $$
      begin
        perform from events.webhooks w where w.tenant = new.tenant and w.status <> 'inactive' limit 1;
        return case when found then new end;
      end $$;
      create trigger has_webhooks before insert on engine.outbox for each row
        when (new.type = 'events.announce') execute function events.has_webhooks();
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      drop trigger has_webhooks on engine.outbox;
      drop function events.has_webhooks();
      drop table events.webhook_deliveries, events.webhooks;
    `);
  }
}
