import { Injectable } from '@nestjs/common';
import type { EffectHandler, EffectResult, EffectRun } from '../engine/host.js';
import { DocusignClient } from '../integrations/docusign/docusign.client.js';
import type { EnvelopeSigner } from '../integrations/docusign/envelope.js';
import { Database } from '../platform/database.js';
import { Documents, type NewDocument } from './documents.js';
import { lifecycleOf } from './kind.js';

/** The signing provider voids what nobody signs; the lifecycles' own deadlines are shorter. */
const EXPIRE_AFTER_DAYS = 30;

/** What is to be signed, drawn up and ready to go. */
export interface Paperwork {
  /** Comes back with every message about the envelope. */
  purpose: string;
  /** Whom or what the papers are about; the subject of the provider's mail ends with it. */
  about: string;
  /** What people sign, on paper. */
  papers: readonly NewDocument[];
  /** What is kept beside it. */
  data?: readonly NewDocument[];
  signers: readonly EnvelopeSigner[];
}

/** Draws up what an order of the machine asks for, or says why it cannot: it would not come out better another time. */
export type Drafting = (order: never, run: EffectRun) => Promise<Paperwork | Extract<EffectResult, { kind: 'failed' }>>;

/** Draws up what is to be signed, keeps it, and sends it to those who sign (R000-83). One pair of effects for every kind of deal. */
@Injectable()
export class Signing {
  private readonly drafters = new Map<string, Drafting>();

  constructor(
    private readonly database: Database,
    private readonly documents: Documents,
    private readonly docusign: DocusignClient,
  ) {}

  readonly effects: Readonly<Record<string, EffectHandler>> = {
    'docusign.envelope': (order: never, run: EffectRun) => this.send(order, run),
    'docusign.void': ({ output }: { output: { envelopeId: string } }) => this.void(output.envelopeId),
  };

  /** Says how the papers of a kind of deal are drawn up. */
  serve(lifecycle: string, draft: Drafting): void {
    this.drafters.set(lifecycle, draft);
  }

  private async send(order: never, run: EffectRun): Promise<EffectResult> {
    const lifecycle = await this.database.transaction(run.tenant, (tx) => lifecycleOf(tx, run.instanceId));
    const draft = this.drafters.get(lifecycle);
    if (!draft) throw new Error(`nothing is drawn up for ${lifecycle}`);
    const paperwork = await draft(order, run);
    if ('kind' in paperwork) return paperwork;
    const { purpose, about, papers, data = [], signers } = paperwork;
    for (const document of [...data, ...papers]) await this.documents.keep(run.tenant, run.instanceId, document);
    return this.docusign.createEnvelope(
      {
        purpose,
        subject: `${papers.map(({ title }) => title).join(', ')}: ${about}`,
        source: {
          documents: papers.map(({ title, bytes }) => ({ name: title, fileExtension: 'pdf', content: bytes })),
        },
        signers,
        expireAfterDays: EXPIRE_AFTER_DAYS,
      },
      run,
    );
  }

  /** What all have signed stays signed; there is nothing to call back then. */
  private async void(envelopeId: string): Promise<EffectResult> {
    const outcome = await this.docusign.voidEnvelope(envelopeId, 'The deal has ended');
    return outcome.kind === 'failed' && outcome.code === 'ENVELOPE_ENDED'
      ? { kind: 'done', output: { envelopeId } }
      : outcome;
  }
}

/** Those who sign, in the order given; undefined when somebody's name or address is unknown. */
export function signersOf(
  people: readonly { role: string; name: string | null; email: string | null }[],
): EnvelopeSigner[] | undefined {
  const signers = people.flatMap(({ role, name, email }) => (name && email ? [{ role, name, email }] : []));
  return signers.length === people.length ? signers : undefined;
}

/** Why nothing can be sent when a signer is unknown. */
export const UNKNOWN_SIGNER = {
  kind: 'failed',
  code: 'UNKNOWN_PARTY',
  reason: 'a party has no name or e-mail address',
} as const;

/** The papers, or the failure that drawing them up threw (WF009): they would not come out better another time. */
export async function drawn(
  papers: Promise<readonly NewDocument[]>,
): Promise<readonly NewDocument[] | Extract<EffectResult, { kind: 'failed' }>> {
  try {
    return await papers;
  } catch (error) {
    return { kind: 'failed', code: 'WF009', reason: error instanceof Error ? error.message : String(error) };
  }
}
