import { Injectable } from '@nestjs/common';
import { operation, type Deed, type OperationContext, type Selection } from '../../../machines/operation.js';
import type { Caller } from '../../auth/caller.js';
import type { Json } from '../../engine/core/driver.js';
import { EngineService } from '../../engine/engine.service.js';
import { Reading, type InstanceView } from '../../engine/reading.js';
import { checkPayload, Registry } from '../../engine/registry.js';
import { audit } from '../../engine/store/audit.js';
import { Database } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import type { BulkCounts, BulkItemView, BulkPlanView, BulkView, StartBulk } from './bulk.dto.js';
import * as store from './bulk.store.js';

/** More are another operation: one that takes hours is looked at by nobody. */
const MOST_INSTANCES = 10_000;
/** Written into the history with the operation, and handed to each group. */
const LONGEST_PAYLOAD = 16_384;

/** Deeds done to many instances, and how far they are. Each operation is an instance itself: everything that is said to it goes through the door. */
@Injectable()
export class Bulks {
  constructor(
    private readonly engine: EngineService,
    private readonly registry: Registry,
    private readonly reading: Reading,
    private readonly database: Database,
  ) {}

  /** Keeps which instances it is about, and begins to ask them; nothing is done to them. @throws NOT_FOUND, WF006, IDEMPOTENCY_KEY_REUSED */
  async start(caller: Caller, asked: StartBulk, idempotencyKey: string | undefined): Promise<BulkPlanView> {
    const { lifecycle } = asked.selection;
    const hosted = this.registry.get(lifecycle);
    if (lifecycle === operation.name) throw unfit('selection.lifecycle', 'is what bulk operations are themselves');
    const deed = this.deedOf(asked);
    const selection = JSON.parse(JSON.stringify(asked.selection)) as Selection;
    const askedBy = caller.userId;
    const roles = [...caller.roles];
    const { reason, perSecond } = asked;
    const options = { request: asked, idempotencyKey };
    const { instanceId } = await this.engine.start(caller, operation.name, options, async (tx) => {
      const total = await store.select(tx, tx.instanceId, selection, {
        isRetry: deed.verb === 'retry',
        notVersion: deed.verb === 'migrate' ? hosted.lifecycle.version : null,
        most: MOST_INSTANCES + 1,
      });
      if (total === 0) throw unfit('selection', 'is none of the instances there are');
      if (total > MOST_INSTANCES) throw unfit('selection', `is more than ${MOST_INSTANCES} instances; narrow it`);
      const details = { deed: { ...deed }, selection: { ...selection }, total } as unknown as Json;
      await audit(tx, { actor: askedBy, action: 'bulk.start', target: tx.instanceId, reason, details });
      const input = { deed, selection, reason, perSecond, total, askedBy, roles };
      return { parties: { starter: askedBy }, keys: { lifecycle, verb: deed.verb }, input };
    });
    return this.view(caller, instanceId);
  }

  /** How far it is, and what it would come to. @throws WF001 */
  async view(caller: Caller, id: string): Promise<BulkPlanView> {
    const seen = await this.reading.read(caller, id, operation.name);
    return this.database.transaction(caller.tenant, async (tx) => ({
      ...viewOf(seen, await store.countsOf(tx, [id])),
      groups: await store.groupsOf(tx, id),
    }));
  }

  /** Newest first. */
  async list(
    caller: Caller,
    state: string | undefined,
    limit: number,
    after: { createdAt: string; id: string } | null,
  ): Promise<BulkView[]> {
    const seen = await this.reading.list(caller, { lifecycle: operation.name, state }, limit, after);
    const ids = seen.map(({ id }) => id);
    const counts = await this.database.transaction(caller.tenant, (tx) => store.countsOf(tx, ids));
    return seen.map((one) => viewOf(one, counts));
  }

  /** What was foreseen for each instance, and what became of it. @throws WF001 */
  async items(
    caller: Caller,
    id: string,
    filter: { verdict: string | null; outcome: string | null },
    limit: number,
    after: number,
  ): Promise<BulkItemView[]> {
    await this.reading.read(caller, id, operation.name);
    return this.database.transaction(caller.tenant, (tx) => store.itemsOf(tx, id, filter, limit, after));
  }

  /** Says something to it, such as `bulk.approve`. @throws WF001, WF002 with the explanation, SECOND_APPROVER_NEEDED, IDEMPOTENCY_KEY_REUSED */
  async say(
    caller: Caller,
    id: string,
    type: keyof typeof operation.events,
    payload: object,
    idempotencyKey: string | undefined,
  ): Promise<BulkPlanView> {
    await this.engine.send(caller, id, { type, payload }, { lifecycle: operation.name, idempotencyKey });
    return this.view(caller, id);
  }

  private deedOf({ selection, verb, event, toState, runEntryEffects }: StartBulk): Deed {
    const hosted = this.registry.get(selection.lifecycle, selection.version);
    if (event !== undefined && verb !== 'event') throw unfit('event', 'goes with the verb event only');
    if ((toState !== undefined || runEntryEffects !== undefined) && verb !== 'force')
      throw unfit('toState', 'goes with the verb force only');
    switch (verb) {
      case 'event': {
        if (!event) throw unfit('event', 'says what each instance gets');
        const payload = checkPayload(hosted, event.type, event.payload) as { [name: string]: Json };
        if (JSON.stringify(payload).length > LONGEST_PAYLOAD) throw unfit('event.payload', 'is too long for many');
        return { verb, type: event.type, payload };
      }
      case 'force':
        if (toState === undefined) throw unfit('toState', 'says where each instance goes');
        if (!hosted.description.states.some(({ id }) => id === toState))
          throw unfit('toState', `is no state of ${selection.lifecycle}`);
        return { verb, toState, runEntryEffects: runEntryEffects ?? true };
      case 'migrate':
        return { verb, to: this.registry.get(selection.lifecycle).lifecycle.version };
      case 'retry':
        return { verb };
    }
  }
}

const unfit = (field: string, what: string) =>
  refuse('WF006', { detail: `${field} ${what}.`, errors: [{ field, message: `${field} ${what}` }] });

const NONE: BulkCounts = {
  ...{ total: 0, looked: 0, acceptable: 0, accepted: 0, refused: 0, left: 0, undone: 0, notUndone: 0 },
};

function viewOf(seen: InstanceView, counts: ReadonlyMap<string, BulkCounts>): BulkView {
  const { id, state, revision, allowedEvents, createdAt, updatedAt } = seen;
  const context = seen.context as unknown as OperationContext;
  const { deed, selection, reason, perSecond, askedBy, approvedBy, error } = context;
  return {
    ...{ id, state, deed, selection, reason, perSecond, askedBy, approvedBy, error },
    ...{ revision, allowedEvents, counts: counts.get(id) ?? NONE, createdAt, updatedAt },
  };
}
