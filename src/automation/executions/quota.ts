/** What an account may have (R002-7). The operator writes its row; an account without one has no limits. */
import type { Tx } from '../../platform/database.js';
import { refuse, type Refused } from '../../platform/errors.js';

/** A limit that is reached. */
export interface UsedUp {
  quota: 'workflows' | 'executions' | 'events';
  limit: number;
  /** When it begins anew; null for what does not. */
  resetsAt: Date | null;
}

/** Whether one more workflow would be too many; two that ask at once are answered one after the other. */
export const workflowQuota = (tx: Tx): Promise<UsedUp | undefined> =>
  tx
    .one<{ limit: number; used: number }>(
      `select a.max_workflows as limit,
              (select count(*)::int from automation.workflows w where w.tenant = a.tenant and w.deleted_at is null) as used
         from (select tenant, max_workflows from automation.accounts where tenant = engine.tenant()
                 and pg_advisory_xact_lock(hashtextextended('automation.quota:' || engine.tenant(), 0)) is not null) a`,
    )
    .then((row) =>
      row && row.used >= row.limit ? { quota: 'workflows', limit: row.limit, resetsAt: null } : undefined,
    );

/** Whether one more execution would be too many this month (UTC). */
export async function executionQuota(tx: Tx): Promise<UsedUp | undefined> {
  const account = await tx.one<{ limit: number }>(
    'select max_executions_per_month as limit from automation.accounts where tenant = engine.tenant()',
  );
  if (!account) return undefined;
  await tx.run(`select pg_advisory_xact_lock(hashtextextended('automation.quota:' || engine.tenant(), 0))`);
  const row = await tx.one<{ used: number; resets_at: Date }>(
    `select (select count(*)::int from automation.executions
              where tenant = engine.tenant() and started_at >= date_trunc('month', engine.now(), 'UTC')) as used,
            (date_trunc('month', engine.now() at time zone 'UTC') + interval '1 month') at time zone 'UTC' as resets_at`,
  );
  if (!row || row.used < account.limit) return undefined;
  return { quota: 'executions', limit: account.limit, resetsAt: row.resets_at };
}

/**
 * Charges an event that has come in from outside, in the transaction that accepts it; accounts without a limit are charged nothing. Events of the
 * pipeline are charged by the pipeline, to the same row. @throws QUOTA_EXCEEDED when it is one too many
 */
export async function chargeEvent(tx: Tx): Promise<void> {
  const row = await tx.one<{ limit: number; used: number; resets_at: Date }>(
    `with account as (select max_events_per_month as most from automation.accounts where tenant = engine.tenant())
     insert into automation.usage as u (tenant, month, events, last_at)
     select engine.tenant(), date_trunc('month', engine.now() at time zone 'UTC')::date, 1, engine.now() from account
     on conflict (tenant, month) do update set events = u.events + 1, last_at = excluded.last_at
     returning (select most from account) as limit, u.events as used, (u.month + interval '1 month') at time zone 'UTC' as resets_at`,
  );
  if (row && row.used > row.limit) throw quotaRefusal({ quota: 'events', limit: row.limit, resetsAt: row.resets_at });
}

/** The refusal that says so: 429 with `quota`, `limit` and `resetsAt`. */
export const quotaRefusal = ({ quota, limit, resetsAt }: UsedUp): Refused =>
  refuse('QUOTA_EXCEEDED', {
    detail: `The account may have ${limit} ${quota}${resetsAt ? ' a month' : ''}.`,
    members: { quota, limit, resetsAt: resetsAt?.toISOString() ?? null },
  });
