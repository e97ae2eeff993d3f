import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a sender says an event is, wherever he says it. A text, cut to what a name may have. */
const said = (...places: readonly string[]): string => `left(coalesce(${places.join(', ')}), 200)`;

/** The columns in which patterns and queries see an event (R002-16, R002-21). */
const COLUMNS = `
  e.event_id as id,
  ${said(`e.metadata ->> 'type'`, `e.payload ->> 'event_type'`, `e.payload ->> 'type'`, `e.payload ->> 'kind'`, `'event'`)} as type,
  ${said(`e.metadata ->> 'source'`, `'api'`)} as source,
  ${said(`e.metadata ->> 'user_id'`, `e.payload ->> 'user_id'`, `e.payload ->> 'userId'`)} as user_id,
  ${said(`e.metadata ->> 'session_id'`, `e.payload ->> 'session_id'`, `e.payload ->> 'sessionId'`)} as session_id,
  e.created_at as "timestamp",
  e.payload::jsonb as data,
  coalesce(e.metadata::jsonb, '{}') as metadata`;

/**
 * How patterns and queries see events. Queries of users run as a role that may read one view and nothing else. Inside of a function of that
 * role the role cannot be changed; and whose rows it sees is told by a row that only this transaction has, not by a setting, which a query
 * could change.
 */
export class EventViews1700000000309 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- Delivered events as patterns see them. A view reads with its owner's rights, so the tenant rule stands here once more.
      create view automation.delivered as
        select e.tenant, ${COLUMNS}, e.correlation_id from events.events e
         where e.status = 'delivered' and (e.tenant = engine.tenant() or current_user <> 'statewright_app');
      grant select on automation.delivered to statewright_app, statewright_system;
    `);
    await db.query(`
      do $$ begin
        if not exists (select from pg_roles where rolname = 'statewright_query') then
          create role statewright_query nologin;
        end if;
      exception when duplicate_object or unique_violation then null;
      end $$`);
    await db.query(`
      do $$ begin
        set local role statewright_query;
        reset role;
      exception when insufficient_privilege then
        begin
          execute format('grant statewright_query to %I', current_user);
        exception when insufficient_privilege then
          raise insufficient_privilege using message = format('an administrator has to run "grant statewright_query to %I" first', current_user);
        end;
      end $$`);
    await db.query(`
      create schema sandbox;
      grant usage on schema sandbox to statewright_app;

      create unlogged table sandbox.running (tenant text not null, xid xid8 not null, primary key (tenant, xid));
      call engine.isolate('sandbox.running', 'insert', 'select');

      create function sandbox.tenant() returns text language sql stable security definer set search_path = pg_catalog, pg_temp
        as $$ select tenant from sandbox.running where xid = pg_current_xact_id_if_assigned() $$;
      -- What a query means by now(): business time.
      create function sandbox.now() returns timestamptz language sql stable security definer set search_path = pg_catalog, pg_temp
        as $$ select engine.now() $$;

      grant select on events.events to statewright_query;
      create policy query on events.events for select to statewright_query using (tenant = (select sandbox.tenant()));

      grant usage on schema events to statewright_query;
      grant usage, create on schema sandbox to statewright_query;
      set local role statewright_query;
      create view sandbox.events as select ${COLUMNS} from events.events e where e.status = 'delivered';
      create function sandbox.run(query text, most int, most_bytes int) returns setof jsonb
        language plpgsql stable security definer set search_path = sandbox, pg_catalog, pg_temp as $$
      declare
        found_row jsonb;
        bytes bigint := 0;
      begin
        for found_row in execute 'select to_jsonb(q) from (' || chr(10) || query || chr(10) || ') q limit ' || most loop
          bytes := bytes + octet_length(found_row::text);
          if bytes > most_bytes then
            raise exception 'the rows have more than % bytes', most_bytes using errcode = 'program_limit_exceeded';
          end if;
          return next found_row;
        end loop;
      end $$;
      revoke execute on function sandbox.run(text, int, int) from public;
      grant execute on function sandbox.run(text, int, int) to statewright_app;
      reset role;
      revoke usage on schema events from statewright_query;
      revoke create on schema sandbox from statewright_query;
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      drop policy query on events.events;
      drop schema sandbox cascade;
      revoke all on events.events from statewright_query;
      drop view automation.delivered;
    `);
  }
}
