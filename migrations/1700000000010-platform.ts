import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Roles, tenant isolation, the clock and the settings that everything else stands on. */
export class Platform1700000000010 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    // Roles belong to the cluster, not to the database: another database's migration may be creating them right now, and an
    // administrator may have created and granted them before, so that the owner needs no right to do so.
    for (const role of ['statewright_app', 'statewright_system']) {
      await db.query(`
        do $$ begin
          if not exists (select from pg_roles where rolname = '${role}') then
            create role ${role} nologin;
          end if;
        exception when duplicate_object or unique_violation then null;
        end $$`);
      await db.query(`
        do $$ begin
          set local role ${role};
          reset role;
        exception when insufficient_privilege then
          begin
            execute format('grant ${role} to %I', current_user);
          exception when insufficient_privilege then
            raise insufficient_privilege using message = format('an administrator has to run "grant ${role} to %I" first', current_user);
          end;
        end $$`);
    }

    await db.query(`
      create schema engine;
      create schema auth;
      create schema deals;
      create schema statewright;
      grant usage on schema engine, auth, deals, statewright to statewright_app, statewright_system;

      -- The tenant of the running transaction; null outside one, and null sees nothing.
      create function engine.tenant() returns text language sql stable
        as $$ select nullif(current_setting('engine.tenant', true), '') $$;

      -- One row: how far business time is ahead of the database's clock. Only sandbox mode moves it.
      create table engine.clock (one boolean primary key default true check (one), offset_ms bigint not null default 0);
      insert into engine.clock default values;
      grant select on engine.clock to statewright_app;
      grant select, update on engine.clock to statewright_system;

      -- All business time. Volatile on purpose: a transaction that waited for a lock sees the time after the wait.
      create function engine.now() returns timestamptz language sql volatile
        as $$ select date_trunc('milliseconds', clock_timestamp()) + (select offset_ms from engine.clock) * interval '1 millisecond' $$;

      -- Puts a table under forced row-level security: one tenant for the application, all tenants for the system's own loops.
      create procedure engine.isolate(target regclass, app_may text, system_may text) language plpgsql as $$
      begin
        execute format('alter table %s enable row level security', target);
        execute format('alter table %s force row level security', target);
        execute format('create policy one_tenant on %s to statewright_app using (tenant = engine.tenant()) with check (tenant = engine.tenant())', target);
        execute format('create policy system on %s to statewright_system using (true) with check (true)', target);
        -- Forced security binds the owner too; views and migrations read through this policy.
        execute format('create policy owner on %s to %I using (true) with check (true)', target, current_user);
        execute format('grant %s on %s to statewright_app', app_may, target);
        execute format('grant %s on %s to statewright_system', system_may, target);
      end $$;

      create function engine.refuse_change() returns trigger language plpgsql as $$
      begin
        raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
      end $$;

      -- What a tenant set differently from the product's defaults, one document per area ('investment', …).
      create table engine.settings (
        tenant text not null,
        area text not null,
        value jsonb not null,
        updated_at timestamptz not null default clock_timestamp(),
        updated_by text not null,
        primary key (tenant, area)
      );
      call engine.isolate('engine.settings', 'select, insert, update, delete', 'select, insert, update');
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(
      'drop schema statewright cascade; drop schema deals cascade; drop schema auth cascade; drop schema engine cascade',
    );
  }
}
