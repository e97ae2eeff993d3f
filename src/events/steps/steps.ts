import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Arrived, Counted, Named, Stored, ToStore } from '../../../machines/event.js';
import { canonicalText } from '../../engine/core/json.js';
import type { EffectResult, EffectRun } from '../../engine/host.js';
import { Database } from '../../platform/database.js';
import { Log } from '../../platform/logger.js';
import { tell, whisper } from '../telling.js';
import { countAll } from './counting.js';
import { deliverAll, type Deliverable, type Delivered } from './delivering.js';
import { storeAll, type Storable } from './storing.js';
import { Together } from './together.js';
import { attempt, Unacceptable } from './trying.js';
import { validated } from './validation.js';

/** Names what an event says, whatever the order of its fields. */
export const payloadHash = (payload: unknown): string => hash('sha256', canonicalText(payload));

/** The steps of a run, each as often as it takes and with one result (R003-4). */
@Injectable()
export class Steps {
  private readonly storing: Together<Storable, { stored: Stored; isOther: boolean }>;
  private readonly counting: Together<string, Counted>;
  private readonly delivering: Together<Deliverable, Delivered>;

  constructor(
    database: Database,
    private readonly log: Log,
  ) {
    this.storing = new Together((tenant, items) => storeAll(database, tenant, items));
    this.counting = new Together((tenant, items) => countAll(database, tenant, items));
    this.delivering = new Together((tenant, items) => deliverAll(database, tenant, items));
  }

  /** `validate-event` */
  readonly validate = ({ run_id, ...arrived }: Arrived, run: EffectRun): Promise<EffectResult> =>
    attempt(run, async () => {
      const { event_id, correlation_id, retry_attempt } = arrived;
      if (run.begun === 1)
        tell(this.log, 'event_run_started', 'Workflow started', correlation_id, {
          event_id,
          workflow_id: run_id,
          retry_attempt,
        });
      whisper(this.log, 'event_validating', 'Validating event', correlation_id, { event_id });
      const valid = validated({ run_id, ...arrived });
      tell(this.log, 'event_validated', 'Event validation passed', correlation_id, { event_id });
      return { ...valid };
    });

  /** `store-event` */
  readonly store = (event: ToStore, run: EffectRun): Promise<EffectResult> =>
    attempt(run, async () => {
      const { event_id, correlation_id, payload, metadata = null, timestamp, retry_attempt, doomed } = event;
      whisper(this.log, 'event_storing', 'Storing event', correlation_id, { event_id, attempt: run.attempt });
      if (doomed) throw new Unacceptable('DEBUG', 'The event was sent to be refused');
      const { stored, isOther } = await this.storing.add(run.tenant, {
        ...{ event_id, instance_id: run.instanceId, payload, metadata, timestamp, retry_attempt, correlation_id },
        payload_hash: payloadHash(payload),
      });
      if (isOther) conflict(this.log, correlation_id, event_id);
      const { stored_at } = stored;
      tell(this.log, 'event_stored', 'Event stored', correlation_id, {
        event_id,
        storage_time: stored_at,
        retry_attempt,
      });
      return { ...stored };
    });

  /** `update-metrics` */
  readonly count = ({ event_id, correlation_id }: Named, run: EffectRun): Promise<EffectResult> =>
    attempt(run, async () => {
      whisper(this.log, 'event_counting', 'Updating metrics', correlation_id, { event_id, attempt: run.attempt });
      const counted = await this.counting.add(run.tenant, event_id);
      tell(this.log, 'event_counted', 'Metrics updated', correlation_id, { event_id });
      return { ...counted };
    });

  /** `mark-delivered` */
  readonly deliver = ({ event_id, correlation_id, timestamp, since }: Named, run: EffectRun): Promise<EffectResult> =>
    attempt(run, async () => {
      whisper(this.log, 'event_delivering', 'Marking event delivered', correlation_id, {
        event_id,
        attempt: run.attempt,
      });
      const marked = await this.delivering.add(run.tenant, { event_id, instance_id: run.instanceId, since });
      if (!marked.isMine || marked.status !== 'delivered')
        throw new Unacceptable('SUPERSEDED', `The event is ${marked.status ?? 'gone'}, and not this run's to deliver`);
      const duration_ms = Date.now() - Date.parse(timestamp);
      tell(this.log, 'event_delivered', 'Workflow completed successfully', correlation_id, { event_id, duration_ms });
      return null;
    });
}

/** The same id with another payload: what was first stays (R003-14). */
export const conflict = (log: Log, correlation_id: string, event_id: string): void =>
  log.warn('duplicate_event_conflict', {
    message: 'The event id stands for another payload; the first one stays',
    correlation_id,
    context: { event_id },
  });
