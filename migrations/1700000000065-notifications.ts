import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What users were told, by which channel, and what they do not want to be told (R000-86). */
export class Notifications1700000000065 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create schema notifications;
      grant usage on schema notifications to statewright_app, statewright_system;

      create table notifications.messages (
        tenant text not null,
        id text not null,                    -- the effect's key: telling somebody twice is the same message
        user_id text not null,
        type text not null,
        priority text not null check (priority in ('high', 'normal', 'low')),
        subject text not null,
        body text not null,
        data jsonb not null,
        read boolean not null default false,
        created_at timestamptz not null,
        primary key (tenant, id)
      );
      create index messages_of_user on notifications.messages (tenant, user_id, created_at desc, id desc);
      call engine.isolate('notifications.messages', 'select, insert, update', 'select');

      -- Messages that have left the house; one attempt after another, but each at most once.
      create table notifications.deliveries (
        tenant text not null,
        message_id text not null,
        channel text not null,
        recipient_id text not null,
        provider_id text,
        delivered_at timestamptz not null,
        primary key (tenant, message_id, channel)
      );
      call engine.isolate('notifications.deliveries', 'select, insert', 'select');

      create table notifications.preferences (
        tenant text not null,
        user_id text not null,
        type text not null,
        channel text not null,
        enabled boolean not null,
        primary key (tenant, user_id, type, channel)
      );
      call engine.isolate('notifications.preferences', 'select, insert, update, delete', 'select');
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop schema notifications cascade');
  }
}
