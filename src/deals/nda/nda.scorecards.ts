import { HOUSE_SCORECARD, type Scorecard } from '../../../machines/nda.risk.js';
import type { Tx } from '../../platform/database.js';

/** A scorecard with when and by whom it was set; the house's own has neither. */
export interface KeptScorecard {
  card: Scorecard;
  createdAt: Date | null;
  createdBy: string | null;
}

/** The scorecard by which NDAs that begin now are assessed (R000-71). */
export const currentScorecard = async (tx: Tx): Promise<Scorecard> => (await kept(tx, 1))[0]?.card ?? HOUSE_SCORECARD;

/** Every scorecard the tenant has had, newest first; the house's own is the oldest. */
export const allScorecards = async (tx: Tx): Promise<KeptScorecard[]> => [
  ...(await kept(tx, 1_000)),
  { card: HOUSE_SCORECARD, createdAt: null, createdBy: null },
];

/** Makes a scorecard the current one, under the next version. Those before it stay, for the NDAs that were assessed by them. */
export async function putScorecard(tx: Tx, rules: Omit<Scorecard, 'version'>, by: string): Promise<Scorecard> {
  // Two administrators at once would otherwise both write the same version.
  await tx.run(`select pg_advisory_xact_lock(hashtextextended('nda-scorecard:' || engine.tenant(), 0))`);
  const version = (await currentScorecard(tx)).version + 1;
  const card: Scorecard = { ...rules, version };
  await tx.run(
    `insert into deals.nda_scorecards (tenant, version, card, created_at, created_by) values (engine.tenant(), $1, $2, engine.now(), $3)`,
    [version, JSON.stringify(card), by],
  );
  return card;
}

const kept = (tx: Tx, limit: number): Promise<KeptScorecard[]> =>
  tx.query<KeptScorecard>(
    `select card, created_at as "createdAt", created_by as "createdBy"
       from deals.nda_scorecards where tenant = engine.tenant() order by version desc limit $1`,
    [limit],
  );
