import { Injectable } from '@nestjs/common';
import type { Caller } from '../../auth/caller.js';
import type { Json } from '../../engine/core/driver.js';
import { Database } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { ownAccount } from '../sandbox/account.js';
import { Sandbox } from '../sandbox/sandbox.js';
import { shown } from './event.js';
import { deliveredEvents } from './events.store.js';
import { patternIn } from './pattern.check.js';
import { awaited, type Pattern } from './pattern.js';
import { leadOf, replay } from './replaying.js';
import type { TestPattern, TrialView } from './trial.dto.js';

/** Results of one trial. */
const MOST_RESULTS = 100;
/** Events of one trial; what is measured is measured anew at each of them. */
const MOST_EVENTS: Readonly<Record<Pattern['type'], number>> = {
  event: 10_000,
  sequence: 10_000,
  threshold: 5_000,
  anomaly: 2_000,
  sql: 0,
};

/** Tells what a pattern would have found, and sets nothing off (R002-27). */
@Injectable()
export class PatternTrial {
  constructor(
    private readonly database: Database,
    private readonly sandbox: Sandbox,
  ) {}

  /** @throws PATTERN_ERROR, QUERY_ERROR, WF006 when the time ends before it begins, NOT_FOUND for another account */
  async run({ tenant }: Caller, { pattern: given, timeRange, accountId }: TestPattern): Promise<TrialView> {
    ownAccount(tenant, accountId);
    const { start, end } = timeRange;
    if (end < start)
      throw refuse('WF006', { errors: [{ field: 'timeRange.end', message: 'must not be before timeRange.start' }] });
    const pattern = patternIn(given);
    if (pattern.type === 'sql') {
      const rows = await this.sandbox.ask(tenant, pattern.query);
      return view(rows.length, rows, 0, false);
    }
    const most = MOST_EVENTS[pattern.type];
    const { events, isCut } = await this.database.transaction(tenant, (tx) =>
      deliveredEvents(tx, awaited(pattern), start - leadOf(pattern), end, most),
    );
    const found = replay(pattern, events, start);
    const results = found.slice(0, MOST_RESULTS).map(({ at, events: matched, detail }) => ({
      timestamp: at,
      events: matched.map(shown),
      detail,
    }));
    return view(found.length, results, events.length, isCut);
  }
}

const view = (matches: number, results: { [name: string]: Json }[], events: number, truncated: boolean): TrialView => ({
  matches,
  results: results.slice(0, MOST_RESULTS),
  events,
  truncated,
});
