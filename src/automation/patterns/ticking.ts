import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Json } from '../../engine/core/driver.js';
import { newId } from '../../platform/ids.js';
import { businessTime } from '../../engine/store/instances.js';
import { Sweeps } from '../../engine/workers/sweeps.js';
import { Database } from '../../platform/database.js';
import { Refused } from '../../platform/errors.js';
import { Log } from '../../platform/logger.js';
import { Sandbox } from '../sandbox/sandbox.js';
import { ALL } from './groups.js';
import { findCrossing } from './live.js';
import { Matches } from './matches.js';
import type { AnomalyPattern, SqlPattern, ThresholdPattern } from './pattern.js';
import type { PatternRow } from './patterns.store.js';
import { foundRows, MOST_MATCHED_ROWS } from './rows.js';
import { knownGroups } from './states.js';
import { dueAgain, duePatterns, noteError } from './ticking.store.js';

const POLL_MS = 1_000;
const AT_ONCE = 20;

/** Looks at patterns when it is time: queries by their interval, thresholds and anomalies because silence tells nobody (R002-30, R002-32). */
@Injectable()
export class Ticking implements OnApplicationBootstrap {
  constructor(
    private readonly database: Database,
    private readonly sandbox: Sandbox,
    private readonly matches: Matches,
    private readonly sweeps: Sweeps,
    private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.sweeps.every('patterns', POLL_MS, () => this.turn());
  }

  /** Looks at what is due. Answers true when there may be more. */
  async turn(): Promise<boolean> {
    const due = await this.database.system((tx) => duePatterns(tx, AT_ONCE));
    for (const { tenant, id } of due) {
      // It is due again before it is looked at: of several processes one gets it, and one that fails is tried at its next time.
      const row = await this.database.transaction(tenant, (tx) => dueAgain(tx, id));
      if (row) await this.look(tenant, row);
    }
    return due.length === AT_ONCE;
  }

  private async look(tenant: string, row: PatternRow): Promise<void> {
    const { pattern } = row;
    try {
      if (pattern.type === 'sql') await this.ask(tenant, row, pattern);
      else if (pattern.type === 'threshold' || pattern.type === 'anomaly') await this.measure(tenant, row, pattern);
      await this.database.transaction(tenant, (tx) => noteError(tx, row, null));
    } catch (error) {
      const reason = error instanceof Refused ? error.message : 'It could not be looked at; it is tried again.';
      if (!(error instanceof Refused)) this.log.error('pattern_failed', error, { tenant, pattern: row.id });
      this.matches.fail();
      await this.database.transaction(tenant, (tx) => noteError(tx, row, reason));
    }
  }

  /** Rows that were not there before are a match. */
  private async ask(tenant: string, row: PatternRow, { query }: SqlPattern): Promise<void> {
    const rows = await this.sandbox.ask(tenant, query, MOST_MATCHED_ROWS);
    const found = foundRows(rows);
    if (found) await this.database.transaction(tenant, (tx) => this.matches.keep(tx, row, found, newChain()));
  }

  /** Each group by itself: what one waits for holds up no other. */
  private async measure(tenant: string, row: PatternRow, pattern: ThresholdPattern | AnomalyPattern): Promise<void> {
    const groups: Json[] =
      pattern.groupBy === undefined ? [ALL] : await this.database.transaction(tenant, (tx) => knownGroups(tx, row));
    for (const group of groups)
      await this.database.transaction(tenant, async (tx) => {
        const at = await businessTime(tx);
        for (const found of await findCrossing(tx, row, pattern, group, at, null))
          await this.matches.keep(tx, row, found, newChain());
      });
  }
}

/** What time brings about begins a chain of its own. */
const newChain = () => ({ correlationId: newId('pattern'), depth: 0 });
