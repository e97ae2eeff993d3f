import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { seesEverything, type Caller } from '../auth/caller.js';
import { DocumentStore } from '../integrations/storage/document.store.js';
import { Database } from '../platform/database.js';
import { refuse } from '../platform/errors.js';
import type { DocumentView } from './documents.dto.js';

/** A document as it is to be kept. */
export interface NewDocument {
  key: string;
  title: string;
  contentType: string;
  bytes: Buffer;
  /** It says what the parties are not to learn of: it is for those who see everything. */
  isInner?: true;
}

/** The documents of deals: files in the store, each with a row that says what it is. */
@Injectable()
export class Documents {
  constructor(
    private readonly database: Database,
    private readonly store: DocumentStore,
  ) {}

  /** Keeps a document of an instance; keeping it again replaces it. */
  async keep(
    tenant: string,
    instanceId: string,
    { key, title, contentType, bytes, isInner }: NewDocument,
  ): Promise<void> {
    // The file first: a row never promises what is not there.
    await this.store.put(tenant, key, bytes, contentType);
    await this.database.transaction(tenant, (tx) =>
      tx.run(
        `insert into deals.documents (tenant, key, instance_id, title, content_type, size, sha256, is_inner, created_at)
         values (engine.tenant(), $1, $2, $3, $4, $5, $6, $7, engine.now())
         on conflict (tenant, key) do update
            set title = excluded.title, content_type = excluded.content_type, size = excluded.size, sha256 = excluded.sha256,
                is_inner = excluded.is_inner`,
        [key, instanceId, title, contentType, bytes.length, digestOf(bytes), isInner === true],
      ),
    );
  }

  /** The documents of an instance that are for the caller, who may see the instance; oldest first. */
  async list(caller: Caller, instanceId: string): Promise<DocumentView[]> {
    const rows = await this.database.transaction(caller.tenant, (tx) =>
      tx.query<Omit<DocumentView, 'createdAt'> & { created_at: Date }>(
        `select key, regexp_replace(key, '^.*/', '') as name, title, content_type as "contentType", size, sha256, created_at
           from deals.documents where tenant = engine.tenant() and instance_id = $1 and (not is_inner or $2)
          order by created_at, key`,
        [instanceId, seesEverything(caller)],
      ),
    );
    return rows.map(({ created_at, ...row }) => ({ ...row, createdAt: created_at.toISOString() }));
  }

  /**
   * A document of an instance, by its name, exactly as it was kept.
   * @throws NOT_FOUND; WF009 when the store no longer has these bytes
   */
  async open(caller: Caller, instanceId: string, name: string): Promise<{ document: DocumentView; bytes: Buffer }> {
    // The name is only compared: no part of an address becomes part of a path.
    const document = (await this.list(caller, instanceId)).find((candidate) => candidate.name === name);
    if (!document) throw refuse('NOT_FOUND');
    const bytes = await this.store.get(caller.tenant, document.key);
    if (!bytes || digestOf(bytes) !== document.sha256)
      throw refuse('WF009', { detail: 'The document store does not have this document as it was drawn up.' });
    return { document, bytes };
  }
}

const digestOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
