import { Injectable } from '@nestjs/common';
import type { Json } from '../../engine/core/driver.js';
import type { Tx } from '../../platform/database.js';
import { Metrics } from '../../platform/metrics.js';
import { chained } from '../chain.js';
import { Starting, type Answer } from '../executions/starting.js';
import { shown, type Seen } from './event.js';
import type { PatternRow } from './patterns.store.js';

/** Events that a match keeps as its explanation, the last. */
const MOST_EVENTS = 100;

/** Something that a pattern has found. */
export interface Found {
  /** What it is about: one thing starts one execution (R002-25). */
  key: string;
  /** What was matched, oldest first. */
  events: readonly Seen[];
  /** What was measured. */
  detail: { [name: string]: Json };
  /** What the execution is given; the data of the last event when left out (R002-37). */
  input?: Json;
  /** Kept in the place of events. */
  rows?: readonly Json[];
}

/** Whose chain a match belongs to. */
export interface Chain {
  correlationId: string;
  /** Patterns and rules before this one. */
  depth: number;
}

/** Writes matches down: the match, its counters and the start of the execution, all or nothing (R002-36). */
@Injectable()
export class Matches {
  private readonly count: (labels: { type: string }) => void;

  constructor(
    private readonly starting: Starting,
    private readonly metrics: Metrics,
  ) {
    const help = 'Matches of patterns, by the type of the pattern.';
    this.count = metrics.counter('statewright_pattern_matched_total', help, ['type']);
  }

  /** @returns false when this was found before, or the pattern has been switched off or changed since */
  async keep(tx: Tx, pattern: PatternRow, found: Found, chain: Chain): Promise<boolean> {
    const known = await tx.one(
      `select 1 from automation.pattern_matches where tenant = engine.tenant() and pattern_id = $1 and version = $2 and match_key = $3`,
      [pattern.id, pattern.version, found.key],
    );
    if (known !== undefined) return false;
    const events = found.events.slice(-MOST_EVENTS).map(shown);
    // The workflow first, then the pattern: whoever deletes a workflow takes them in this order.
    const answer = await this.started(tx, pattern, found, events, chain);
    const counted = await tx.run(
      `update automation.patterns set triggered_count = triggered_count + 1, last_triggered = engine.now()
        where tenant = engine.tenant() and id = $1 and version = $2 and is_enabled`,
      [pattern.id, pattern.version],
    );
    // It was there a moment ago: the whole is tried again, with what it is now.
    if (counted === 0) throw new Error(`the pattern ${pattern.id} was changed meanwhile`);
    await tx.run(
      `insert into automation.pattern_matches (tenant, pattern_id, version, match_key, workflow_id, execution_id, outcome, events, detail, matched_at)
       values (engine.tenant(), $1, $2, $3, $4, $5, $6, $7, $8, engine.now())`,
      [
        ...[pattern.id, pattern.version, found.key, pattern.workflow_id],
        ...(answer.kind === 'refused' ? [null, outcomeOf(answer)] : [answer.executionId, 'started']),
        ...[JSON.stringify(found.rows ?? events), JSON.stringify(found.detail)],
      ],
    );
    tx.afterCommit(() => this.count({ type: pattern.pattern.type }));
    return true;
  }

  /** Counts a pattern that could not be looked at. */
  fail(): void {
    this.metrics.error('pattern');
  }

  /** From an event: its data as input, and the event itself with what was measured (R002-37). */
  private started(
    tx: Tx,
    { id, version, workflow_id: workflowId }: PatternRow,
    { key, input, detail }: Found,
    events: { [name: string]: Json }[],
    { correlationId, depth }: Chain,
  ): Promise<Answer> {
    const event = events.at(-1);
    return this.starting.startWithin(tx, {
      workflowId,
      trigger: { type: 'pattern', id },
      input: input ?? event?.['data'] ?? {},
      event: { ...event, match: detail },
      key: `pattern:${id}:${version}:${key}`,
      by: { actor: `system:pattern:${id}`, roles: [], correlationId: chained(correlationId, depth + 1) },
    });
  }
}

const outcomeOf = ({ because }: Extract<Answer, { kind: 'refused' }>): string =>
  because === 'QUOTA_EXCEEDED' ? 'quota_exceeded' : 'workflow_unavailable';
