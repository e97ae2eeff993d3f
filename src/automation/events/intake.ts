import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Json } from '../../engine/core/driver.js';
import type { Tx } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { DEEPEST } from '../chain.js';
import { Firings } from '../firings/firings.js';
import { log } from '../logs/logs.js';
import { believes } from '../rules/belief.js';
import { judge } from '../rules/conditions.js';
import { scopeOf, type EventSource, type Happening, type Rule } from '../rules/rule.js';
import { ruleFor, rulesFor } from '../rules/rules.store.js';
import { used } from '../rules/throttle.js';

/** An event on its way in. */
export interface Arrival {
  id: string;
  /** Canonical. */
  type: string;
  givenType: string;
  source: EventSource;
  payload: { [name: string]: Json };
  actor: string | null;
  /** Roles of whoever tells of it; left out when the service itself does. */
  teller?: readonly string[];
  correlationId: string;
  depth: number;
  /** Milliseconds since 1970; now when left out. */
  occurredAt?: number | undefined;
  /** The same within 24 hours is the same event. */
  dedupeKey?: string | undefined;
  /** The key is the request's: another body under it is a mistake, and no repetition. */
  insistOnBody?: boolean;
  /** The only rule that it is for. */
  ruleId?: number;
}

/** What became of an event. */
export interface Accepted {
  eventId: string;
  isNew: boolean;
  /** The rules that it set off. */
  fired: { rule_id: number; name: string }[];
}

/** Takes events in, and asks every rule that waits for them; all in one transaction, so that an event that is kept has been judged. */
@Injectable()
export class Intake {
  constructor(private readonly firings: Firings) {}

  /** @throws IDEMPOTENCY_KEY_REUSED when the request's key stands for another body */
  async accept(tx: Tx, arrival: Arrival): Promise<Accepted> {
    const hash = createHash('sha256')
      .update(JSON.stringify([arrival.givenType, arrival.payload]))
      .digest('hex');
    const earlier = arrival.dedupeKey === undefined ? undefined : await repeated(tx, arrival.dedupeKey);
    if (earlier && arrival.insistOnBody && earlier.request_hash !== hash) throw refuse('IDEMPOTENCY_KEY_REUSED');
    if (earlier) return { eventId: earlier.event_id, isNew: false, fired: [] };
    const event = await keep(tx, arrival, hash);
    if (!event) return { eventId: arrival.id, isNew: false, fired: [] };
    if (arrival.depth >= DEEPEST) {
      await log(tx, { outcome: 'too_deep', event, rule: null, detail: { depth: arrival.depth, most: DEEPEST } });
      return { eventId: arrival.id, isNew: true, fired: [] };
    }
    const rules = arrival.ruleId === undefined ? await rulesFor(tx, arrival.type) : await ruleFor(tx, arrival.ruleId);
    const fired: Accepted['fired'] = [];
    for (const rule of rules)
      if (await this.ask(tx, rule, event, arrival)) fired.push({ rule_id: rule.rule_id, name: rule.name });
    return { eventId: arrival.id, isNew: true, fired };
  }

  /** Whether the rule fired. Whatever it says is written down. */
  private async ask(tx: Tx, rule: Rule, event: Happening, { depth, correlationId, teller }: Arrival): Promise<boolean> {
    if (!believes(rule, event.type, teller)) {
      await log(tx, { outcome: 'disbelieved', event, rule, detail: { teller, owner: rule.owner_roles } });
      return false;
    }
    const verdict = judge(rule.conditions, scopeOf(event, rule));
    if (verdict.fault !== undefined) {
      await log(tx, { outcome: 'faulty', event, rule, detail: { fault: verdict.fault } });
      return false;
    }
    const detail = { account: verdict.account, steps: verdict.steps };
    if (!verdict.ok) {
      await log(tx, { outcome: 'unmatched', event, rule, detail });
      return false;
    }
    const throttle = await used(tx, rule, 'lock');
    if (throttle && throttle.used >= throttle.limit) {
      await log(tx, { outcome: 'throttled', event, rule, detail: { ...detail, throttle } });
      return false;
    }
    const firing = await this.firings.fire(tx, rule, event, depth + 1, correlationId);
    if (typeof firing === 'object') {
      await log(tx, { outcome: 'faulty', event, rule, detail: { ...detail, fault: firing.fault } });
      return false;
    }
    await log(tx, { outcome: 'fired', event, rule, detail: { ...detail, firing } });
    return true;
  }
}

/** The event of this key within the last 24 hours; of two that come at once, one waits here for the other. */
async function repeated(tx: Tx, key: string): Promise<{ event_id: string; request_hash: string } | undefined> {
  await tx.run(
    `select pg_advisory_xact_lock(hashtextextended('automation.event:' || engine.tenant() || ':' || $1, 0))`,
    [key],
  );
  return tx.one(
    `select event_id, request_hash from automation.events
      where tenant = engine.tenant() and dedupe_key = $1 and received_at > engine.now() - interval '24 hours'
      order by received_at desc limit 1`,
    [key],
  );
}

/** Writes the event down; undefined when it was there already. */
async function keep(tx: Tx, arrival: Arrival, hash: string): Promise<Happening | undefined> {
  const { id, type, givenType, source, payload, actor, dedupeKey, correlationId, depth, occurredAt } = arrival;
  const row = await tx.one<{ occurred_at: Date }>(
    `insert into automation.events (tenant, event_id, type, given_type, source, payload, actor, dedupe_key, request_hash, correlation_id, depth, occurred_at, received_at)
     values (engine.tenant(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, coalesce(to_timestamp($11::float8 / 1000), engine.now()), engine.now())
     on conflict do nothing returning occurred_at`,
    [
      id,
      type,
      givenType,
      source,
      JSON.stringify(payload),
      actor,
      dedupeKey ?? null,
      hash,
      correlationId,
      depth,
      occurredAt ?? null,
    ],
  );
  return row && { event_id: id, type, source, payload, actor, occurred_at: row.occurred_at.toISOString() };
}
