import { Injectable } from '@nestjs/common';
import { TIMED_OUT, type event, type EventContext } from '../../machines/event.js';
import type { FactLoaders, Transitioned } from '../engine/host.js';
import type { Tx } from '../platform/database.js';
import { Log } from '../platform/logger.js';
import { Metrics } from '../platform/metrics.js';
import { insertRow, moveRow, type Status } from './rows.js';
import { payloadHash } from './steps/steps.js';
import { NOT_VALID } from './steps/validation.js';

/** Why an event lies with the dead letters. */
export const REASONS = ['validation', 'permanent', 'retries_exhausted', 'timeout', 'forced'] as const;
/** One of REASONS. */
export type Reason = (typeof REASONS)[number];

/** The steps by the state that waits for them. */
const STEPS: Readonly<Record<string, string>> = {
  received: 'received',
  validating: 'validate-event',
  storing: 'store-event',
  counting: 'update-metrics',
  delivering: 'mark-delivered',
};

/** A run may look failed because the news of its last step did not arrive. The row says what is true, and is locked until this is decided. */
export const eventFacts: FactLoaders<typeof event> = {
  isMarked: async (tx, { instanceId, context: { event_id } }) => {
    const row = await tx.one<{ status: Status }>(
      `select status from events.events where tenant = engine.tenant() and event_id = $1 and instance_id = $2 for update`,
      [event_id, instanceId],
    );
    return row?.status === 'delivered';
  },
};

/** Writes the end of a run that failed: status, counters and dead letter with the step that ends it, all or nothing (R003-26). */
@Injectable()
export class Failing {
  constructor(
    private readonly log: Log,
    private readonly metrics: Metrics,
  ) {}

  /** Hears of failed runs, and of what administrators force. */
  readonly follow = async (tx: Tx, change: Transitioned<EventContext>): Promise<void> => {
    const { state, status, instanceId, context } = change;
    if (state === 'failed') return this.bury(tx, change);
    await moveRow(tx, context.event_id, instanceId, status === 'active' ? 'pending' : 'delivered');
  };

  private async bury(tx: Tx, { instanceId, from, context, cause, at }: Transitioned<EventContext>): Promise<void> {
    const { event_id, run_id, correlation_id, retry_attempt, payload, metadata, timestamp } = context;
    const failure = context.failure ?? { code: 'FORCED', message: 'An administrator has ended it' };
    const row = {
      ...{
        event_id,
        instance_id: instanceId,
        timestamp,
        retry_attempt,
        correlation_id,
        payload_hash: payloadHash(payload),
      },
      ...{ payload: JSON.stringify(payload), metadata: metadata === null ? null : JSON.stringify(metadata) },
    };
    if (!(await moveRow(tx, event_id, instanceId, 'failed'))) await insertRow(tx, row, 'failed', true);
    const step = STEPS[from ?? ''] ?? 'received';
    const reason = cause.kind === 'force' ? 'forced' : reasonOf(failure.code);
    await tx.run(
      `insert into events.dead_letters (tenant, event_id, run_id, instance_id, step, reason, error, payload, metadata, correlation_id, attempts, retry_attempt, happened_at, failed_at)
       select engine.tenant(), $1, $2, $3, $4, $5, $6, coalesce(e.payload, $7::json), case when e.event_id is null then $8::json else e.metadata end, $9,
              coalesce((select attempts from engine.outbox o where o.tenant = engine.tenant() and o.instance_id = $3 and o.job_id = $4 order by id desc limit 1), 0),
              $10, $11, to_timestamp($12::float8 / 1000)
         from (values (1)) one left join events.events e on e.tenant = engine.tenant() and e.event_id = $1`,
      [
        ...[event_id, run_id, instanceId, step, reason, JSON.stringify(failure), row.payload, row.metadata],
        ...[correlation_id, retry_attempt, timestamp, at],
      ],
    );
    tx.afterCommit(() => {
      this.metrics.error('event');
      this.log.error('event_failed', new Error(failure.message), {
        message: 'Workflow failed',
        correlation_id,
        context: { event_id, workflow_id: run_id, step, reason, code: failure.code, retry_attempt },
      });
    });
  }
}

function reasonOf(code: string): Reason {
  if (code === NOT_VALID) return 'validation';
  if (code === TIMED_OUT) return 'timeout';
  return code === 'ATTEMPTS_EXHAUSTED' || code === 'CRASHED' ? 'retries_exhausted' : 'permanent';
}
