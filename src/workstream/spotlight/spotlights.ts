import { Injectable } from '@nestjs/common';
import type { Caller } from '../../auth/caller.js';
import type { Json } from '../../engine/core/driver.js';
import { EngineService } from '../../engine/engine.service.js';
import { Database, type Tx } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { once } from '../once.js';
import { checkOrg } from '../orgs.js';
import { checkCriteria } from './criteria.shape.js';
import { Judging } from './judging.js';
import { knownOfSignal } from './known.js';
import type {
  ChangeSpotlight,
  CloneSpotlight,
  CreateSpotlight,
  Evaluate,
  EvaluationView,
  ListSpotlights,
  SpotlightList,
  SpotlightView,
} from './spotlight.dto.js';
import * as store from './spotlight.store.js';

/** Spotlights: written, changed and asked. Every change is an event of the spotlight's instance, in the transaction that makes it. */
@Injectable()
export class Spotlights {
  constructor(
    private readonly database: Database,
    private readonly engine: EngineService,
    private readonly judging: Judging,
  ) {}

  list({ tenant }: Caller, { org_id, domain, active, page, limit }: ListSpotlights): Promise<SpotlightList> {
    const isActive = active === undefined ? null : active === 'true' || active === '1';
    return this.database.transaction(tenant, async (tx) => {
      await checkOrg(tx, org_id);
      const { data, total } = await store.list(tx, domain ?? null, isActive, limit, (page - 1) * limit);
      return { data, pagination: { page, limit, total } };
    });
  }

  /** @throws NOT_FOUND */
  find({ tenant }: Caller, spotlightId: number): Promise<SpotlightView> {
    return this.database.transaction(tenant, (tx) => store.find(tx, spotlightId));
  }

  /** @throws WF005, WF006 */
  async create(caller: Caller, body: CreateSpotlight, idempotencyKey: string | undefined): Promise<SpotlightView> {
    const { name, domain, description = null, is_active: isActive, automatic } = body;
    const { values, rules } = checkCriteria(body);
    const { instanceId } = await this.engine.start(
      caller,
      'spotlight',
      { request: body, idempotencyKey },
      async (tx) => {
        await checkOrg(tx, body.org_id);
        const row = await tx.one<{ spotlight_id: number }>(
          `insert into workstream.spotlights (tenant, workflow_instance_id, name, domain, description, is_active, automatic, created_at, created_by, updated_at)
         values (engine.tenant(), $1, $2, $3, $4, $5, $6, to_timestamp($7::float8 / 1000), $8, to_timestamp($7::float8 / 1000)) returning spotlight_id`,
          [tx.instanceId, name, domain, description, isActive, automatic, tx.at, caller.userId],
        );
        if (!row) throw new Error('the spotlight was not written');
        await store.putCriteria(tx, row.spotlight_id, domain, values, rules);
        const spotlightId = row.spotlight_id;
        return {
          parties: {},
          keys: { spotlightId: String(spotlightId) },
          input: { spotlightId, name, domain, isActive },
        };
      },
    );
    return this.database.transaction(caller.tenant, async (tx) => store.find(tx, await idOf(tx, instanceId)));
  }

  /** @throws NOT_FOUND, WF005, WF006 */
  change(caller: Caller, spotlightId: number, body: ChangeSpotlight): Promise<SpotlightView> {
    const { org_id: orgId, is_active: isActive, ...changes } = body;
    const changed = Object.entries(changes).flatMap(([field, value]) => (value === undefined ? [] : [field]));
    if (changed.length === 0 && isActive === undefined)
      throw refuse('WF006', { detail: 'At least one field required' });
    const { values, rules } = checkCriteria(body);
    return this.database.transaction(caller.tenant, async (tx) => {
      await checkOrg(tx, orgId);
      const before = await store.find(tx, spotlightId);
      const { name = before.name, domain = before.domain, description = before.description } = changes;
      const { automatic = before.automatic } = changes;
      if (changed.length > 0)
        await this.tell(tx, caller, before, 'spotlight.changed', { name, domain, changed }, async () => {
          await tx.run(
            `update workstream.spotlights set name = $2, domain = $3, description = $4, automatic = $5 where tenant = engine.tenant() and spotlight_id = $1`,
            [spotlightId, name, domain, description, automatic],
          );
          if (domain !== before.domain) await store.dropCriteria(tx, spotlightId);
          await store.putCriteria(tx, spotlightId, domain, values, rules);
        });
      if (isActive !== undefined && isActive !== before.is_active)
        await this.tell(tx, caller, before, isActive ? 'spotlight.activated' : 'spotlight.deactivated', {});
      return store.find(tx, spotlightId);
    });
  }

