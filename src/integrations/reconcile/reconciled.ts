/** How far each provider has been asked; one row for each, so that all workers together ask once. */
import type { Tx } from '../../platform/database.js';

/** Takes the next question to a provider. Answers since when to ask and at what time this was taken, or undefined when somebody has asked lately. */
export const take = (
  tx: Tx,
  provider: string,
  everyMs: number,
  firstLookBackMs: number,
): Promise<{ since: Date; at: Date } | undefined> =>
  tx.one(
    `insert into engine.reconciled as r (provider, until, asked_at)
     values ($1, clock_timestamp() - $3 * interval '1 millisecond', clock_timestamp())
     on conflict (provider) do update set asked_at = excluded.asked_at
       where r.asked_at <= excluded.asked_at - $2 * interval '1 millisecond'
     returning until as since, asked_at as at`,
    [provider, everyMs, firstLookBackMs],
  );

/** Notes that everything until then is known. */
export const settle = (tx: Tx, provider: string, until: Date): Promise<number> =>
  tx.run('update engine.reconciled set until = greatest(until, $2) where provider = $1', [provider, until]);
