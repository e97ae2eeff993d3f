import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../../auth/caller.js';
import { answerOnce, idempotencyOf } from '../../engine/idempotency.js';
import { audit } from '../../engine/store/audit.js';
import { objectionTo } from '../../integrations/http/outbound.js';
import { Config } from '../../platform/config.js';
import { Database } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { newId } from '../../platform/ids.js';
import { opened, sealed } from './sealed.js';
import type { ChangeWebhook, CreateWebhook, WebhookDeleted, WebhookDetails, WebhookView } from './webhook.dto.js';
import {
  countWebhooks,
  deleteWebhook,
  findWebhook,
  insertWebhook,
  schedule,
  updateWebhook,
  type WebhookRow,
} from './webhooks.store.js';

/** Webhooks that a tenant may have. */
const MOST_WEBHOOKS = 50;
const SECRET_BYTES = 32;

/** Who is told of delivered events (R003-47). What is a secret is kept sealed, and in no answer that is kept. */
@Injectable()
export class Webhooks {
  constructor(
    private readonly config: Config,
    private readonly database: Database,
  ) {}

  /** @throws INVALID_PARAMETER for an address that is never called, INVALID_STATE when there are too many */
  async create(caller: Caller, body: CreateWebhook, key: string | undefined): Promise<WebhookDetails> {
    const host = this.hostOf(body.url);
    const idempotency = idempotencyOf(key, 'events.webhooks', body);
    const { webhook_id } = await answerOnce(this.database, caller.tenant, idempotency, async (tx) => {
      if ((await countWebhooks(tx)) >= MOST_WEBHOOKS)
        throw refuse('INVALID_STATE', { detail: `There are ${MOST_WEBHOOKS} webhooks already.` });
      const id = newId('whk');
      const secret = body.secret ?? `whsec_${randomBytes(SECRET_BYTES).toString('base64url')}`;
      const secrets = sealed(this.config.encryptionKeys, caller.tenant, id, { url: body.url, secret });
      await insertWebhook(tx, id, { ...secrets, host, events: body.events ?? ['*'] }, caller.userId);
      const details = { host };
      await audit(tx, { actor: caller.userId, action: 'webhook.create', target: id, reason: 'registered', details });
      return { webhook_id: id };
    });
    return this.read(caller, webhook_id);
  }

  /** @throws NOT_FOUND, INVALID_PARAMETER */
  async change(caller: Caller, id: string, changes: ChangeWebhook, key: string | undefined): Promise<WebhookDetails> {
    if (Object.values(changes).every((value) => value === undefined))
      throw refuse('INVALID_PARAMETER', { detail: 'At least one field is needed.' });
    const { tenant, userId: actor } = caller;
    const idempotency = idempotencyOf(key, `events.webhooks:${id}`, changes);
    await answerOnce(this.database, tenant, idempotency, async (tx) => {
      const row = found(await findWebhook(tx, id, 'for update'));
      const before = opened(this.config.encryptionKeys, tenant, row);
      const { url = before.url, secret = before.secret, events = row.events } = changes;
      const host = this.hostOf(url);
      const isRenewed = changes.url !== undefined || changes.status === 'active';
      const status = changes.status ?? (isRenewed && row.status === 'failing' ? 'active' : row.status);
      const secrets = sealed(this.config.encryptionKeys, tenant, id, { url, secret });
      await updateWebhook(tx, id, { ...secrets, host, events }, status, isRenewed);
      await schedule(tx, id);
      const details = { changed: Object.keys(changes) };
      await audit(tx, { actor, action: 'webhook.change', target: id, reason: 'changed', details });
      return { webhook_id: id };
    });
    return this.read(caller, id);
  }

  /** @throws NOT_FOUND */
  remove(caller: Caller, id: string, key: string | undefined): Promise<WebhookDeleted> {
    const idempotency = idempotencyOf(key, `events.webhooks:${id}:delete`, {});
    return answerOnce(this.database, caller.tenant, idempotency, async (tx) => {
      if ((await deleteWebhook(tx, id)) === 0) throw refuse('NOT_FOUND');
      await audit(tx, { actor: caller.userId, action: 'webhook.delete', target: id, reason: 'deleted', details: {} });
      return { webhook_id: id, deleted: true };
    });
  }

  /** With its address and its secret. @throws NOT_FOUND */
  async read({ tenant }: Caller, id: string): Promise<WebhookDetails> {
    const row = found(await this.database.transaction(tenant, (tx) => findWebhook(tx, id)));
    return { ...viewOf(row), ...opened(this.config.encryptionKeys, tenant, row) };
  }

  /** @throws INVALID_PARAMETER for an address that nothing is ever sent to */
  private hostOf(address: string): string {
    const url = URL.canParse(address) ? new URL(address) : undefined;
    const objection = url ? objectionTo(url, this.config.webhookInsideHosts) : 'it is no address';
    if (!url || objection !== undefined)
      throw refuse('INVALID_PARAMETER', {
        detail: `The url is not called: ${objection ?? ''}.`,
        errors: [{ field: 'url', message: objection ?? '' }],
      });
    return url.host;
  }
}

/** Without what is a secret. */
export const viewOf = ({ url: _, secret: __, created_by: ___, ...view }: WebhookRow): WebhookView => view;

export function found(row: WebhookRow | undefined): WebhookRow {
  if (!row) throw refuse('NOT_FOUND');
  return row;
}
