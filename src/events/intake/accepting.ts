import { Injectable } from '@nestjs/common';
import { event, type EventInput } from '../../../machines/event.js';
import { EngineService } from '../../engine/engine.service.js';
import type { Cause } from '../../engine/recording.js';
import { businessTime } from '../../engine/store/instances.js';
import { Database, type Tx } from '../../platform/database.js';
import { Log } from '../../platform/logger.js';
import { conflict, payloadHash } from '../steps/steps.js';
import { Together } from '../steps/together.js';
import { tell, whisper } from '../telling.js';

/** An event at the door. */
export interface Arrival extends Omit<EventInput, 'run_id' | 'retry_attempt'> {
  /** Who sent it. */
  sender: { id: string; roles: readonly string[] };
  /** What it came in with. */
  batchId?: string | undefined;
}

/** An event at the door, which happened now when it does not say when. */
export type Sent = Omit<Arrival, 'timestamp'> & { timestamp: string | undefined };

/** What the sender is told; times in milliseconds since 1970. */
export interface Receipt {
  isNew: boolean;
  timestamp: string;
  at: number;
}

/** A run that was started, or that had been before. */
export interface Accepted {
  isNew: boolean;
  runId: string;
  instanceId: string;
  payloadHash: string;
}

/** Takes events in: each gets its run, written down before anybody is told that it was accepted (R003-31, R003-34, R003-35). */
@Injectable()
export class Accepting {
  private readonly gathered: Together<Sent, Receipt>;

  constructor(
    private readonly engine: EngineService,
    private readonly log: Log,
    database: Database,
  ) {
    this.gathered = new Together(database, (tx, sent) => this.all(tx, sent));
  }

  /** Takes an event in, together with others that come at the same moment. Resolves when it is durable. */
  take(tenant: string, sent: Sent): Promise<Receipt> {
    return this.gathered.add(tenant, sent);
  }

  /** Starts the first run of an event, once for each event id: whoever sends it again hears of the first. */
  async accept(tx: Tx, arrival: Arrival): Promise<Accepted> {
    const { event_id, correlation_id, batchId } = arrival;
    const runId = `event-${event_id}`;
    whisper(this.log, 'event_arrived', 'Triggering workflow for event', correlation_id, { event_id, retry_attempt: 0 });
    const accepted = await this.run(tx, { ...arrival, run_id: runId, retry_attempt: 0 }, 0);
    if (!accepted.isNew && accepted.payloadHash !== payloadHash(arrival.payload))
      conflict(this.log, correlation_id, event_id);
    if (accepted.isNew)
      tx.afterCommit(() =>
        tell(this.log, 'event_accepted', 'Workflow created', correlation_id, {
          event_id,
          workflow_id: runId,
          ...(batchId !== undefined && { batch_id: batchId }),
        }),
      );
    return accepted;
  }

  /** In one order for everybody: of two that take the same ids in none waits for the other in a circle. */
  private async all(tx: Tx, sent: readonly Sent[]): Promise<Receipt[]> {
    const at = await businessTime(tx);
    const now = new Date(at).toISOString();
    const receipts = new Map<Sent, Receipt>();
    for (const one of sent.toSorted((left, right) => (left.event_id < right.event_id ? -1 : 1))) {
      const timestamp = one.timestamp ?? now;
      const { isNew } = await this.accept(tx, { ...one, timestamp });
      receipts.set(one, { isNew, timestamp, at });
    }
    return sent.flatMap((one) => receipts.get(one) ?? []);
  }

  /** Starts a run under its id, or answers the one that has it. */
  async run(
    tx: Tx,
    { sender, batchId, ...input }: Arrival & Pick<EventInput, 'run_id' | 'retry_attempt'>,
    attempt: number,
  ): Promise<Accepted> {
    const { event_id: eventId, run_id: runId, correlation_id: correlationId } = input;
    const hash = payloadHash(input.payload);
    const cause: Cause = { kind: 'start', cause: runId, actor: sender.id, roles: sender.roles, correlationId };
    try {
      const { instanceId } = await this.engine.startWithin(tx, event.name, cause, async (start) => {
        const written = await tx.run(
          `insert into events.runs (tenant, run_id, event_id, attempt, instance_id, payload_hash, batch_id, accepted_at)
           values (engine.tenant(), $1, $2, $3, $4, $5, $6, to_timestamp($7::float8 / 1000)) on conflict do nothing`,
          [runId, eventId, attempt, start.instanceId, hash, batchId ?? null, start.at],
        );
        if (written === 0) throw new Taken();
        return { parties: { sender: sender.id }, keys: { eventId, runId }, input };
      });
      return { isNew: true, runId, instanceId, payloadHash: hash };
    } catch (error) {
      if (!(error instanceof Taken)) throw error;
      return { isNew: false, runId, ...(await known(tx, runId)) };
    }
  }
}

/** The id has its run already; nothing else has been written by then. */
class Taken extends Error {}

async function known(tx: Tx, runId: string): Promise<{ instanceId: string; payloadHash: string }> {
  const row = await tx.one<{ instanceId: string; payloadHash: string }>(
    `select instance_id as "instanceId", payload_hash as "payloadHash" from events.runs where tenant = engine.tenant() and run_id = $1`,
    [runId],
  );
  if (!row) throw new Error(`the run ${runId} was there a moment ago`);
  return row;
}