  /** Writes parts of a spotlight under its lock, and says which. @throws NOT_FOUND */
  async changeWithin(
    tx: Tx,
    caller: Caller,
    spotlightId: number,
    changed: string[],
    write: () => Promise<void>,
  ): Promise<void> {
    const before = await store.find(tx, spotlightId);
    await this.tell(
      tx,
      caller,
      before,
      'spotlight.changed',
      { name: before.name, domain: before.domain, changed },
      write,
    );
  }

  /** Its scores and its history stay. @throws NOT_FOUND */
  remove(caller: Caller, spotlightId: number): Promise<{ deleted: number }> {
    return this.database.transaction(caller.tenant, async (tx) => {
      await this.tell(tx, caller, await store.find(tx, spotlightId), 'spotlight.removed', {});
      return { deleted: 1 };
    });
  }

  /** A copy with another name: fields, rules and components. @throws NOT_FOUND */
  async clone(
    caller: Caller,
    spotlightId: number,
    { name, org_id }: CloneSpotlight,
    key: string | undefined,
  ): Promise<SpotlightView> {
    const { domain, description, is_active, fields } = await this.find(caller, spotlightId);
    const field_values = Object.fromEntries(
      fields.flatMap(({ field_id, value }) => (value === null ? [] : [[field_id, value]])),
    );
    const field_rules = Object.fromEntries(
      fields.flatMap(({ field_id, rules }) => (rules.length === 0 ? [] : [[field_id, rules]])),
    );
    const body = {
      ...(org_id === undefined ? {} : { org_id }),
      name,
      domain,
      description,
      is_active,
      // A copy is looked at before it judges by itself.
      automatic: 'off' as const,
      field_values,
      field_rules,
    };
    const copy = await this.create(caller, body, key);
    await this.database.transaction(caller.tenant, async (tx) => {
      const { isDefault, components } = await store.componentsOf(tx, spotlightId);
      if (!isDefault) await store.putComponents(tx, copy.spotlight_id, components);
    });
    return copy;
  }

  /**
   * Holds what is known against the spotlight, remembers the result (R001-69), and acts on it when asked to (R001-73), all in one
   * transaction. @throws NOT_FOUND, WF002 while the spotlight is inactive or when the signal has been put away
   */
  evaluate(caller: Caller, spotlightId: number, request: Evaluate, key: string | undefined): Promise<EvaluationView> {
    const { org_id: orgId, signal_data: told = {}, signal_id: signalId, route: acts } = request;
    if (acts && signalId === undefined)
      throw refuse('WF006', { errors: [{ field: 'signal_id', message: 'only a stored signal can be routed' }] });
    return this.database.transaction(caller.tenant, async (tx) => {
      await checkOrg(tx, orgId);
      return once(tx, caller, { scope: `spotlight:${spotlightId}:evaluate`, key, request }, async () => {
        const known = signalId === undefined ? told : { ...(await knownOfSignal(tx, signalId)), ...told };
        const result = await this.judging.judge(tx, caller, spotlightId, known, signalId ?? null);
        return acts ? this.judging.act(tx, caller, spotlightId, result) : result;
      });
    });
  }

  private async tell(
    tx: Tx,
    { userId, roles, correlationId }: Caller,
    { workflow_instance_id: instanceId }: SpotlightView,
    type: string,
    payload: Json,
    write: () => Promise<void> = async () => undefined,
  ): Promise<void> {
    const cause = { kind: 'event' as const, cause: 'request', actor: userId, roles, correlationId };
    // Under the lock of the instance, so that two changes at once come one after the other.
    const consume = async () => {
      await write();
      return { type, payload };
    };
    await this.engine.receiveWithin(tx, instanceId, cause, consume, 'explain', 'workstream:spotlight');
  }
}

const idOf = async (tx: Tx, instanceId: string): Promise<number> => {
  const row = await tx.one<{ spotlight_id: number }>(
    'select spotlight_id from workstream.spotlights where tenant = engine.tenant() and workflow_instance_id = $1',
    [instanceId],
  );
  if (!row) throw refuse('NOT_FOUND');
  return row.spotlight_id;
};
