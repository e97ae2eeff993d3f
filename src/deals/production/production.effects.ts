import { Injectable } from '@nestjs/common';
import type { ContractOrder, ProposalRecord } from '../../../machines/production.types.js';
import type { EffectHandler, EffectPolicy, EffectResult, EffectRun } from '../../engine/host.js';
import { Database, type Tx } from '../../platform/database.js';
import { grantAccess } from '../access.js';
import { sharedPolicies } from '../deeds.js';
import { Documents } from '../documents.js';
import { drawn, signersOf, UNKNOWN_SIGNER, type Drafting } from '../signing.js';
import type { AudienceOf } from '../telling.js';
import { profileOf } from './companies.js';
import { contractData, contractPaper, proposalData, type Occasion } from './production.documents.js';
import { detailsOf, type ProductionDetails } from './production.entity.js';

/** How patiently each effect is tried (R000-9). */
export const productionPolicies: Readonly<Record<string, Partial<EffectPolicy>>> = {
  ...sharedPolicies,
  'production.verify': { attempts: 3, backoffMs: 2_000, maxBackoffMs: 2_000 },
  'production.contract': { attempts: 3, backoffMs: 2_000 },
};

/** What a production deal does among our own records and documents. */
@Injectable()
export class ProductionEffects {
  constructor(
    private readonly database: Database,
    private readonly documents: Documents,
  ) {}

  readonly effects: Readonly<Record<string, EffectHandler>> = {
    'production.verify': ({ companyId }: { companyId: string }, run: EffectRun) => this.verify(companyId, run),
    'production.keepProposal': async (record: ProposalRecord, run: EffectRun) => {
      await this.documents.keep(run.tenant, run.instanceId, proposalData(record));
      return { kind: 'done' };
    },
    'production.contract': (order: ContractOrder, run: EffectRun) => this.drawUp(order, run),
    'production.grantAccess': async (
      grant: { userId: string; pitchId: string; dealId: string },
      { tenant }: EffectRun,
    ) => {
      await this.database.transaction(tenant, (tx) =>
        grantAccess(tx, { ...grant, type: 'production_full', via: 'production_deal' }),
      );
      return { kind: 'done' };
    },
  };

  /** The contract for both to sign (R000-60). */
  readonly draft: Drafting = async (order: ContractOrder, run: EffectRun) => {
    const deal = await this.details(run);
    const signers = signersOf([
      { role: 'company', name: deal.company_name, email: deal.company_email },
      { role: 'creator', name: deal.creator_name, email: deal.creator_email },
    ]);
    if (!signers) return UNKNOWN_SIGNER;
    const papers = await drawn(Promise.all([contractPaper(order, occasionOf(deal, order))]));
    if ('kind' in papers) return papers;
    return { purpose: order.purpose, about: deal.pitch_title ?? deal.pitch_id, papers, signers };
  };

  /** R000-50. */
  private async verify(companyId: string, run: EffectRun): Promise<EffectResult> {
    const profile = await this.database.transaction(run.tenant, (tx) => profileOf(tx, companyId));
    if (!profile) return { kind: 'failed', code: 'WF006', reason: `There is no production company ${companyId}` };
    return { kind: 'done', output: { ...profile } };
  }

  private async drawUp(order: ContractOrder, run: EffectRun): Promise<EffectResult> {
    const occasion = occasionOf(await this.details(run), order);
    const papers = await drawn(Promise.all([contractPaper(order, occasion)]));
    if ('kind' in papers) return papers;
    for (const paper of [contractData(order, occasion), ...papers])
      await this.documents.keep(run.tenant, run.instanceId, paper);
    return { kind: 'done' };
  }

  private details({ tenant, instanceId }: EffectRun): Promise<ProductionDetails> {
    return this.database.transaction(tenant, (tx: Tx) => detailsOf(tx, instanceId));
  }
}

/** Whom a production deal tells, and what every message of it may say. */
export const productionAudience: AudienceOf = async (tx, instanceId, to) => {
  const deal = await detailsOf(tx, instanceId);
  return {
    recipients: {
      company: { id: deal.company_user_id, type: 'production', email: deal.company_email },
      creator: { id: deal.creator_id, type: 'creator', email: deal.creator_email },
    },
    data: {
      dealId: deal.id,
      pitchTitle: deal.pitch_title ?? deal.pitch_id,
      companyName: deal.company_name ?? deal.company_id,
      creatorName: deal.creator_name ?? deal.creator_id,
      // With whom a creator negotiates is no other company's business (R000-50).
      ...(to === 'creator' && { currentExclusiveCompany: deal.exclusive_company }),
    },
  };
};

const occasionOf = (deal: ProductionDetails, { at }: ContractOrder): Occasion => ({
  dealId: deal.id,
  pitchTitle: deal.pitch_title ?? deal.pitch_id,
  companyName: deal.company_name ?? deal.company_id,
  creatorName: deal.creator_name ?? deal.creator_id,
  at,
});
