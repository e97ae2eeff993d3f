import { Injectable } from '@nestjs/common';
import { toMinor } from '../../../machines/investment.terms.js';
import type { ProductionContext, ProductionInput } from '../../../machines/production.types.js';
import type { Caller } from '../../auth/caller.js';
import type { Opening, StartTx } from '../../engine/engine.service.js';
import type { Transitioned } from '../../engine/host.js';
import type { Letter } from '../../engine/store/letters.js';
import type { Tx } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { newId } from '../../platform/ids.js';
import { Settings } from '../../platform/settings.js';
import { isAgent } from '../agents.js';
import { checkPitch } from '../pitch.owner.js';
import { slowDown } from '../frequency.js';
import { lock } from '../exclusivity/exclusivity.js';
import type { CreateProduction } from './production.dto.js';
import { keyOf, settlePitch } from './production.pitch.js';
import { checkBudget, COMPANY_DEALS, rulesOf } from './production.policy.js';
import { ProductionSettings } from './production.settings.dto.js';

const UNIQUE_VIOLATION = '23505';

/** Which company wants what of which pitch. The state is the instance's; the row follows it in the same transaction. */
@Injectable()
export class ProductionDeals {
  constructor(private readonly settings: Settings) {}

  /** Writes the deal and answers what its lifecycle starts with. @throws WF005, WF006, WF007 when the company has a live deal of this pitch, RATE_LIMITED */
  async open(tx: StartTx, caller: Caller, body: CreateProduction): Promise<Opening> {
    const { productionCompanyId, productionCompanyUserId, pitchId, creatorId, interestType } = body;
    const { message = null, proposedBudget, proposedTimeline = null, ndaId = null } = body;
    if (caller.userId !== productionCompanyUserId && !isAgent(caller))
      throw refuse('WF005', { detail: 'A company opens deals through its own user only.' });
    if (productionCompanyUserId === creatorId)
      throw refuse('WF006', { detail: 'Nobody is interested in a pitch of his own.' });
    // Otherwise a company and a friend could keep others away from a pitch that is neither's.
    await checkPitch(tx, pitchId, creatorId, isAgent(caller));
    const settings = await this.settings.read(tx, 'production', ProductionSettings);
    const rules = rulesOf(settings);
    const proposedBudgetMinor = proposedBudget === undefined ? null : toMinor(proposedBudget);
    checkBudget(interestType, proposedBudgetMinor, rules.policy);
    await slowDown(tx, COMPANY_DEALS, productionCompanyId, settings.maxDealsPerHour);
    const { maxLiveInterests } = settings;
    // Whoever counts the deals of a pitch counts alone.
    await lock(tx, keyOf(pitchId));
    if ((await liveDeals(tx, pitchId)) >= maxLiveInterests)
      throw refuse('WF007', { detail: `This pitch has ${maxLiveInterests} live deals already.` });
    const dealId = newId('deal');
    const written = await tx.run(
      `insert into deals.production_deals
         (tenant, id, workflow_instance_id, production_company_id, production_company_user_id, creator_id, pitch_id, interest_type, message,
          proposed_budget_minor, proposed_timeline, nda_id, status, created_at, updated_at)
       values (engine.tenant(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'INTEREST',
               to_timestamp($12::float8 / 1000), to_timestamp($12::float8 / 1000))
       on conflict do nothing`,
      [
        dealId,
        tx.instanceId,
        productionCompanyId,
        productionCompanyUserId,
        creatorId,
        pitchId,
        interestType,
        message,
        proposedBudgetMinor,
        proposedTimeline,
        ndaId,
        tx.at,
      ],
    );
    if (written === 0) throw refuse('WF007', { detail: 'This company already has active interest in this pitch.' });
    const input: ProductionInput = {
      dealId,
      companyId: productionCompanyId,
      companyUserId: productionCompanyUserId,
      creatorId,
      pitchId,
      interestType,
      message,
      proposedBudgetMinor,
      proposedTimeline,
      ndaId,
      ...rules,
    };
    return {
      parties: { company: productionCompanyUserId, creator: creatorId },
      keys: { pitchId, dealId, companyId: productionCompanyId },
      input,
    };
  }
}

/**
 * Writes down what a transition means for the deal and for its pitch (R000-56 to R000-62, R000-90); answers which other deals to tell.
 * @throws WF007 when a forced transition revives a deal beside another, or gives a pitch away twice
 */
