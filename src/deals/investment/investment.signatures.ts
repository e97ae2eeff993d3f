import { Injectable } from '@nestjs/common';
import type { EnvelopeRequest } from '../../../machines/investment.types.js';
import type { EffectHandler, EffectResult, EffectRun } from '../../engine/host.js';
import { DocusignClient } from '../../integrations/docusign/docusign.client.js';
import type { EnvelopeSigner } from '../../integrations/docusign/envelope.js';
import { Database } from '../../platform/database.js';
import { Documents, type NewDocument } from '../documents.js';
import { print, termsFile, type DocumentOrder, type Occasion } from './investment.documents.js';
import { detailsOf, type DealDetails } from './investment.entity.js';

/** The signing provider voids what nobody signs; the lifecycle's own deadline is shorter. */
const EXPIRE_AFTER_DAYS = 30;

/** Draws up what is to be signed, keeps it, and sends it to both parties (R000-35, R000-42, R000-83). */
@Injectable()
export class InvestmentSignatures {
  constructor(
    private readonly database: Database,
    private readonly documents: Documents,
    private readonly docusign: DocusignClient,
  ) {}

  readonly effects: Readonly<Record<string, EffectHandler>> = {
    'docusign.envelope': (request: EnvelopeRequest, run: EffectRun) => this.send(request, run),
    'docusign.void': ({ output }: { output: { envelopeId: string } }) => this.void(output.envelopeId),
  };

  private async send({ purpose, documents: orders }: EnvelopeRequest, run: EffectRun): Promise<EffectResult> {
    const deal = await this.database.transaction(run.tenant, (tx) => detailsOf(tx, run.instanceId));
    const signers = signersOf(deal);
    if (!signers) return { kind: 'failed', code: 'UNKNOWN_PARTY', reason: 'a party has no name or e-mail address' };
    const papers = await drawUp(orders, deal, run.since);
    if ('kind' in papers) return papers;
    for (const document of [...orders.flatMap(termsFile), ...papers])
      await this.documents.keep(run.tenant, run.instanceId, document);
    return this.docusign.createEnvelope(
      {
        purpose,
        subject: `${papers.map(({ title }) => title).join(', ')}: ${deal.pitch_title ?? deal.pitch_id}`,
        source: {
          documents: papers.map(({ title, bytes }) => ({ name: title, fileExtension: 'pdf', content: bytes })),
        },
        signers,
        expireAfterDays: EXPIRE_AFTER_DAYS,
      },
      run,
    );
  }

  /** What both have signed stays signed; there is nothing to call back then. */
  private async void(envelopeId: string): Promise<EffectResult> {
    const outcome = await this.docusign.voidEnvelope(envelopeId, 'The deal has ended');
    return outcome.kind === 'failed' && outcome.code === 'ENVELOPE_ENDED'
      ? { kind: 'done', output: { envelopeId } }
      : outcome;
  }
}

function signersOf(deal: DealDetails): EnvelopeSigner[] | undefined {
  const { investor_name, investor_email, creator_name, creator_email } = deal;
  if (!investor_name || !investor_email || !creator_name || !creator_email) return undefined;
  return [
    { role: 'investor', name: investor_name, email: investor_email },
    { role: 'creator', name: creator_name, email: creator_email },
  ];
}

/** The papers to sign, or why they cannot be drawn up: they would not come out better another time. */
async function drawUp(
  orders: readonly DocumentOrder[],
  deal: DealDetails,
  at: number,
): Promise<NewDocument[] | Extract<EffectResult, { kind: 'failed' }>> {
  const occasion: Occasion = {
    dealId: deal.id,
    pitchTitle: deal.pitch_title ?? deal.pitch_id,
    investorName: deal.investor_name ?? deal.investor_id,
    creatorName: deal.creator_name ?? deal.creator_id,
    at,
  };
  try {
    return await Promise.all(orders.map((order) => print(order, occasion)));
  } catch (error) {
    return { kind: 'failed', code: 'WF009', reason: error instanceof Error ? error.message : String(error) };
  }
}
