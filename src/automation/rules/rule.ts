/** A rule as it is kept, and an event as rules see it. */
import { createHash } from 'node:crypto';
import type { Json } from '../../engine/core/driver.js';

/** One action of a rule, its parameters as they are written: with holes. */
export interface RuleAction {
  type: string;
  params: { [name: string]: Json };
}

/** When a rule is due by itself. */
export interface RuleSchedule {
  cron?: string;
  rrule?: string;
  timezone: string;
}

/** How long a rule's limit lasts. */
export const PERIODS = ['minute', 'hour', 'day'] as const;
/** One of PERIODS. */
export type Period = (typeof PERIODS)[number];

/** A rule (R001-75). */
export interface Rule {
  rule_id: number;
  name: string;
  is_enabled: boolean;
  event_types: string[];
  schedule: RuleSchedule | null;
  conditions: { [name: string]: Json } | null;
  throttle_per: Period | null;
  throttle_limit: number | null;
  actions: RuleAction[];
  owner_id: string;
  owner_roles: string[];
}

/** Where an event came from. */
export type EventSource = 'api' | 'service' | 'schedule' | 'rule' | 'followup';

/** Something that happened. */
export interface Happening {
  event_id: string;
  /** Canonical. */
  type: string;
  source: EventSource;
  payload: { [name: string]: Json };
  actor: string | null;
  occurred_at: string;
}

/** What conditions and holes can name: `payload.x`, `type`, `event.actor`, `rule.name`. */
export const scopeOf = (event: Happening, rule: Pick<Rule, 'rule_id' | 'name'>): Record<string, Json> => ({
  type: event.type,
  payload: event.payload,
  event: {
    id: event.event_id,
    type: event.type,
    source: event.source,
    actor: event.actor,
    occurred_at: event.occurred_at,
  },
  rule: { id: rule.rule_id, name: rule.name },
});

/** What tells an action from the others of its rule (R001-76). */
export const signatureOf = ({ type, params }: RuleAction): string =>
  createHash('sha256')
    .update(JSON.stringify([type, sorted(params)]))
    .digest('hex')
    .slice(0, 16);

/** The same parameters in another order are the same parameters. */
function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, item]) => [name, sorted(item)]),
  );
}
