import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What everything that is done in one call begins with: taking on the caller's tenant, and looking at instances as they are. */
export class Advance1700000000100 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- Tells the planner, for as long as nothing was analyzed, that the tenant says nothing about which row is meant: if not, it takes a tenant
      -- for as rare as a whole key, and any index that begins with it for as good. Where the server can be told (Postgres 18).
      create procedure engine.expect_few_tenants(schema_ text) language plpgsql as $$
      declare
        name_ text;
      begin
        if current_setting('server_version_num')::int < 180000 then
          return;
        end if;
        for name_ in
          select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant'
           where c.relnamespace = schema_::regnamespace and c.relkind = 'r' and c.reltuples < 0
        loop
          perform pg_restore_attribute_stats('schemaname', schema_, 'relname', name_, 'attname', 'tenant', 'inherited', false,
                                             'null_frac', 0::real, 'avg_width', 8, 'n_distinct', 1::real);
        end loop;
      end $$;

      -- Takes off its caller's rights first, so that one round trip without a transaction around it is as safe as any other.
      create function engine.enter(who text) returns void language plpgsql as $$
      begin
        if who !~ '^[a-z0-9][a-z0-9_-]{0,62}$' then
          raise exception 'malformed tenant name' using errcode = 'invalid_parameter_value';
        end if;
        perform set_config('role', 'statewright_app', true), set_config('engine.tenant', who, true);
      end $$;

      -- Instances as they are now, each with its row version and the business time.
      create function engine.look(who text, ids text[])
        returns table (tenant text, id text, lifecycle text, version int, fingerprint text, status text, state text, phase text, tags text[], snapshot json, revision bigint,
                       head_hash text, parties jsonb, keys jsonb, compensation text, created_at timestamptz, updated_at timestamptz, row_version text, now_ms float8, offset_ms bigint)
        language plpgsql set plan_cache_mode = 'force_generic_plan' set enable_seqscan = off as $$
      declare
        ahead bigint;
      begin
        perform engine.enter(who);
        select c.offset_ms into ahead from engine.clock c;
        return query
          select i.tenant, i.id, i.lifecycle, i.version, i.fingerprint, i.status, i.state, i.phase, i.tags, i.snapshot, i.revision, i.head_hash, i.parties, i.keys,
                 i.compensation, i.created_at, i.updated_at, i.xmin::text, (floor(extract(epoch from clock_timestamp()) * 1000) + ahead)::float8, ahead
            from engine.instances i where i.tenant = who and i.id = any(ids);
      end $$;

      grant execute on function engine.enter(text), engine.look(text, text[]) to statewright_app;
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      drop function engine.look(text, text[]);
      drop function engine.enter(text);
      drop procedure engine.expect_few_tenants(text);
    `);
  }
}
