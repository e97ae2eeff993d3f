import { Injectable } from '@nestjs/common';
import pg from 'pg';
import { Database } from '../../platform/database.js';
import { advance, look, types, type Types, type Outcome, type Seen, type Write } from '../store/advance.js';
import { BusinessTime } from './business.time.js';
import { Gathering } from './gathering.js';

/** What a write was decided by: the offset of business time. */
interface Decided {
  write: Write;
  offset: number;
}

/**
 * Commits steps together. Each caller waits for the commit of its own step only, and what goes wrong with one step is no concern of its
 * neighbours: when a call throws, its steps are tried one by one.
 */
@Injectable()
export class GroupCommit {
  private readonly looks: Gathering<string, Seen | 'none'>;
  private known: Types | undefined;
  private readonly writes: Gathering<Decided, Outcome | Failed>;

  constructor(
    private readonly database: Database,
    readonly time: BusinessTime,
  ) {
    this.looks = new Gathering((tenant, ids) => this.lookAt(tenant, ids));
    this.writes = new Gathering((tenant, writes) => this.writeAll(tenant, writes));
  }

  /** The instance as it is now, if this tenant has it. */
  async look(tenant: string, id: string): Promise<Seen | undefined> {
    const seen = await this.looks.add(tenant, id);
    return seen === 'none' ? undefined : seen;
  }

  /**
   * Resolves when the step is durable, or with the reason why it was not written; with undefined when the database refused it for a reason
   * of its own. @throws when the connection was lost: then it may be written or not
   */
  async write(tenant: string, write: Write, offset: number): Promise<Outcome | undefined> {
    const outcome = await this.writes.add(tenant, { write, offset });
    if (outcome.kind !== 'failed') return outcome;
    if (isRefusal(outcome.error)) return undefined;
    throw outcome.error;
  }

  /** The numbers of the types that records are sent as; asked once. */
  async types(): Promise<Types> {
    return (this.known ??= await types(this.database));
  }

  private async lookAt(tenant: string, ids: readonly string[]): Promise<(Seen | 'none')[]> {
    const rows = await look(this.database, tenant, [...new Set(ids)]);
    const [first] = rows;
    if (first) this.time.learn(first);
    const byId = new Map(rows.map((row) => [row.id, row]));
    return ids.map((id) => byId.get(id) ?? 'none');
  }

  private async writeAll(tenant: string, decided: readonly Decided[]): Promise<(Outcome | Failed)[]> {
    const [first] = decided;
    if (!first) return [];
    // Decided before and after somebody moved the clock: the database takes one offset at a time.
    if (decided.some(({ offset }) => offset !== first.offset)) return this.oneByOne(tenant, decided);
    try {
      const writes = decided.map(({ write }) => write);
      const { moment, outcomes } = await advance(this.database, await this.types(), tenant, first.offset, writes);
      this.time.learn(moment);
      return outcomes;
    } catch (error) {
      // Whether a lost connection has committed is unknown, so nothing may be tried again here.
      if (decided.length === 1 || !isRefusal(error)) return decided.map(() => ({ kind: 'failed', error }));
      return this.oneByOne(tenant, decided);
    }
  }

  private async oneByOne(tenant: string, decided: readonly Decided[]): Promise<(Outcome | Failed)[]> {
    const outcomes: (Outcome | Failed)[] = [];
    for (const one of decided) outcomes.push(...(await this.writeAll(tenant, [one])));
    return outcomes;
  }
}

interface Failed {
  kind: 'failed';
  error: unknown;
}

/** The server said no and rolled back: nothing was written. Classes 08 and 57 end connections, and then nobody knows. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && !/^(08|57P)/.test(error.code ?? '08');
