import type { Tx } from '../../platform/database.js';
import type { Rule } from './rule.js';

/** A rule's limit, and how often it has fired within it. */
export interface Throttle {
  per: string;
  limit: number;
  used: number;
}

/**
 * How often a rule has fired within the minute, hour or day that ends now; undefined when it may fire as often as it likes.
 * @param how `lock` makes events that come at once ask one after the other, so that the limit is exact
 */
export async function used(
  tx: Tx,
  { rule_id, throttle_per: per, throttle_limit: limit }: Pick<Rule, 'rule_id' | 'throttle_per' | 'throttle_limit'>,
  how: 'lock' | 'look',
): Promise<Throttle | undefined> {
  if (per === null || limit === null) return undefined;
  if (how === 'lock')
    await tx.run('select 1 from automation.rules where tenant = engine.tenant() and rule_id = $1 for no key update', [
      rule_id,
    ]);
  const row = await tx.one<{ used: number }>(
    `select count(*) as used from (
       select 1 from automation.logs
        where tenant = engine.tenant() and rule_id = $1 and outcome = 'fired' and at > engine.now() - $2 * interval '1 second' limit $3) fired`,
    [rule_id, SECONDS[per], limit],
  );
  return { per, limit, used: row?.used ?? 0 };
}

const SECONDS = { minute: 60, hour: 3_600, day: 86_400 } as const;
