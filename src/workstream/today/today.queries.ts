import { Injectable } from '@nestjs/common';
import type { Caller } from '../../auth/caller.js';
import { Database, type Tx } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { checkOrg } from '../orgs.js';
import type { Page } from '../rows.js';
import { SlaCalendar } from '../sla/sla.calendar.js';
import type { Stats, TodayItem, TodayQuery } from './today.dto.js';
import { COUNT_TODAY, pageOfToday } from './today.sql.js';

/** What deserves attention, and how much there is. */
@Injectable()
export class TodayQueries {
  constructor(
    private readonly database: Database,
    private readonly calendar: SlaCalendar,
  ) {}

  /** Open candidates and pursuits, what matters most first (R001-47 to R001-51). @throws WF005, WF006 */
  today(caller: Caller, query: TodayQuery): Promise<Page<TodayItem>> {
    const { page, limit, sort, stage, status, item_type: given } = query;
    if (stage !== undefined && status !== undefined)
      throw refuse('WF006', {
        errors: [{ field: 'stage', message: 'stage is of pursuits and status of candidates: name one' }],
      });
    const itemType = stage !== undefined ? 'pursuit' : status !== undefined ? 'candidate' : given;
    return this.within(caller, query, async (tx) => {
      const filter = [
        await this.day(tx),
        query.owner_user_id ?? null,
        itemType ?? null,
        stage ?? status ?? null,
        query.priority_tier ?? null,
      ];
      const data = await tx.query<TodayItem>(pageOfToday(sort), [...filter, limit, (page - 1) * limit]);
      const counted = await tx.one<{ total: number }>(COUNT_TODAY, filter);
      return { data, pagination: { page, limit, total: counted?.total ?? 0 } };
    });
  }

  /** How much there is, and how much of it is new (R001-44). */
  stats(caller: Caller, query: { org_id?: string }): Promise<Stats> {
    return this.within(caller, query, async (tx) => {
      const row = await tx.one<Record<string, number>>(
        `select ${['signals', 'candidates', 'pursuits'].map(countsOf).join(', ')}`,
      );
      const of = (name: string) => ({ total: row?.[`${name}_total`] ?? 0, recent: row?.[`${name}_recent`] ?? 0 });
      return { signals: of('signals'), candidates: of('candidates'), pursuits: of('pursuits') };
    });
  }

  private within<T>({ tenant }: Caller, { org_id }: { org_id?: string }, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.database.transaction(tenant, async (tx) => {
      await checkOrg(tx, org_id);
      return work(tx);
    });
  }

  /** What day it is where the organisation is (R001-87). */
  private async day(tx: Tx): Promise<string> {
    const { zone } = await this.calendar.read(tx);
    const row = await tx.one<{ day: string }>('select (engine.now() at time zone $1)::date::text as day', [zone]);
    if (!row) throw new Error('the database does not know the day');
    return row.day;
  }
}

const countsOf = (table: string): string =>
  `(select count(*) from workstream.${table} where tenant = engine.tenant()) as ${table}_total,
   (select count(*) from workstream.${table} where tenant = engine.tenant() and created_at > (select engine.now()) - interval '7 days') as ${table}_recent`;
