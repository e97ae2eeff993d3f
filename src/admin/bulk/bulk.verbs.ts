import { Injectable } from '@nestjs/common';
import type { Deed, GroupRequest } from '../../../machines/operation.js';
import type { Caller } from '../../auth/caller.js';
import { EngineFault } from '../../engine/core/driver.js';
import { DecisionFault, EngineService } from '../../engine/engine.service.js';
import { Foreseeing } from '../../engine/foreseeing.js';
import { Forcing, type ForceRequest, type WayBack } from '../../engine/forcing.js';
import { idempotencyOf, oncePerKey } from '../../engine/idempotency.js';
import { Migrating } from '../../engine/migrating.js';
import * as outbox from '../../engine/store/outbox.js';
import { Database } from '../../platform/database.js';
import { refuse, Refused } from '../../platform/errors.js';
import type { Fared, Item } from './bulk.store.js';

/** The operation in whose course something is done. */
export interface Course {
  operationId: string;
  caller: Caller;
  request: GroupRequest;
}

type Told = Omit<Fared, 'n' | 'outcome'>;

/** What can be done to many: each verb asked beforehand, done, and taken back. Every one goes through the door that a single one goes through. */
@Injectable()
export class BulkVerbs {
  constructor(
    private readonly engine: EngineService,
    private readonly foreseeing: Foreseeing,
    private readonly forcing: Forcing,
    private readonly migrating: Migrating,
    private readonly database: Database,
  ) {}

  /** What an instance would make of it; nothing is written. */
  foresee(course: Course, item: Item): Promise<Fared> {
    return faring(item, () => this.look(course, item));
  }

  /** Does it. Twice is once: the operation is the key. */
  perform(course: Course, item: Item): Promise<Fared> {
    return faring(item, () => this.act(course, item));
  }

  /** Takes it back, as long as it is the last thing that happened to the instance. */
  undo(course: Course, item: Item): Promise<Fared> {
    return faring(item, () => this.takeBack(course, item));
  }

  private async look({ caller, request: { deed, reason } }: Course, item: Item): Promise<Told> {
    const id = item.instance_id;
    switch (deed.verb) {
      case 'event':
        return { becomes: await this.foreseeing.event(caller, id, deed) };
      case 'force': {
        const { to } = await this.forcing.preview(caller, id, forceOf(deed, reason, item));
        return { becomes: to };
      }
      case 'migrate': {
        const plan = await this.migrating.plan(caller, id);
        if (plan.verdict !== 'auto') throw refuse('WF002', { detail: `The instance cannot be moved: ${plan.reason}.` });
        return { becomes: plan.becomes?.state ?? null };
      }
      case 'retry': {
        const dead = await this.database.transaction(caller.tenant, (tx) => outbox.ofInstance(tx, id));
        if (!dead.some(({ status }) => status === 'dead'))
          throw refuse('WF002', { detail: 'None of its effects is dead.' });
        return { becomes: item.from_state };
      }
    }
  }

  private async act({ operationId, caller, request }: Course, item: Item): Promise<Told> {
    const { deed, reason, approvedBy } = request;
    const [id, key] = [item.instance_id, `bulk:${operationId}`];
    switch (deed.verb) {
      case 'event': {
        const { type, payload } = deed;
        const { seq, state } = await this.engine.send(caller, id, { type, payload }, { idempotencyKey: key });
        return { seq, becomes: state };
      }
      case 'force': {
        const { seq } = await this.force(caller, id, forceOf(deed, reason, item), approvedBy, key);
        return { seq };
      }
      case 'migrate': {
        const { seq } = await this.migrating.migrate(caller, id, reason, key);
        return { seq };
      }
      case 'retry': {
        await this.forcing.retry(caller, id, reason, key);
        return {};
      }
    }
  }

  private async takeBack({ operationId, caller, request }: Course, { instance_id: id, seq }: Item): Promise<Told> {
    const { deed, reason, approvedBy } = request;
    const key = `bulk-undo:${operationId}`;
    switch (deed.verb) {
      case 'force': {
        const asked = { reason, runEntryEffects: false, ...(seq === null ? {} : { expectedRevision: seq }) };
        return { seq: (await this.force(caller, id, asked, approvedBy, key)).seq };
      }
      case 'migrate':
        return { seq: (await this.migrating.undo(caller, id, reason, key)).seq };
      case 'event':
      case 'retry':
        throw refuse('WF002', { detail: 'It cannot be taken back.' });
    }
  }

  private force(
    caller: Caller,
    id: string,
    asked: ForceRequest | WayBack,
    approvedBy: string | null,
    key: string,
  ): Promise<{ seq: number }> {
    const { userId, roles, correlationId } = caller;
    const by = { userId, roles, correlationId, ...(approvedBy && approvedBy !== userId ? { approvedBy } : {}) };
    const idempotency = idempotencyOf(key, id, { bulk: asked });
    return oncePerKey(this.database, caller.tenant, idempotency, () =>
      this.database.transaction(caller.tenant, (tx) => this.forcing.within(tx, caller, id, asked, by, idempotency)),
    );
  }
}

const forceOf = (
  { toState, runEntryEffects }: Deed & { verb: 'force' },
  reason: string,
  { from_state: fromState }: Item,
): ForceRequest => ({ fromState, toState, reason, runEntryEffects });

/** A refusal is how an instance fares; what else throws ends the attempt, except what the definition is at fault for. */
async function faring({ n }: Item, work: () => Promise<Told>): Promise<Fared> {
  try {
    return { n, outcome: 'accepted', ...(await work()) };
  } catch (error) {
    if (error instanceof Refused) return { n, outcome: 'refused', code: error.code, reason: error.message };
    if (error instanceof DecisionFault || error instanceof EngineFault)
      return { n, outcome: 'refused', code: 'FAULT', reason: error.message };
    throw error;
  }
}
