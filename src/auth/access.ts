import { Injectable } from '@nestjs/common';
import { Config } from '../platform/config.js';
import { Database, type Tx } from '../platform/database.js';
import { refuse } from '../platform/errors.js';
import { newId } from '../platform/ids.js';
import * as apiKeys from './api-keys.js';
import type { ApiKey } from './api-keys.js';
import type { Caller, Role } from './caller.js';
import { Credentials } from './credentials.js';
import { hashOf, hintOf, newKey } from './keys.js';
import { once, type Asked } from './once.js';
import { Tokens } from './tokens.js';

/** Hands out and takes back credentials of the caller's tenant. Each act is audited in its own transaction. */
@Injectable()
export class Access {
  constructor(
    private readonly database: Database,
    private readonly tokens: Tokens,
    private readonly credentials: Credentials,
    private readonly config: Config,
  ) {}

  /** A token that cannot be taken back but soon expires. @param ttl seconds @throws IDEMPOTENCY_KEY_REUSED */
  mint(
    { tenant, userId: actor }: Caller,
    grant: { userId: string; roles: Role[]; ttl: number },
    key: string | undefined,
  ): Promise<{ token: string; expiresAt: Date }> {
    return this.once(tenant, { scope: `auth.tokens:${actor}`, key, request: grant }, async (tx) => {
      const { userId, roles, ttl } = grant;
      await apiKeys.auditAccess(tx, { actor, action: 'auth.token-minted', target: userId, details: { roles, ttl } });
      return this.tokens.mint({ tenant, userId, roles }, ttl);
    });
  }

  /** A new key, shown this once, and to nobody but a repetition of the same request. @throws IDEMPOTENCY_KEY_REUSED */
  create(
    { tenant, userId: createdBy }: Caller,
    grant: { userId: string; roles: Role[]; label: string },
    idempotencyKey: string | undefined,
  ): Promise<ApiKey & { key: string }> {
    const key = newKey();
    const asked = { scope: `auth.api-keys:${createdBy}`, key: idempotencyKey, request: grant };
    return this.once(tenant, asked, async (tx) => {
      const stored = await apiKeys.insertKey(tx, {
        ...grant,
        tenant,
        id: newId('key'),
        hash: hashOf(key),
        hint: hintOf(key),
        createdBy,
      });
      if (!stored) throw new Error('two random keys are the same');
      const { id, userId, roles, label } = stored;
      await apiKeys.auditAccess(tx, {
        actor: createdBy,
        action: 'auth.key-created',
        target: id,
        details: { userId, roles, label },
      });
      return { ...stored, key };
    });
  }

  /** Keys of the tenant, newest first, from behind the given id. */
  list({ tenant }: Caller, limit: number, before: string | null): Promise<ApiKey[]> {
    return this.database.transaction(tenant, (tx) => apiKeys.listKeys(tx, limit, before));
  }

  /** Takes a key back: at once in this process, within 5 s in the others. @throws NOT_FOUND */
  revoke({ tenant, userId: actor }: Caller, id: string): Promise<void> {
    return this.database.transaction(tenant, async (tx) => {
      const key = await apiKeys.revokeKey(tx, id);
      if (!key) throw refuse('NOT_FOUND');
      if (key.wasGood) await apiKeys.auditAccess(tx, { actor, action: 'auth.key-revoked', target: id, details: {} });
      tx.afterCommit(() => this.credentials.forget(key.hash));
    });
  }

  private once<T extends object>(tenant: string, asked: Asked, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.database.transaction(tenant, (tx) => once(tx, this.config.encryptionKeys, asked, () => work(tx)));
  }
}
