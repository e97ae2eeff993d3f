import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How users can be reached besides mail, and what became of every message by every channel (R000-86). */
export class Channels1700000000085 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- What a user has told about himself; nothing is known about users without a row.
      create table notifications.contacts (
        tenant text not null,
        user_id text not null,
        phone text,                          -- E.164
        push_token text,                     -- of the device that registered last
        locale text,                         -- BCP 47
        primary key (tenant, user_id)
      );
      call engine.isolate('notifications.contacts', 'select, insert, update', 'select');

      -- The delivery log: one row for a message and a channel, with how its last attempt ended.
      alter table notifications.deliveries rename column delivered_at to at;
      alter table notifications.deliveries
        add column status text not null default 'delivered' check (status in ('delivered', 'retrying', 'failed')),
        add column code text,
        add column reason text;
      alter table notifications.deliveries alter column status drop default;
      grant update on notifications.deliveries to statewright_app;
      create index deliveries_newest on notifications.deliveries (tenant, at desc, message_id desc, channel desc);
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      drop table notifications.contacts;
      drop index notifications.deliveries_newest;
      revoke update on notifications.deliveries from statewright_app;
      delete from notifications.deliveries where status <> 'delivered';
      alter table notifications.deliveries drop column status, drop column code, drop column reason;
      alter table notifications.deliveries rename column at to delivered_at`);
  }
}
