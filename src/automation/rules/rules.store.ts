/** The rows of rules. */
import type { Tx } from '../../platform/database.js';
import type { Rule, RuleAction } from './rule.js';

const COLUMNS = `rule_id, name, is_enabled, event_types, schedule, conditions, throttle_per, throttle_limit, actions, owner_id, owner_roles, revision,
       created_at, updated_at`;

/** A rule with when it was written. */
export interface RuleRow extends Rule {
  revision: number;
  created_at: Date;
  updated_at: Date;
}

/** The enabled rules that wait for an event, in the order in which they were made. */
export const rulesFor = (tx: Tx, type: string): Promise<Rule[]> =>
  tx.query(
    `select ${COLUMNS} from automation.rules
      where tenant = engine.tenant() and is_enabled
        and exists (select 1 from unnest(event_types) pattern
                     where pattern = $1 or (right(pattern, 1) = '*' and starts_with($1, left(pattern, -1))))
      order by rule_id`,
    [type],
  );

/** The rule, if it is enabled. */
export const ruleFor = (tx: Tx, id: number): Promise<Rule[]> =>
  tx.query(`select ${COLUMNS} from automation.rules where tenant = engine.tenant() and rule_id = $1 and is_enabled`, [
    id,
  ]);

export const findRule = (tx: Tx, id: number): Promise<RuleRow | undefined> =>
  tx.one(`select ${COLUMNS} from automation.rules where tenant = engine.tenant() and rule_id = $1`, [id]);

/** The rule, which nobody else changes until this transaction ends. */
export const lockRule = (tx: Tx, id: number): Promise<RuleRow | undefined> =>
  tx.one(`select ${COLUMNS} from automation.rules where tenant = engine.tenant() and rule_id = $1 for update`, [id]);

/** One page, oldest first. */
export const listRules = (
  tx: Tx,
  { isEnabled, eventType }: { isEnabled: boolean | null; eventType: string | null },
  after: number,
  limit: number,
): Promise<RuleRow[]> =>
  tx.query(
    `select ${COLUMNS} from automation.rules
      where tenant = engine.tenant() and rule_id > $3 and ($1::boolean is null or is_enabled = $1) and ($2::text is null or $2 = any(event_types))
      order by rule_id limit $4`,
    [isEnabled, eventType, after, limit],
  );

/** How many rules there are, and how many of them are enabled, besides this one. */
export async function countRules(tx: Tx, besides: number): Promise<{ all: number; enabled: number }> {
  const row = await tx.one<{ all: number; enabled: number }>(
    `select count(*) as all, count(*) filter (where is_enabled) as enabled from automation.rules where tenant = engine.tenant() and rule_id <> $1`,
    [besides],
  );
  return row ?? { all: 0, enabled: 0 };
}

/** Writes a rule down. @returns its number */
export async function insertRule(tx: Tx, rule: Omit<Rule, 'rule_id'>): Promise<number> {
  const row = await tx.one<{ rule_id: number }>(
    `insert into automation.rules
       (tenant, name, is_enabled, event_types, schedule, schedule_set_at, conditions, throttle_per, throttle_limit, actions, owner_id, owner_roles,
        created_at, updated_at)
     values (engine.tenant(), $1, $2, $3, $4, case when $4::jsonb is not null then engine.now() end, $5, $6, $7, $8, $9, $10, engine.now(), engine.now())
     returning rule_id`,
    values(rule),
  );
  if (!row) throw new Error('the rule was not written down');
  return row.rule_id;
}

/** Writes a rule anew. What recurs is counted anew when the schedule is another. */
export const updateRule = (tx: Tx, id: number, rule: Omit<Rule, 'rule_id'>): Promise<number> =>
  tx.run(
    `update automation.rules
        set name = $1, is_enabled = $2, event_types = $3,
            schedule_set_at = case when $4::jsonb is null then null when schedule = $4::jsonb then schedule_set_at else engine.now() end,
            schedule = $4, conditions = $5, throttle_per = $6, throttle_limit = $7, actions = $8, owner_id = $9, owner_roles = $10,
            revision = revision + 1, updated_at = engine.now()
      where tenant = engine.tenant() and rule_id = $11`,
    [...values(rule), id],
  );

/** Writes its actions in another form; they are the same. */
export const putActions = (tx: Tx, id: number, actions: readonly RuleAction[]): Promise<number> =>
  tx.run('update automation.rules set actions = $2 where tenant = engine.tenant() and rule_id = $1', [
    id,
    JSON.stringify(actions),
  ]);

export const deleteRule = (tx: Tx, id: number): Promise<number> =>
  tx.run('delete from automation.rules where tenant = engine.tenant() and rule_id = $1', [id]);

const values = (rule: Omit<Rule, 'rule_id'>): unknown[] => [
  rule.name,
  rule.is_enabled,
  rule.event_types,
  rule.schedule === null ? null : JSON.stringify(rule.schedule),
  rule.conditions === null ? null : JSON.stringify(rule.conditions),
  rule.throttle_per,
  rule.throttle_limit,
  JSON.stringify(rule.actions),
  rule.owner_id,
  rule.owner_roles,
];
