import type { MigrationInterface, QueryRunner } from 'typeorm';

const OUTCOMES = ['fired', 'unmatched', 'throttled', 'faulty', 'too_deep', 'succeeded', 'failed', 'dead', 'stopped'];

/** What rules hear: nothing is written down for rules that nobody has (decision 71), and some words are not believed (decision 70). */
export class Hearing1700000000252 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      ${outcomes([...OUTCOMES, 'disbelieved'])};

      -- An event that no rule waits for, when it is written, is told to nobody. What a schedule says is for its own rule.
      create function automation.is_awaited() returns trigger language plpgsql as $$
      declare
        heard text := new.params -> 'event' ->> 'type';
      begin
        if new.params ->> 'lifecycle' = 'schedule' then return new; end if;
        perform from automation.rules r
          where r.tenant = new.tenant and r.is_enabled
            and exists (select from unnest(r.event_types) pattern
                         where pattern = heard or (right(pattern, 1) = '*' and starts_with(heard, left(pattern, -1))))
          limit 1;
        return case when found then new end;
      end $$;
      create trigger is_awaited before insert on engine.outbox for each row
        when (new.type = 'automation.hear') execute function automation.is_awaited();
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      drop trigger is_awaited on engine.outbox;
      drop function automation.is_awaited();
      delete from automation.logs where outcome = 'disbelieved';
      ${outcomes(OUTCOMES)};
    `);
  }
}

const outcomes = (names: readonly string[]): string =>
  `alter table automation.logs drop constraint logs_outcome_check,
     add constraint logs_outcome_check check (outcome in (${names.map((name) => `'${name}'`).join(', ')}))`;
