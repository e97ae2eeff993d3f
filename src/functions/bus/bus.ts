import { Injectable } from '@nestjs/common';
import type { Fields, Publication } from '../../../machines/function.types.js';
import type { EffectResult, EffectRun } from '../../engine/host.js';
import { Database, type Tx } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { Log } from '../../platform/logger.js';
import { flawsOf } from '../../tasks/forms/form.check.js';
import { depthOf } from '../runs/runs.store.js';
import { Runs } from '../runs/runs.js';
import { Workflows } from '../runs/workflows.js';
import { attachedTo, findKind, insertEvent, insertStarted, startedBy, type BusEvent } from './bus.store.js';

/** Events that set runs off that tell events end here (R004-35). */
export const DEEPEST = 10;

/** Events for everybody of a tenant: kept, and told to the workflows that are attached to their kind (R004-20). */
@Injectable()
export class Bus {
  constructor(
    private readonly database: Database,
    private readonly runs: Runs,
    private readonly workflows: Workflows,
    private readonly log: Log,
  ) {}

  /**
   * Keeps an event and starts one run of each workflow that is attached to its type; once for each event id, however often it comes.
   * @throws WF006 when there is no such kind of event; OUT_OF_RANGE when the payload does not fit it
   */
  async publish(tx: Tx, event: BusEvent, roles: readonly string[] = []): Promise<string[]> {
    await fits(tx, event);
    const kept = await insertEvent(tx, event);
    if (!kept) return startedBy(tx, event.event_id);
    if (event.depth >= DEEPEST) {
      this.log.warn('workflow_event_too_deep', { event_id: event.event_id, event_type: event.event_type });
      return [];
    }
    const started: string[] = [];
    for (const { workflow_id } of await attachedTo(tx, event.event_type)) {
      const workflow = await this.workflows.byRegistration(tx, workflow_id);
      // A workflow that is deprecated starts no more runs; what is attached stays, for the day that it is active again.
      if (!workflow) continue;
      const cause = {
        kind: 'start' as const,
        cause: `workflow-event:${event.event_id}`,
        actor: event.user_id ?? 'system:bus',
        roles,
        correlationId: event.correlation_id,
      };
      const { instanceId } = await this.runs.startWithin(tx, cause, {
        workflow,
        input: inputOf(event, kept.created_at),
        userId: event.user_id,
        correlationId: event.correlation_id,
        depth: event.depth + 1,
      });
      await insertStarted(tx, event.event_id, workflow_id, instanceId);
      started.push(instanceId);
    }
    return started;
  }

  /** What a run tells everybody. One that fits no kind of event is refused, and lies with the dead effects. */
  readonly tell = async ({ name, payload, userId }: Publication, run: EffectRun): Promise<EffectResult> => {
    try {
      await this.database.transaction(run.tenant, async (tx) => {
        const depth = (await depthOf(tx, run.instanceId)) ?? 0;
        await this.publish(tx, {
          // The key of the effect is the event's own, for ever.
          event_id: run.key,
          event_type: name,
          event_name: name,
          payload,
          user_id: userId,
          correlation_id: run.correlationId,
          depth,
        });
      });
      return { kind: 'done' };
    } catch (error) {
      const { code, message } = error as { code?: unknown; message: string };
      if (code === 'WF006' || code === 'OUT_OF_RANGE') return { kind: 'failed', code, reason: message };
      throw error;
    }
  };
}

async function fits(tx: Tx, { event_type, payload }: BusEvent): Promise<void> {
  const kind = await findKind(tx, event_type);
  if (!kind)
    throw refuse('WF006', { errors: [{ field: 'event_type', message: `there is no kind of event ${event_type}` }] });
  const flaws = kind.payload_schema ? flawsOf(kind.payload_schema, payload, 'payload') : [];
  if (flaws.length > 0)
    throw refuse('OUT_OF_RANGE', {
      detail: `The payload does not fit what ${event_type} says.`,
      errors: flaws.map(({ path, message }) => ({ field: path, message })),
    });
}

/** What a run that an event has started finds in its input (R004-22). */
const inputOf = ({ event_id, event_type, event_name, payload, user_id }: BusEvent, at: Date): Fields => ({
  eventId: event_id,
  eventType: event_type,
  eventName: event_name,
  eventPayload: payload,
  triggerEvent: {
    id: event_id,
    type: event_type,
    name: event_name,
    payload,
    user_id,
    timestamp: at.toISOString(),
  },
});
