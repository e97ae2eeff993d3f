import { Injectable } from '@nestjs/common';
import type { EnvelopeRequest } from '../../../machines/investment.types.js';
import type { EffectRun } from '../../engine/host.js';
import { Database } from '../../platform/database.js';
import { drawn, signersOf, UNKNOWN_SIGNER, type Drafting } from '../signing.js';
import { print, termsFile, type Occasion } from './investment.documents.js';
import { detailsOf, type DealDetails } from './investment.entity.js';

/** Draws up what both parties of an investment sign (R000-35, R000-42). */
@Injectable()
export class InvestmentSignatures {
  constructor(private readonly database: Database) {}

  readonly draft: Drafting = async ({ purpose, documents: orders }: EnvelopeRequest, run: EffectRun) => {
    const deal = await this.database.transaction(run.tenant, (tx) => detailsOf(tx, run.instanceId));
    const signers = signersOf([
      { role: 'investor', name: deal.investor_name, email: deal.investor_email },
      { role: 'creator', name: deal.creator_name, email: deal.creator_email },
    ]);
    if (!signers) return UNKNOWN_SIGNER;
    const papers = await drawn(Promise.all(orders.map((order) => print(order, occasionOf(deal, run.since)))));
    if ('kind' in papers) return papers;
    return { purpose, about: deal.pitch_title ?? deal.pitch_id, papers, data: orders.flatMap(termsFile), signers };
  };
}

const occasionOf = (deal: DealDetails, at: number): Occasion => ({
  dealId: deal.id,
  pitchTitle: deal.pitch_title ?? deal.pitch_id,
  investorName: deal.investor_name ?? deal.investor_id,
  creatorName: deal.creator_name ?? deal.creator_id,
  at,
});
