import { Injectable } from '@nestjs/common';
import { isWired } from '../../../machines/investment.rules.js';
import { toMinor } from '../../../machines/investment.terms.js';
import type { InvestmentContext, InvestmentInput } from '../../../machines/investment.types.js';
import type { Caller } from '../../auth/caller.js';
import type { Opening, StartTx } from '../../engine/engine.service.js';
import type { Transitioned } from '../../engine/host.js';
import type { Tx } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { newId } from '../../platform/ids.js';
import { Settings } from '../../platform/settings.js';
import { isAgent } from '../agents.js';
import { checkPitch } from '../pitch.owner.js';
import { slowDown, type Counted } from '../frequency.js';
import type { CreateInvestment } from './investment.dto.js';
import { InvestmentSettings } from './investment.settings.dto.js';

const UNIQUE_VIOLATION = '23505';
/** R000-38. */
const INVESTOR_DEALS: Counted = {
  table: 'deals.investment_deals',
  column: 'investor_id',
  seconds: 3_600,
  sentence: (most) => `An investor may begin ${most} deals in an hour.`,
};

/** Who invests in what, and how much. The state is the instance's; the row follows it in the same transaction. */
@Injectable()
export class InvestmentDeals {
  constructor(private readonly settings: Settings) {}

  /** Writes the deal and answers what its lifecycle starts with. @throws WF005, WF006, WF007 when the investor has a live deal of this pitch, RATE_LIMITED */
  async open(tx: StartTx, caller: Caller, body: CreateInvestment): Promise<Opening> {
    const { investorId, creatorId, pitchId, investmentType, message = null, fundingMethod = 'card' } = body;
    if (caller.userId !== investorId && !isAgent(caller))
      throw refuse('WF005', { detail: 'An investor opens deals for himself only.' });
    if (investorId === creatorId) throw refuse('WF006', { detail: 'Nobody invests in a pitch of his own.' });
    // Otherwise the money would go to whomever the investor names.
    await checkPitch(tx, pitchId, creatorId, isAgent(caller));
    const { maxCounterOffers, captureOn, maxAmount, maxDealsPerHour, ...deadlines } = await this.settings.read(
      tx,
      'investment',
      InvestmentSettings,
    );
    await slowDown(tx, INVESTOR_DEALS, investorId, maxDealsPerHour);
    const dealId = newId('deal');
    const amountMinor = toMinor(body.proposedAmount);
    const written = await tx.run(
      `insert into deals.investment_deals
         (tenant, id, workflow_instance_id, investor_id, creator_id, pitch_id, proposed_minor, investment_type, message, status, created_at, updated_at)
       values (engine.tenant(), $1, $2, $3, $4, $5, $6, $7, $8, 'INTEREST', to_timestamp($9::float8 / 1000), to_timestamp($9::float8 / 1000))
       on conflict do nothing`,
      [dealId, tx.instanceId, investorId, creatorId, pitchId, amountMinor, investmentType, message, tx.at],
    );
    if (written === 0) throw refuse('WF007', { detail: 'This investor has an open deal of this pitch already.' });
    const input: InvestmentInput = {
      dealId,
      investorId,
      creatorId,
      pitchId,
      investmentType,
      amountMinor,
      message,
      deadlines,
      maxCounterOffers,
      maxAmountMinor: toMinor(maxAmount),
      captureOn,
      fundingMethod,
    };
    return { parties: { investor: investorId, creator: creatorId }, keys: { pitchId, dealId }, input };
  }
}

/** Writes down what a transition means for the deal (R000-89). @throws WF007 when a forced transition revives a deal beside another */
export async function followTransition(
  tx: Tx,
  { instanceId, state, context, at }: Transitioned<InvestmentContext>,
): Promise<void> {
  const { agreedMinor, reasonCode, transactionId, transferId } = context;
  const [paymentIntent, wireReference] = isWired(context) ? [null, transactionId] : [transactionId, null];
  try {
    await tx.run(
      `update deals.investment_deals
          set status = $2, agreed_minor = $3, reason_code = $4, transfer_id = $7, updated_at = to_timestamp($8::float8 / 1000),
              stripe_payment_intent = coalesce($5, stripe_payment_intent), wire_reference = coalesce($6, wire_reference),
              escrow_id = case when $2 = 'ESCROW' then 'escrow_' || id else escrow_id end,
              escrow_created_at = case when $2 = 'ESCROW' then coalesce(escrow_created_at, to_timestamp($8::float8 / 1000)) else escrow_created_at end,
              funded_at = case when $2 = 'FUNDED' then coalesce(funded_at, to_timestamp($8::float8 / 1000)) else funded_at end
        where tenant = engine.tenant() and workflow_instance_id = $1`,
      [instanceId, state, agreedMinor, reasonCode, paymentIntent, wireReference, transferId, at],
    );
  } catch (error) {
    if ((error as { code?: string }).code === UNIQUE_VIOLATION) throw refuse('WF007');
    throw error;
  }
}

/** Other deals of the same pitch that hold or have moved money (R000-37). */
export const rivalsOf = async (tx: Tx, dealId: string): Promise<string[]> => {
  const rows = await tx.query<{ id: string }>(
    `select other.id from deals.investment_deals deal
       join deals.investment_deals other on other.tenant = deal.tenant and other.pitch_id = deal.pitch_id and other.id <> deal.id
      where deal.tenant = engine.tenant() and deal.id = $1 and other.status in ('ESCROW', 'CLOSING', 'FUNDED') order by other.id`,
    [dealId],
  );
  return rows.map(({ id }) => id);
};

/** A deal with the people and the pitch it is about; what is unknown is null. */
export interface DealDetails {
  id: string;
  pitch_id: string;
  pitch_title: string | null;
  pitch_creator_id: string | null;
  investor_id: string;
  investor_name: string | null;
  investor_email: string | null;
  stripe_customer_id: string | null;
  creator_id: string;
  creator_name: string | null;
  creator_email: string | null;
  stripe_account_id: string | null;
}

/** The deal of an instance. @throws Error when there is none: instances and deals are written together */
export async function detailsOf(tx: Tx, instanceId: string): Promise<DealDetails> {
  const row = await tx.one<DealDetails>(
    `select d.id, d.pitch_id, p.title as pitch_title, p.creator_id as pitch_creator_id,
            d.investor_id, i.name as investor_name, i.email as investor_email, i.stripe_customer_id,
            d.creator_id, c.name as creator_name, c.email as creator_email, c.stripe_account_id
       from deals.investment_deals d
       left join deals.pitches p on p.tenant = d.tenant and p.id = d.pitch_id
       left join deals.investors i on i.tenant = d.tenant and i.id = d.investor_id
       left join deals.creators c on c.tenant = d.tenant and c.id = d.creator_id
      where d.tenant = engine.tenant() and d.workflow_instance_id = $1`,
    [instanceId],
  );
  if (!row) throw new Error(`no deal belongs to ${instanceId}`);
  return row;
}
