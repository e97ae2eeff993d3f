import { Injectable } from '@nestjs/common';
import type { Fields } from '../../../machines/execution.types.js';
import type { Caller } from '../../auth/caller.js';
import { answerOnce, idempotencyOf } from '../../engine/idempotency.js';
import { audit } from '../../engine/store/audit.js';
import { objectionTo } from '../../integrations/http/outbound.js';
import { Config } from '../../platform/config.js';
import { Database } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { newId } from '../../platform/ids.js';
import type { Page } from '../envelope.js';
import { hidden, meantConfig, openConfig, sealConfig } from '../workflows/secrets.js';
import type {
  ChangeIntegration,
  CreateIntegration,
  IntegrationRemoved,
  IntegrationView,
  ListIntegrations,
} from './integration.dto.js';
import {
  countIntegrations,
  deleteIntegration,
  findIntegration,
  insertIntegration,
  listIntegrations,
  updateIntegration,
  type IntegrationRow,
} from './integrations.store.js';
import { INTEGRATION_SECRETS, isMovedBlindly, placeOf } from './sealing.js';

/** Integrations that a tenant may have. */
const MOST = 200;
/** Characters of a configuration as JSON. */
const LARGEST = 20_000;

/** Services outside that workflows send requests to: where they are, and what shows them who is asking (R002-5). */
@Injectable()
export class Integrations {
  constructor(
    private readonly config: Config,
    private readonly database: Database,
  ) {}

  /** @throws WF006 for an endpoint that is never called; CONFLICT when the id is taken or there are too many */
  create(caller: Caller, body: CreateIntegration, key: string | undefined): Promise<IntegrationView> {
    const { tenant, userId: actor } = caller;
    const idempotency = idempotencyOf(key, 'automation.integrations', body);
    return answerOnce(this.database, tenant, idempotency, async (tx) => {
      if ((await countIntegrations(tx)) >= MOST)
        throw refuse('CONFLICT', { detail: `There are ${MOST} integrations already.` });
      const { id = newId('int'), name, type, enabled = true } = body;
      const config = this.sealed(tenant, id, plain(body.config), undefined);
      if ((await insertIntegration(tx, id, { name, type, config, is_enabled: enabled }, actor)) === 0)
        throw refuse('CONFLICT', { detail: `There is an integration ${id}.` });
      const details = { type, endpoint: body.config.endpoint };
      await audit(tx, { actor, action: 'integration.create', target: id, reason: 'registered', details });
      return viewOf(found(await findIntegration(tx, id)));
    });
  }

  /** Secrets that are left hidden stay, unless they would go to another address. @throws NOT_FOUND, WF006 */
  change(caller: Caller, id: string, changes: ChangeIntegration, key: string | undefined): Promise<IntegrationView> {
    const { tenant, userId: actor } = caller;
    if (Object.values(changes).every((value) => value === undefined))
      throw refuse('WF006', { detail: 'At least one field required' });
    const idempotency = idempotencyOf(key, `automation.integrations:${id}`, changes);
    return answerOnce(this.database, tenant, idempotency, async (tx) => {
      const row = found(await findIntegration(tx, id, 'for update'));
      const { name = row.name, type = row.type, enabled = row.is_enabled } = changes;
      const config = changes.config ? this.sealed(tenant, id, plain(changes.config), row.config) : row.config;
      await updateIntegration(tx, id, { name, type, config, is_enabled: enabled });
      const details = {
        changed: Object.keys(changes).filter((field) => changes[field as keyof typeof changes] !== undefined),
      };
      await audit(tx, { actor, action: 'integration.change', target: id, reason: 'changed', details });
      return viewOf(found(await findIntegration(tx, id)));
    });
  }

  /** Steps that need it fail from now on. @throws NOT_FOUND */
  remove({ tenant, userId: actor }: Caller, id: string, key: string | undefined): Promise<IntegrationRemoved> {
    const idempotency = idempotencyOf(key, `automation.integrations:${id}:delete`, {});
    return answerOnce(this.database, tenant, idempotency, async (tx) => {
      if ((await deleteIntegration(tx, id)) === 0) throw refuse('NOT_FOUND');
      await audit(tx, { actor, action: 'integration.delete', target: id, reason: 'deleted' });
      return { id, deleted: true };
    });
  }

  /** @throws NOT_FOUND */
  read({ tenant }: Caller, id: string): Promise<IntegrationView> {
    return this.database.transaction(tenant, async (tx) => viewOf(found(await findIntegration(tx, id))));
  }

  /** One page, newest first. */
  list({ tenant }: Caller, { type, status, page, limit }: ListIntegrations): Promise<Page<IntegrationView>> {
    return this.database.transaction(tenant, async (tx) => {
      const filter = { type: type ?? null, status: status ?? null };
      const { rows, total } = await listIntegrations(tx, filter, page, limit);
      return { rows: rows.map(viewOf), total };
    });
  }

  /** The configuration as it is kept. @throws WF006 */
  private sealed(tenant: string, id: string, written: Fields, earlier: Fields | undefined): Fields {
    const objection = (message: string) =>
      refuse('WF006', { errors: [{ field: 'config', message }], detail: `The config ${message}.` });
    const endpoint = String(written['endpoint']);
    const wrong = URL.canParse(endpoint)
      ? objectionTo(new URL(endpoint), this.config.webhookInsideHosts)
      : 'it is no address';
    if (wrong !== undefined) throw objection(`has an endpoint that is not called: ${wrong}`);
    if (JSON.stringify(written).length > LARGEST) throw objection(`has more than ${LARGEST} characters`);
    // Nothing fills them here, and what looks like one would not be sealed.
    if (JSON.stringify([written['auth'], written['headers']]).includes('{{')) throw objection('has no references');
    const [keys, place] = [this.config.encryptionKeys, placeOf(tenant, id)];
    const meant = meantConfig(keys, place, INTEGRATION_SECRETS, written, earlier);
    if (earlier && isMovedBlindly(written, openConfig(keys, place, INTEGRATION_SECRETS, earlier)))
      throw objection('goes to another endpoint, so what is hidden has to be said again');
    return sealConfig(keys, place, INTEGRATION_SECRETS, meant);
  }
}

/** Without the classes that it was checked by. */
const plain = (config: object): Fields => JSON.parse(JSON.stringify(config)) as Fields;

function found(row: IntegrationRow | undefined): IntegrationRow {
  if (!row) throw refuse('NOT_FOUND');
  return row;
}

const viewOf = (row: IntegrationRow): IntegrationView => ({
  id: row.integration_id,
  name: row.name,
  type: row.type,
  config: hidden(row.config) as Fields,
  enabled: row.is_enabled,
  status: row.status,
  lastSync: row.last_sync,
  lastError: row.last_error,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});
