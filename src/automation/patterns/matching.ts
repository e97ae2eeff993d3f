import { Injectable } from '@nestjs/common';
import { EngineFault, type Json } from '../../engine/core/driver.js';
import type { EffectResult, EffectRun } from '../../engine/host.js';
import type { Ended } from '../../engine/listening.js';
import { businessTime } from '../../engine/store/instances.js';
import { Database, type Tx } from '../../platform/database.js';
import { Refused } from '../../platform/errors.js';
import { DEEPEST, depthOf } from '../chain.js';
import type { Seen } from './event.js';
import { deliveredEvent, mark } from './events.store.js';
import { findCrossing, findEvent, findSequences, measuredGroup } from './live.js';
import { Matches, type Found } from './matches.js';
import { patternsFor, type PatternRow } from './patterns.store.js';
import { noteError } from './ticking.store.js';

/** Shows each delivered event to the patterns that wait for it, once, however often it is told (R002-17, R002-25). */
@Injectable()
export class Matching {
  constructor(
    private readonly database: Database,
    private readonly matches: Matches,
  ) {}

  readonly match = async ({ output }: Ended, run: EffectRun): Promise<EffectResult> => {
    const eventId = (output as { event_id?: Json } | null)?.event_id;
    if (typeof eventId !== 'string')
      return { kind: 'failed', code: 'NO_EVENT', reason: 'the run does not say what it has delivered' };
    await this.database.transaction(run.tenant, (tx) => this.show(tx, eventId));
    return { kind: 'done' };
  };

  /** Everything that an event is part of is written down with the mark that it was matched, or nothing is. */
  private async show(tx: Tx, eventId: string): Promise<void> {
    const delivered = await deliveredEvent(tx, eventId);
    if (!delivered) return;
    const { event, correlationId } = delivered;
    const chain = { correlationId, depth: depthOf(correlationId) };
    // What patterns and rules have set off themselves ends here, or they would set each other off for ever.
    if (chain.depth >= DEEPEST) return;
    const patterns = await patternsFor(tx, event.type);
    const marked = patterns.length > 0 && (await mark(tx, event));
    if (!marked) return;
    const at = await businessTime(tx);
    for (const pattern of patterns)
      await this.apart(tx, pattern, async () => {
        for (const found of await find(tx, pattern, event, at, marked.wasThere))
          await this.matches.keep(tx, pattern, found, chain);
      });
  }

  /** What is wrong with one pattern, or with the workflow that it starts, is no concern of the others; it is noted. */
  private async apart(tx: Tx, pattern: PatternRow, work: () => Promise<void>): Promise<void> {
    await tx.run('savepoint pattern');
    try {
      await work();
      await tx.run('release savepoint pattern');
    } catch (error) {
      // Everything else may be better next time.
      if (!(error instanceof Refused || error instanceof EngineFault)) throw error;
      await tx.run('rollback to savepoint pattern');
      this.matches.fail();
      await noteError(tx, pattern, error.message);
    }
  }
}

async function find(tx: Tx, row: PatternRow, event: Seen, at: number, wasThere: boolean): Promise<Found[]> {
  const { pattern } = row;
  switch (pattern.type) {
    case 'event':
      return findEvent(pattern, event);
    case 'sequence':
      return findSequences(tx, row, pattern, event);
    case 'threshold':
    case 'anomaly': {
      const group = measuredGroup(pattern, event);
      return group === undefined ? [] : findCrossing(tx, row, pattern, group, at, event, wasThere);
    }
    case 'sql':
      return [];
  }
}
