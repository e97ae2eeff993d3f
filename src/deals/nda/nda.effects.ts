import { Injectable } from '@nestjs/common';
import type { AccessRequest, DraftRequest, EnvelopeRequest } from '../../../machines/nda.types.js';
import type { EffectHandler, EffectPolicy, EffectRun } from '../../engine/host.js';
import { Database } from '../../platform/database.js';
import { grantAccess } from '../access.js';
import { sharedPolicies } from '../deeds.js';
import { Documents } from '../documents.js';
import { drawn, type Drafting } from '../signing.js';
import type { AudienceOf } from '../telling.js';
import { asData, onPaper } from './nda.documents.js';
import { detailsOf, type NdaDetails } from './nda.entity.js';
import { requesterRecord } from './nda.facts.js';

/** How patiently each effect is tried (R000-9). */
export const ndaPolicies: Readonly<Record<string, Partial<EffectPolicy>>> = {
  ...sharedPolicies,
  'nda.lookUp': { attempts: 2, backoffMs: 1_000, maxBackoffMs: 1_000 },
};

/** What an NDA does among our own records, and how its papers are drawn up. */
@Injectable()
export class NdaEffects {
  constructor(
    private readonly database: Database,
    private readonly documents: Documents,
  ) {}

  readonly effects: Readonly<Record<string, EffectHandler>> = {
    'nda.draft': async ({ document }: DraftRequest, run: EffectRun) => {
      await this.documents.keep(run.tenant, run.instanceId, asData(document, await this.details(run)));
      return { kind: 'done' };
    },
    'nda.lookUp': async ({ ndaId }: { ndaId: string }, { tenant }: EffectRun) => ({
      kind: 'done',
      output: { ...(await this.database.transaction(tenant, (tx) => requesterRecord(tx, ndaId))) },
    }),
    'nda.grantAccess': async ({ expiresAt, ...grant }: AccessRequest, { tenant }: EffectRun) => {
      await this.database.transaction(tenant, (tx) =>
        grantAccess(tx, {
          ...grant,
          type: 'nda_protected',
          via: 'nda',
          ...(expiresAt === null ? {} : { expiresAt }),
        }),
      );
      return { kind: 'done' };
    },
  };

  /** What the requester signs (R000-74); the creator has nothing to sign. */
  readonly draft: Drafting = async ({ purpose, documents: orders }: EnvelopeRequest, run: EffectRun) => {
    const nda = await this.details(run);
    const papers = await drawn(Promise.all(orders.map((order) => onPaper(order, nda, run.since))));
    if ('kind' in papers) return papers;
    return {
      purpose,
      about: nda.pitch_title ?? nda.pitch_id,
      papers,
      data: orders.map((order) => asData(order, nda)),
      signers: [{ role: 'requester', name: nda.requester_name, email: nda.requester_email }],
    };
  };

  private details({ tenant, instanceId }: EffectRun): Promise<NdaDetails> {
    return this.database.transaction(tenant, (tx) => detailsOf(tx, instanceId));
  }
}

/** Whom messages about an NDA go to. */
export const ndaAudience: AudienceOf = async (tx, instanceId) => {
  const nda = await detailsOf(tx, instanceId);
  return {
    recipients: {
      requester: { id: nda.requester_id, type: nda.requester_type, email: nda.requester_email },
      creator: { id: nda.creator_id, type: 'creator', email: nda.creator_email },
    },
    data: {
      ndaId: nda.id,
      pitchTitle: nda.pitch_title ?? nda.pitch_id,
      requesterName: nda.requester_name,
      creatorName: nda.creator_name ?? nda.creator_id,
    },
  };
};
