import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Many starts of one lifecycle in one call, within the transaction of whoever wants them. They come as rows, as steps do: out of a JSON text each
 * field had to be looked for from the beginning of the text, which took four times as long.
 */
export class Starts1700000000117 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- Room for the steps that follow soon after a start, on the same page: half of them had to make new entries in all indexes.
      alter table engine.instances set (fillfactor = 60);

      -- Answers the version that the rows have now. A key that is taken is a unique violation.
      create function engine.start(lifecycle text, version int, fingerprint text, steps engine.step[], parties json[], keys json[], wanted engine.wanted[], armed engine.armed[])
        returns text language plpgsql set plan_cache_mode = 'force_generic_plan' as $$
      declare
        who constant text := engine.tenant();
      begin
        insert into engine.instances (tenant, id, lifecycle, version, fingerprint, status, state, phase, tags, snapshot, revision, head_hash, parties, keys, created_at, updated_at)
        select who, s.id, start.lifecycle, start.version, start.fingerprint, s.status, s.state, s.phase, s.tags, s.snapshot, s.seq, s.hash, s.its_parties::jsonb, s.its_keys::jsonb, s.at, s.at
          from rows from (unnest(steps), unnest(parties), unnest(keys))
               as s (n, id, row_version, seq, status, state, phase, tags, snapshot, kind, type, payload, facts, from_state, actor, roles, cause, correlation_id,
                     idempotency_key, request_hash, answer, at, hash, prev_hash, its_parties, its_keys);
        perform engine.write_down(who, engine.now(), steps, wanted, armed);
        return pg_current_xact_id()::xid::text;
      end $$;
      grant execute on function engine.start to statewright_app;
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop function engine.start; alter table engine.instances set (fillfactor = 80)');
  }
}
