import { Injectable } from '@nestjs/common';
import type { EnvelopeRequest } from '../../../machines/investment.types.js';
import type { EffectHandler, EffectResult, EffectRun } from '../../engine/host.js';
import { DocusignClient } from '../../integrations/docusign/docusign.client.js';
import type { EnvelopeSigner } from '../../integrations/docusign/envelope.js';
import { Database } from '../../platform/database.js';
import { detailsOf, type DealDetails } from './investment.entity.js';

/** The signing provider voids what nobody signs; the lifecycle's own deadline is shorter. */
const EXPIRE_AFTER_DAYS = 30;

/** Draws up what is to be signed, keeps it, and sends it to both parties (R000-35, R000-42, R000-83). */
@Injectable()
export class InvestmentSignatures {
  constructor(
    private readonly database: Database,
    private readonly docusign: DocusignClient,
  ) {}

  readonly effects: Readonly<Record<string, EffectHandler>> = {
    'docusign.envelope': (request: EnvelopeRequest, run: EffectRun) => this.send(request, run),
    'docusign.void': ({ output }: { output: { envelopeId: string } }) => this.void(output.envelopeId),
  };

  private async send({ purpose, documents }: EnvelopeRequest, run: EffectRun): Promise<EffectResult> {
    const deal = await this.database.transaction(run.tenant, async (tx) => {
      for (const { key, title, terms } of documents) {
        await tx.run(
          `insert into deals.documents (tenant, key, instance_id, title, content, created_at)
           values (engine.tenant(), $1, $2, $3, $4, engine.now())
           on conflict (tenant, key) do update set content = excluded.content`,
          [key, run.instanceId, title, JSON.stringify(terms ?? {})],
        );
      }
      return detailsOf(tx, run.instanceId);
    });
    const signers = signersOf(deal);
    if (!signers) return { kind: 'failed', code: 'UNKNOWN_PARTY', reason: 'a party has no name or e-mail address' };
    const title = deal.pitch_title ?? deal.pitch_id;
    return this.docusign.createEnvelope(
      {
        purpose,
        subject: `${documents.map((document) => document.title).join(', ')}: ${title}`,
        source: {
          documents: documents.map(({ title: name, terms }) => ({
            name,
            fileExtension: 'txt',
            content: Buffer.from(textOf(name, title, signers, terms ?? {})),
          })),
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

const textOf = (name: string, title: string, signers: readonly EnvelopeSigner[], terms: object): string =>
  [
    name,
    `Pitch: ${title}`,
    ...signers.map((signer) => `${signer.role}: ${signer.name}`),
    ...Object.entries(terms).map(([term, value]) => `${term}: ${String(value)}`),
  ].join('\n');
