import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a webhook has not heard stands in line for it, for hours; who is silent for days is switched off; pings, and events that somebody wants sent again. */
export class WebhookLines1700000000306 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      alter table events.webhooks
        add column failing_since timestamptz,  -- the first try that came to nothing since one last succeeded
        add column disabled_at timestamptz,    -- when the service has switched it off
        add column next_at timestamptz,        -- when it is to be looked at; null: nothing stands in line for it
        add column leased_until timestamptz;   -- somebody is at it; on the plain clock
      create index webhooks_due on events.webhooks (next_at) where next_at is not null;
      grant update on events.webhooks to statewright_system;

      alter table events.webhook_deliveries
        add column due_at timestamptz,         -- when it is tried again; null: not, or by the effect that tells of the event
        add column round int not null default 0,
        add column is_ping boolean not null default false,
        add column is_asked boolean not null default false,   -- somebody waits for it
        add column duration_ms int,            -- of the last try
        add column tries json not null default '[]';          -- the last ones, the newest last
      create index webhook_deliveries_due on events.webhook_deliveries (tenant, webhook_id, due_at) where due_at is not null;
      create index webhook_deliveries_failed on events.webhook_deliveries (tenant, webhook_id, first_at) where status = 'failed';

      -- When a webhook is to be looked at, from what stands in line for it; its row has to be locked. One that is failing is called every half
      -- minute at most, unless somebody waits for it; one that is switched off only hears pings.
      create function events.schedule_webhook(id text) returns void language sql as $$
        update events.webhooks w
           set leased_until = null,
               next_at = (select case when count(*) = 0 then null
                                      when bool_or(d.is_asked) or w.status <> 'failing' then min(d.due_at)
                                      else greatest(min(d.due_at), w.last_tested_at + interval '30 seconds') end
                            from events.webhook_deliveries d
                           where d.tenant = w.tenant and d.webhook_id = w.webhook_id and d.due_at is not null and (w.status <> 'inactive' or d.is_ping))
         where w.tenant = engine.tenant() and w.webhook_id = id
      $$;
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      drop function events.schedule_webhook(text);
      drop index events.webhook_deliveries_failed, events.webhook_deliveries_due, events.webhooks_due;
      revoke update on events.webhooks from statewright_system;
      delete from events.webhook_deliveries where is_ping;
      alter table events.webhook_deliveries drop column tries, drop column duration_ms, drop column is_asked, drop column is_ping, drop column round, drop column due_at;
      alter table events.webhooks drop column leased_until, drop column next_at, drop column disabled_at, drop column failing_since;
    `);
  }
}