export async function followTransition(tx: Tx, change: Transitioned<ProductionContext>): Promise<Letter[]> {
  const { instanceId, state, from, context, at } = change;
  // The pitch before the deal, as everybody does it.
  const letters = await settlePitch(tx, change);
  const { reasonCode, waitlistedAt, exclusiveUntil } = context;
  try {
    await tx.run(
      `update deals.production_deals
          set status = $2, reason_code = $3, waitlisted_at = to_timestamp($4::float8 / 1000), updated_at = to_timestamp($6::float8 / 1000),
              exclusivity_granted_at = case when $2 = 'NEGOTIATION' and status <> 'NEGOTIATION' then to_timestamp($6::float8 / 1000)
                                            else exclusivity_granted_at end,
              exclusivity_expires_at = coalesce(to_timestamp($5::float8 / 1000), least(exclusivity_expires_at, to_timestamp($6::float8 / 1000)))
        where tenant = engine.tenant() and workflow_instance_id = $1`,
      [instanceId, state, reasonCode, waitlistedAt, exclusiveUntil, at],
    );
  } catch (error) {
    if ((error as { code?: string }).code === UNIQUE_VIOLATION) throw refuse('WF007');
    throw error;
  }
  if (state !== from && (state === 'PRODUCTION' || from === 'PRODUCTION')) await trackProduction(tx, change);
  return letters;
}

/** The pitch is produced, produced to the end, or free again after all (R000-61, R000-62). */
async function trackProduction(tx: Tx, { state, context, at }: Transitioned<ProductionContext>): Promise<void> {
  const { dealId, pitchId, companyId } = context;
  const [pitch, tracking] = { PRODUCTION: ['in_production', 'pre_production'], COMPLETED: ['completed', 'completed'] }[
    state
  ] ?? [null, 'cancelled'];
  await tx.run(
    `update deals.pitches
        set production_status = $2, production_company_id = case when $2::text is null then null else $3 end,
            production_started_at = case when $2 = 'in_production' then to_timestamp($4::float8 / 1000)
                                         when $2 = 'completed' then production_started_at end
      where tenant = engine.tenant() and id = $1`,
    [pitchId, pitch, companyId, at],
  );
  await tx.run(
    `insert into deals.production_tracking (tenant, deal_id, pitch_id, production_company_id, status, started_at)
     values (engine.tenant(), $1, $2, $3, $4, to_timestamp($5::float8 / 1000))
     on conflict (tenant, deal_id) do update
       set status = excluded.status, completed_at = case when excluded.status = 'completed' then excluded.started_at end`,
    [dealId, pitchId, companyId, tracking, at],
  );
}

const liveDeals = async (tx: Tx, pitchId: string): Promise<number> => {
  const row = await tx.one<{ n: number }>(
    `select count(*) as n from deals.production_deals
      where tenant = engine.tenant() and pitch_id = $1 and status not in ('COMPLETED', 'REJECTED', 'EXPIRED')`,
    [pitchId],
  );
  return row?.n ?? 0;
};

/** A deal with the people and the pitch it is about; what is unknown is null. */
export interface ProductionDetails {
  id: string;
  pitch_id: string;
  pitch_title: string | null;
  company_id: string;
  company_user_id: string;
  company_name: string | null;
  company_email: string | null;
  creator_id: string;
  creator_name: string | null;
  creator_email: string | null;
  /** Who has the pitch to itself, if another company has. */
  exclusive_company: string | null;
}

/** The deal of an instance. @throws Error when there is none: instances and deals are written together */
export async function detailsOf(tx: Tx, instanceId: string): Promise<ProductionDetails> {
  const row = await tx.one<ProductionDetails>(
    `select d.id, d.pitch_id, p.title as pitch_title,
            d.production_company_id as company_id, d.production_company_user_id as company_user_id, c.name as company_name, c.email as company_email,
            d.creator_id, k.name as creator_name, k.email as creator_email,
            (select coalesce(hc.name, h.production_company_id)
               from deals.leases l
               join deals.production_deals h on h.tenant = l.tenant and h.workflow_instance_id = l.holder
               left join deals.companies hc on hc.tenant = h.tenant and hc.id = h.production_company_id
              where l.tenant = d.tenant and l.key = 'pitch:' || d.pitch_id and l.holder <> d.workflow_instance_id) as exclusive_company
       from deals.production_deals d
       left join deals.pitches p on p.tenant = d.tenant and p.id = d.pitch_id
       left join deals.companies c on c.tenant = d.tenant and c.id = d.production_company_id
       left join deals.creators k on k.tenant = d.tenant and k.id = d.creator_id
      where d.tenant = engine.tenant() and d.workflow_instance_id = $1`,
    [instanceId],
  );
  if (!row) throw new Error(`no deal belongs to ${instanceId}`);
  return row;
}
