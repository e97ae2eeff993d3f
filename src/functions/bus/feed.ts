import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Value } from '../../../machines/function.types.js';
import type { EffectResult, EffectRun } from '../../engine/host.js';
import type { Ended } from '../../engine/listening.js';
import { Registry } from '../../engine/registry.js';
import { Database, type Tx } from '../../platform/database.js';
import { Refused } from '../../platform/errors.js';
import { attachedTo } from './bus.store.js';
import { Bus } from './bus.js';

/** Starts what is attached to the type of an event that came in by the pipeline and was delivered (R004-20). */
@Injectable()
export class Feed implements OnModuleInit {
  constructor(
    private readonly bus: Bus,
    private readonly database: Database,
    private readonly registry: Registry,
  ) {}

  onModuleInit(): void {
    this.registry.listen({
      lifecycles: ['event'],
      ends: ['delivered'],
      effect: 'functions.feed',
      handler: this.feed,
      policy: { attempts: 8, backoffMs: 1_000, maxBackoffMs: 600_000, batch: 16 },
    });
  }

  readonly feed = async ({ output }: Ended, run: EffectRun): Promise<EffectResult> => {
    const eventId = (output as { event_id?: unknown } | null)?.event_id;
    if (typeof eventId !== 'string')
      return { kind: 'failed', code: 'NO_EVENT', reason: 'the run does not say what it has delivered' };
    try {
      await this.database.transaction(run.tenant, (tx) => this.publish(tx, eventId));
      return { kind: 'done' };
    } catch (error) {
      // It fits no kind of event that workflows are attached to, and will not the next time.
      if (error instanceof Refused && (error.code === 'WF006' || error.code === 'OUT_OF_RANGE'))
        return { kind: 'failed', code: error.code, reason: error.message };
      throw error;
    }
  };

  /** Its id is that of the event on the bus: what was told there already is not told again. */
  private async publish(tx: Tx, eventId: string): Promise<void> {
    const delivered = await deliveredEvent(tx, eventId);
    if (!delivered || (await attachedTo(tx, delivered.type)).length === 0) return;
    const { type, data, user_id, correlation_id } = delivered;
    const about = { event_id: eventId, event_type: type, event_name: type, payload: data };
    await this.bus.publish(tx, { ...about, user_id, correlation_id, depth: 0 });
  }
}

interface Delivered {
  type: string;
  data: Value;
  user_id: string | null;
  correlation_id: string;
}

/** Undefined when it was taken away meanwhile. */
const deliveredEvent = (tx: Tx, eventId: string): Promise<Delivered | undefined> =>
  tx.one<Delivered>(
    'select type, data, user_id, correlation_id from automation.delivered where tenant = engine.tenant() and id = $1',
    [eventId],
  );
