import { Injectable } from '@nestjs/common';
import type { Caller } from '../auth/caller.js';
import type { Json } from '../engine/core/driver.js';
import { EngineService, type Ack, type SendOptions } from '../engine/engine.service.js';
import type { InstanceStatus } from '../engine/store/instances.js';
import { Database, type Tx } from '../platform/database.js';
import { ITEMS, type ItemType } from './items.kinds.js';
import { found } from './rows.js';
import { removeRow } from './rows.remove.js';

/** The instance behind an item. */
interface Behind {
  instanceId: string;
  status: InstanceStatus;
}

/** Items by their number: everything that moves one goes through the engine's door. */
@Injectable()
export class Items {
  constructor(
    private readonly database: Database,
    private readonly engine: EngineService,
  ) {}

  /** The instance behind an item. @throws NOT_FOUND */
  instanceOf({ tenant }: Caller, type: ItemType, id: number): Promise<Behind> {
    return this.database.transaction(tenant, (tx) => behind(tx, type, id));
  }

  /** Sends an event to an item. @throws NOT_FOUND, and what the engine says */
  async send(
    caller: Caller,
    type: ItemType,
    id: number,
    event: { type: string; payload?: unknown },
    options: SendOptions = {},
  ): Promise<Ack> {
    const { instanceId } = await this.instanceOf(caller, type, id);
    return this.engine.send(caller, instanceId, event, { ...options, lifecycle: type });
  }

  /** The same in a transaction that is under way: all of it happens, or nothing. The caller's roles have been looked at by the route. @throws NOT_FOUND, WF002 */
  async tell(
    tx: Tx,
    { userId: actor, roles, correlationId }: Caller,
    type: ItemType,
    id: number,
    event: { type: string; payload: Json },
  ): Promise<void> {
    const { instanceId } = await behind(tx, type, id);
    const cause = { kind: 'event' as const, cause: 'request', actor, roles, correlationId };
    await this.engine.receiveWithin(tx, instanceId, cause, async () => event, 'explain');
  }

  /** Ends an item and takes its row away; its history stays. One that has ended before only loses its row. @throws NOT_FOUND, IN_USE */
  async remove(caller: Caller, type: ItemType, id: number, options: SendOptions = {}): Promise<{ deleted: 1 }> {
    const { instanceId, status } = await this.instanceOf(caller, type, id);
    if (status === 'done' || status === 'failed')
      await this.database.transaction(caller.tenant, (tx) => removeRow(tx, type, instanceId));
    else await this.engine.send(caller, instanceId, { type: 'delete' }, { ...options, lifecycle: type });
    return { deleted: 1 };
  }
}

const behind = async (tx: Tx, type: ItemType, id: number): Promise<Behind> => {
  const { table, id: key } = ITEMS[type];
  return found(
    await tx.one<Behind>(
      `select i.id as "instanceId", i.status from ${table} t
         join engine.instances i on i.tenant = t.tenant and i.id = t.workflow_instance_id
        where t.tenant = engine.tenant() and t.${key} = $1`,
      [id],
    ),
  );
};
