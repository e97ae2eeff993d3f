/** Which patterns are due without an event. */
import type { Tx } from '../../platform/database.js';
import { lockPattern, type PatternRow } from './patterns.store.js';
import { lookEvery } from './timing.js';

/** Patterns that are due, of all tenants, those that have waited longest first. */
export const duePatterns = (tx: Tx, most: number): Promise<{ tenant: string; id: string }[]> =>
  tx.query(
    `select tenant, id from automation.patterns where is_enabled and next_at is not null and next_at <= engine.now() order by next_at limit $1`,
    [most],
  );

/** Takes a pattern that is due and says when it is due again; what was missed is not made up for. @returns undefined when it is not due any more */
export async function dueAgain(tx: Tx, id: string): Promise<PatternRow | undefined> {
  const row = await lockPattern(tx, id);
  if (!row?.is_enabled) return undefined;
  const taken = await tx.run(
    `update automation.patterns set next_at = engine.now() + $2 * interval '1 millisecond'
      where tenant = engine.tenant() and id = $1 and next_at <= engine.now()`,
    [id, lookEvery(row.pattern)],
  );
  return taken > 0 ? row : undefined;
}

/** Notes why a pattern could not be looked at; null when it could. */
export const noteError = (tx: Tx, { id, version }: PatternRow, error: string | null): Promise<number> =>
  tx.run(
    `update automation.patterns set last_error = $3 where tenant = engine.tenant() and id = $1 and version = $2 and last_error is distinct from $3`,
    [id, version, error],
  );
