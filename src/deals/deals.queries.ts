import { Injectable } from '@nestjs/common';
import { seesEverything, type Caller } from '../auth/caller.js';
import { Database, type Tx } from '../platform/database.js';
import type { CreatorAnalytics, DealRow, ListDeals, PitchAnalytics } from './deals.dto.js';

/** Lists and counts of deals. Parties see their own, overseers those of the tenant. */
@Injectable()
export class DealQueries {
  constructor(private readonly database: Database) {}

  /** One page of deals, newest first, and how many there are altogether (R000-20, R000-94). */
  list(
    caller: Caller,
    { userId, pitchId, type, page, limit }: ListDeals,
  ): Promise<{ workflows: DealRow[]; total: number }> {
    return this.database.transaction(caller.tenant, async (tx) => {
      const filter = [userId ?? null, pitchId ?? null, type ?? null, seesEverything(caller) ? null : caller.userId];
      const workflows = await tx.query<DealRow>(
        `select d.id, 'investment' as type, d.workflow_instance_id, d.investor_id, d.creator_id, d.pitch_id, p.title as pitch_title, v.name as investor_name,
                d.proposed_amount, d.agreed_amount, d.investment_type, d.status, d.reason_code, i.compensation as compensation_status,
                d.created_at, d.updated_at
           ${MATCHING}
          order by d.created_at desc, d.id desc limit $5 offset $6`,
        [...filter, limit, (page - 1) * limit],
      );
      const counted = await tx.one<{ total: number }>(`select count(*) as total ${MATCHING}`, filter);
      return { workflows, total: counted?.total ?? 0 };
    });
  }

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

  /** What became of the interest in a pitch (R000-21). */
  ofPitch({ tenant }: Caller, pitchId: string): Promise<PitchAnalytics> {
    return this.database.transaction(tenant, async (tx) => {
      const interest = await tx.one<{ count: number; total: number }>(
        `select count(*) as count, coalesce(sum(proposed_amount), 0)::float8 as total
           from deals.investment_deals where tenant = engine.tenant() and pitch_id = $1`,
        [pitchId],
      );
      return {
        totalInvestmentInterest: interest ?? { count: 0, total: 0 },
        investmentFunnel: await funnel(tx, pitchId),
        // Production deals have no lifecycle here yet.
        productionInterest: [],
      };
    });
  }

  /** What a creator's pitches brought in (R000-21). */
  ofCreator({ tenant }: Caller, creatorId: string): Promise<CreatorAnalytics> {
    return this.database.transaction(tenant, async (tx) => {
      const row = await tx.one<{ pitches: number; received: number; active: number; deals: number; funded: number }>(
        `select (select count(*) from deals.pitches where tenant = engine.tenant() and creator_id = $1) as pitches,
                coalesce(sum(coalesce(d.agreed_amount, d.proposed_amount)) filter (where d.status in ('FUNDED', 'COMPLETED')), 0)::float8 as received,
                count(*) filter (where i.status in ('active', 'paused', 'quarantined')) as active,
                count(*) as deals,
                count(*) filter (where d.status in ('FUNDED', 'COMPLETED')) as funded
           from deals.investment_deals d join engine.instances i on i.tenant = d.tenant and i.id = d.workflow_instance_id
          where d.tenant = engine.tenant() and d.creator_id = $1`,
        [creatorId],
      );
      const { pitches, received, active, deals, funded } = row ?? {
        pitches: 0,
        received: 0,
        active: 0,
        deals: 0,
        funded: 0,
      };
      return {
        totalPitches: pitches,
        totalInvestmentReceived: received,
        activeDeals: { investment: active, production: 0 },
        conversionRates: { investmentToFunding: `${(deals === 0 ? 0 : (funded / deals) * 100).toFixed(2)}%` },
      };
    });
  }
}

const MATCHING = `
  from deals.investment_deals d
  join engine.instances i on i.tenant = d.tenant and i.id = d.workflow_instance_id
  left join deals.pitches p on p.tenant = d.tenant and p.id = d.pitch_id
  left join deals.investors v on v.tenant = d.tenant and v.id = d.investor_id
 where d.tenant = engine.tenant()
   and ($1::text is null or $1 in (d.investor_id, d.creator_id))
   and ($2::text is null or d.pitch_id = $2)
   and ($3::text is null or $3 = 'investment')
   and ($4::text is null or $4 in (d.investor_id, d.creator_id))`;

/** States ever reached, from the history: what is now COMPLETED was once in NEGOTIATION (R000-21). */
const funnel = (tx: Tx, pitchId: string): Promise<{ status: string; count: number }[]> =>
  tx.query(
    `select h.to_state as status, count(distinct h.instance_id) as count
       from deals.investment_deals d join engine.history h on h.tenant = d.tenant and h.instance_id = d.workflow_instance_id
      where d.tenant = engine.tenant() and d.pitch_id = $1
      group by h.to_state order by count desc, min(h.seq), h.to_state`,
    [pitchId],
  );
