/** Events that an account may have in a month (R002-7): counted by the database with the runs that they begin with. */
import pg from 'pg';
import type { Tx } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';

/** With what the database says that there are too many. */
const USED_UP = 'SWQ01';

/** The refusal that says so: 429 with `quota`, `limit` and `resetsAt`; anything else as it is. */
export function asRefusal(error: unknown): unknown {
  if (!(error instanceof pg.DatabaseError) || error.code !== USED_UP) return error;
  const { limit, resetsAt } = JSON.parse(error.detail ?? '{}') as { limit: number; resetsAt: string };
  return refuse('QUOTA_EXCEEDED', {
    detail: `The account may have ${limit} events a month.`,
    members: { quota: 'events', limit, resetsAt },
  });
}

/** What is to be done, with that refusal. */
export async function withinQuota<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asRefusal(error);
  }
}

/** Whether the account has limits at all. */
export const isLimited = async (tx: Tx): Promise<boolean> =>
  (await tx.one('select 1 from automation.accounts where tenant = engine.tenant()')) !== undefined;
