import { Injectable } from '@nestjs/common';
import { MIN_INVESTMENT_MINOR } from '../../../machines/investment.terms.js';
import type { EffectHandler, EffectPolicy, EffectResult, EffectRun } from '../../engine/host.js';
import { Database, type Tx } from '../../platform/database.js';
import { grantAccess } from '../access.js';
import { sharedPolicies } from '../deeds.js';
import { Telling, type AudienceOf } from '../telling.js';
import { detailsOf, rivalsOf } from './investment.entity.js';

/** How patiently each effect is tried (R000-9). */
export const investmentPolicies: Readonly<Record<string, Partial<EffectPolicy>>> = {
  ...sharedPolicies,
  'deals.qualify': { attempts: 3, backoffMs: 2_000, maxBackoffMs: 2_000 },
  'deals.diligence': { attempts: 3, backoffMs: 5_000 },
  // Bank money may be on its way for days before it can be paid back.
  'stripe.release': { attempts: 15 },
  'stripe.transfer': { attempts: 5, backoffMs: 10_000 },
};

/** What an investment does among our own records. */
@Injectable()
export class InvestmentEffects {
  constructor(
    private readonly database: Database,
    private readonly telling: Telling,
  ) {}

  readonly effects: Readonly<Record<string, EffectHandler>> = {
    'deals.qualify': ({ investorId }: { investorId: string }, run: EffectRun) =>
      this.within(run, (tx) => profileOf(tx, investorId)),
    'deals.diligence': (
      { dealId, amountMinor, maxAmountMinor }: { dealId: string; amountMinor: number; maxAmountMinor: number },
      run: EffectRun,
    ) =>
      this.within(run, async (tx) => {
        const { creator_id, pitch_creator_id } = await detailsOf(tx, run.instanceId);
        return done({
          creatorOwnsPitch: creator_id === pitch_creator_id,
          pitchIsFree: (await rivalsOf(tx, dealId)).length === 0,
          termsValid: amountMinor >= MIN_INVESTMENT_MINOR && amountMinor <= maxAmountMinor,
        });
      }),
    'deals.countFunding': ({ dealId }: { dealId: string }, run: EffectRun) =>
      this.within(run, (tx) => countFunding(tx, dealId)),
    'deals.bookWire': ({ dealId, reference }: { dealId: string; reference: string }, run: EffectRun) =>
      this.within(run, (tx) => bookWire(tx, dealId, reference)),
    'deals.returnWire': ({ input }: { input: { reference: string; amountMinor: number } }, run: EffectRun) =>
      this.telling.tell(
        {
          to: 'legal-team',
          template: 'wire_return_required',
          data: { reference: input.reference, amountMinor: input.amountMinor },
        },
        run,
      ),
    'pitch.grantAccess': (grant: { userId: string; pitchId: string; dealId: string }, run: EffectRun) =>
      this.within(run, async (tx) => {
        await grantAccess(tx, { ...grant, type: 'investor', via: 'investment' });
        return done();
      }),
  };

  private within(run: EffectRun, work: (tx: Tx) => Promise<EffectResult>): Promise<EffectResult> {
    return this.database.transaction(run.tenant, work);
  }
}

const done = (output: Extract<EffectResult, { kind: 'done' }>['output'] = null): EffectResult => ({
  kind: 'done',
  output,
});

/** R000-30. */
async function profileOf(tx: Tx, investorId: string): Promise<EffectResult> {
  const row = await tx.one<{ accreditation: string; limit_minor: number | null; invested_minor: number }>(
    `select accreditation_status as accreditation, investment_limit_minor as limit_minor,
            case when invested_year = extract(year from engine.now()) then invested_minor else 0 end as invested_minor
       from deals.investors where tenant = engine.tenant() and id = $1`,
    [investorId],
  );
  if (!row) return { kind: 'failed', code: 'WF006', reason: `There is no investor ${investorId}` };
  return done({
    accreditation: row.accreditation,
    limitMinor: row.limit_minor,
    investedThisYearMinor: row.invested_minor,
  });
}

/** Adds the deal to the totals of its pitch and its investor; once, however often it runs (R000-43). */
async function countFunding(tx: Tx, dealId: string): Promise<EffectResult> {
  await tx.run(
    `with counted as (
       update deals.investment_deals set counted_at = engine.now()
        where tenant = engine.tenant() and id = $1 and counted_at is null
       returning tenant, pitch_id, investor_id, coalesce(agreed_minor, proposed_minor) as minor, extract(year from engine.now())::int as year),
     funded as (
       update deals.pitches p
          set total_funded_minor = p.total_funded_minor + c.minor, investor_count = p.investor_count + 1, last_investment_at = engine.now()
         from counted c where p.tenant = c.tenant and p.id = c.pitch_id)
     update deals.investors i
        set invested_minor = case when i.invested_year = c.year then i.invested_minor else 0 end + c.minor, invested_year = c.year
       from counted c where i.tenant = c.tenant and i.id = c.investor_id`,
    [dealId],
  );
  return done();
}

async function bookWire(tx: Tx, dealId: string, reference: string): Promise<EffectResult> {
  await tx.run(`update deals.investment_deals set wire_reference = $2 where tenant = engine.tenant() and id = $1`, [
    dealId,
    reference,
  ]);
  return done();
}

/** Whom an investment tells, and what every message of it may say. */
export const investmentAudience: AudienceOf = async (tx, instanceId) => {
  const deal = await detailsOf(tx, instanceId);
  return {
    recipients: {
      investor: { id: deal.investor_id, type: 'investor', email: deal.investor_email },
      creator: { id: deal.creator_id, type: 'creator', email: deal.creator_email },
    },
    data: {
      dealId: deal.id,
      pitchTitle: deal.pitch_title ?? deal.pitch_id,
      creatorName: deal.creator_name ?? deal.creator_id,
      investorName: deal.investor_name ?? deal.investor_id,
    },
  };
};
