import { Injectable } from '@nestjs/common';
import { DocumentStore } from '../../integrations/storage/document.store.js';
import { Database } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { occasionOf, type Occasion } from './proposal.occasion.js';
import { documentKeyOf, drawUp } from './proposal.paper.js';

/** The document of a proposal: bytes of ours, or the address of one that was written elsewhere. */
export interface Enclosure {
  bytes: Buffer | null;
  address: string | null;
}

/** The documents of proposals: drawn up when a proposal is sent, and kept as they were sent. */
@Injectable()
export class ProposalStore {
  constructor(
    private readonly database: Database,
    private readonly documents: DocumentStore,
  ) {}

  /** What is enclosed with a proposal that is being sent; drawn up and kept the first time. @param at the day on it, milliseconds */
  async enclosureOf(tenant: string, instanceId: string, occasion: Occasion, at: number): Promise<Enclosure> {
    if (occasion.doc_id !== null) return this.kept(tenant, occasion.doc_id);
    const key = documentKeyOf(instanceId, occasion);
    const bytes = await drawUp(occasion, key, at);
    // The file first: a row never promises what is not there.
    await this.documents.put(tenant, key, bytes, 'application/pdf');
    await this.database.transaction(tenant, (tx) =>
      tx.run('update workstream.proposals set doc_id = $2 where tenant = engine.tenant() and proposal_id = $1', [
        occasion.proposal_id,
        key,
      ]),
    );
    return { bytes, address: null };
  }

  /** The document as it was sent, or as a draft would be sent now. @throws NOT_FOUND when it is kept elsewhere */
  async read(tenant: string, proposalId: number): Promise<Buffer> {
    const { occasion, instanceId, at } = await this.database.transaction(tenant, async (tx) => {
      const row = await tx.one<{ instanceId: string; at: number }>(
        `select p.workflow_instance_id as "instanceId", (extract(epoch from engine.now()) * 1000)::float8 as at
           from workstream.proposals pr join workstream.pursuits p on p.tenant = pr.tenant and p.pursuit_id = pr.pursuit_id
          where pr.tenant = engine.tenant() and pr.proposal_id = $1`,
        [proposalId],
      );
      const found = row && (await occasionOf(tx, row.instanceId, proposalId));
      if (!found) throw refuse('NOT_FOUND');
      return { occasion: found, ...row };
    });
    if (occasion.doc_id === null) return drawUp(occasion, documentKeyOf(instanceId, occasion), at);
    const { bytes, address } = await this.kept(tenant, occasion.doc_id);
    if (!bytes) throw refuse('NOT_FOUND', { detail: `The document is kept elsewhere: ${address}` });
    return bytes;
  }

  private async kept(tenant: string, docId: string): Promise<Enclosure> {
    if (docId.startsWith('https://')) return { bytes: null, address: docId };
    const bytes = await this.documents.get(tenant, docId);
    if (!bytes) throw refuse('WF009', { detail: 'The document store does not have this document.' });
    return { bytes, address: null };
  }
}
