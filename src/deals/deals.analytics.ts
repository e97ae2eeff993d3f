import { Injectable } from '@nestjs/common';
import { seesEverything, type Caller } from '../auth/caller.js';
import { Database, type Tx } from '../platform/database.js';
import type { CreatorAnalytics, FunnelStep, InterestCount, NdaStats, PitchAnalytics } from './deals.analytics.dto.js';
import { funnel, share, timeInState } from './deals.figures.js';
import { DEAL_KINDS, DEAL_TYPES, quoted, type DealKind } from './deals.kinds.js';

/** Figures of a pitch or a creator (R000-21). */
@Injectable()
export class DealAnalytics {
  constructor(private readonly database: Database) {}

  /** Whether the caller may see figures of a pitch or a creator: overseers, and creators about themselves. */
  async mayAnalyse(caller: Caller, pitchId: string | undefined, creatorId: string | undefined): Promise<boolean> {
    if (seesEverything(caller)) return true;
    if (creatorId !== undefined && creatorId !== caller.userId) return false;
    if (pitchId === undefined) return true;
    const pitch = await this.database.transaction(caller.tenant, (tx) =>
      tx.one('select 1 from deals.pitches where tenant = engine.tenant() and id = $1 and creator_id = $2', [
        pitchId,
        caller.userId,
      ]),
    );
    return pitch !== undefined;
  }

  /** What became of the interest in a pitch. */
  ofPitch({ tenant }: Caller, pitchId: string): Promise<PitchAnalytics> {
    const { investment, production, nda } = DEAL_KINDS;
    const ofKind = (tx: Tx, kind: DealKind): Promise<FunnelStep[]> => funnel(tx, kind, 'd.pitch_id = $1', [pitchId]);
    return this.database.transaction(tenant, async (tx) => {
      const interest = await tx.one<{ count: number; total: number }>(
        `select count(*) as count, coalesce(sum(proposed_amount), 0)::float8 as total
           from deals.investment_deals where tenant = engine.tenant() and pitch_id = $1`,
        [pitchId],
      );
      return {
        totalInvestmentInterest: interest ?? { count: 0, total: 0 },
        investmentFunnel: await ofKind(tx, investment),
        productionInterest: await interestIn(tx, pitchId),
        productionFunnel: await ofKind(tx, production),
        ndaFunnel: await ofKind(tx, nda),
        ndaStats: await ndaStats(tx, pitchId),
        timeInState: await timeInState(tx, Object.values(DEAL_KINDS), 'd.pitch_id = $1', [pitchId]),
      };
    });
  }

  /** What a creator's pitches brought in. */
  ofCreator({ tenant }: Caller, creatorId: string): Promise<CreatorAnalytics> {
    return this.database.transaction(tenant, async (tx) => {
      const money = await tx.one<{ pitches: number; received: number }>(
        `select (select count(*) from deals.pitches where tenant = engine.tenant() and creator_id = $1) as pitches,
                coalesce(sum(coalesce(agreed_amount, proposed_amount)) filter (where status in ('FUNDED', 'COMPLETED')), 0)::float8 as received
           from deals.investment_deals where tenant = engine.tenant() and creator_id = $1`,
        [creatorId],
      );
      const counts = await tx.query<Counts>(
        `${DEAL_TYPES.map((type) => countsOf(DEAL_KINDS[type])).join(' union all ')} order by position`,
        [creatorId],
      );
      const [investment = NONE, production = NONE, nda = NONE] = counts;
      return {
        totalPitches: money?.pitches ?? 0,
        totalInvestmentReceived: money?.received ?? 0,
        activeDeals: { investment: investment.active, production: production.active, nda: nda.active },
        conversionRates: {
          investmentToFunding: share(investment.arrived, investment.deals),
          interestToProduction: share(production.arrived, production.deals),
          ndaToActive: share(nda.arrived, nda.deals),
        },
      };
    });
  }
}

interface Counts {
  deals: number;
  active: number;
  arrived: number;
}
const NONE: Counts = { deals: 0, active: 0, arrived: 0 };

/** An NDA whose time is over has been in force: it has arrived, though it is no longer there. */
const countsOf = ({ type, table, goal }: DealKind): string => `
  select ${DEAL_TYPES.indexOf(type)} as position, count(*) as deals,
         count(*) filter (where i.status in ('active', 'paused', 'quarantined')) as active,
         count(*) filter (where d.status in (${quoted(goal)})${type === 'nda' ? ` or (d.status = 'EXPIRED' and d.effective_date is not null)` : ''}) as arrived
    from ${table} d join engine.instances i on i.tenant = d.tenant and i.id = d.workflow_instance_id
   where d.tenant = engine.tenant() and d.creator_id = $1`;

const interestIn = (tx: Tx, pitchId: string): Promise<InterestCount[]> =>
  tx.query(
    `select interest_type, count(*) as count from deals.production_deals
      where tenant = engine.tenant() and pitch_id = $1 group by interest_type order by count desc, interest_type`,
    [pitchId],
  );

/** R000-2: how many NDAs need no decision is a goal of the product. */
async function ndaStats(tx: Tx, pitchId: string): Promise<NdaStats> {
  const rows = await tx.query<{
    route: string | null;
    level: string | null;
    count: number;
    active: number;
    sum: number;
  }>(
    `select risk_route as route, risk_level as level, count(*) as count, count(*) filter (where status = 'ACTIVE') as active,
            coalesce(sum(risk_score), 0)::int as sum
       from deals.ndas where tenant = engine.tenant() and pitch_id = $1 group by risk_route, risk_level`,
    [pitchId],
  );
  const sumOf = (some: readonly { count: number }[]): number => some.reduce((sum, { count }) => sum + count, 0);
  const assessed = rows.filter(({ route }) => route !== null);
  const perRoute = ['AUTO_APPROVED', 'CREATOR_REVIEW', 'LEGAL_REVIEW'].map((route) => ({
    route,
    count: sumOf(assessed.filter((row) => row.route === route)),
  }));
  return {
    total: sumOf(rows),
    active: rows.reduce((sum, { active }) => sum + active, 0),
    avg_risk_score:
      assessed.length === 0
        ? null
        : Math.round((assessed.reduce((sum, row) => sum + row.sum, 0) / sumOf(assessed)) * 100) / 100,
    automatic_share: share(perRoute[0]?.count ?? 0, sumOf(assessed)),
    routes: perRoute,
    risk_levels: ['low', 'medium', 'high'].map((risk_level) => ({
      risk_level,
      count: sumOf(assessed.filter(({ level }) => level === risk_level)),
    })),
  };
}
