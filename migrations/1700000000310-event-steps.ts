import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The steps of events as calls of their own: each takes on its tenant, and is over when it answers. In a transaction of the service, rows of
 * counters stayed locked until it got round to the commit, and whoever counted next waited for that.
 */
export class EventSteps1700000000310 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create function events.store(who text, given json) returns table (event_id text, status text, stored_at timestamptz, payload_hash text) language plpgsql as $$
      begin
        perform engine.enter(who);
        return query select * from events.store(given);
      end $$;

      create function events.count(who text, event_ids text[]) returns void language plpgsql as $$
      begin
        perform engine.enter(who);
        perform events.count(event_ids);
      end $$;

      create function events.deliver(who text, given json) returns table (event_id text, status text, instance_id text, is_new boolean) language plpgsql as $$
      begin
        perform engine.enter(who);
        return query select * from events.deliver(given);
      end $$;
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop function events.deliver(text, json), events.count(text, text[]), events.store(text, json)');
  }
}
