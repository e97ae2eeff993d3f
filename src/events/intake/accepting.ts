import { Injectable } from '@nestjs/common';
import { event, type EventInput } from '../../../machines/event.js';
import { EngineService, type Opening } from '../../engine/engine.service.js';
import type { Cause } from '../../engine/recording.js';
import { Database, type Tx } from '../../platform/database.js';
import { Log } from '../../platform/logger.js';
import { Metrics } from '../../platform/metrics.js';
import { charge, momentOf, type Moment } from './quota.js';
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
  instanceId: string;
  timestamp: string;
  at: number;
}

/** A run that is to be started; how many there were before it. */
export interface Wanted {
  arrival: Arrival;
  runId: string;
  attempt: number;
  retryAttempt: number;
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
  private readonly count: (labels: Readonly<Record<never, string>>) => void;

  constructor(
    private readonly engine: EngineService,
    private readonly log: Log,
    database: Database,
    metrics: Metrics,
  ) {
    this.count = metrics.counter('statewright_event_ingested_total', 'Events that were accepted, each once.', []);
    this.gathered = new Together((tenant, sent) => database.transaction(tenant, (tx) => this.takeAll(tx, sent)));
  }

  /** Takes an event in, together with others that come at the same moment. Resolves when it is durable. */
  take(tenant: string, sent: Sent): Promise<Receipt> {
    return this.gathered.add(tenant, sent);
  }

  /** Starts the first runs of events, once for each event id: whoever sends it again hears of the first. @throws QUOTA_EXCEEDED */
  async accept(tx: Tx, arrivals: readonly Arrival[], moment: Moment): Promise<Accepted[]> {
    const wanted = arrivals.map((arrival) => {
      const { event_id, correlation_id } = arrival;
      const about = { event_id, retry_attempt: 0 };
      whisper(this.log, 'event_arrived', 'Triggering workflow for event', correlation_id, about);
      return { arrival, runId: `event-${event_id}`, attempt: 0, retryAttempt: 0 };
    });
    const accepted = await this.run(tx, wanted);
    await charge(tx, accepted.filter(({ isNew }) => isNew).length, moment);
    for (const [index, { isNew, runId, payloadHash: known }] of accepted.entries()) {
      const { event_id, correlation_id, batchId, payload } = at(arrivals, index);
      if (!isNew && known !== payloadHash(payload)) conflict(this.log, correlation_id, event_id);
      const about = { event_id, workflow_id: runId, ...(batchId !== undefined && { batch_id: batchId }) };
      if (isNew)
        tx.afterCommit(() => {
          this.count({});
          tell(this.log, 'event_accepted', 'Workflow created', correlation_id, about);
        });
    }
    return accepted;
  }

  /** Starts runs under their ids, or answers the ones that have them, in the order in which they are wanted. */
  async run(tx: Tx, wanted: readonly Wanted[]): Promise<Accepted[]> {
    const runs = wanted.map((run) => ({ ...run, hash: payloadHash(run.arrival.payload) }));
    const causes = runs.map(causeOf);
    const acks = await this.engine.startAllWithin(tx, event.name, causes, async (instanceIds, now) => {
      const taken = await claim(tx, runs, instanceIds, now);
      return runs.map((run, index) => (taken.has(at(instanceIds, index)) ? openingOf(run) : undefined));
    });
    const earlier = await known(
      tx,
      runs.flatMap(({ runId }, index) => (acks[index] ? [] : [runId])),
    );
    return runs.map(({ runId, hash }, index) => {
      const ack = acks[index];
      if (ack) return { isNew: true, runId, instanceId: ack.instanceId, payloadHash: hash };
      const run = earlier.get(runId);
      if (!run) throw new Error(`the run ${runId} was there a moment ago`);
      return { isNew: false, ...run };
    });
  }

  /** Takes events in, in one order for everybody: of two that take the same ids in none waits for the other in a circle. Answers in theirs. */
  async takeAll(tx: Tx, sent: readonly Sent[]): Promise<Receipt[]> {
    const moment = await momentOf(tx);
    const { now } = moment;
    const order = [...sent.keys()].sort((left, right) => (at(sent, left).event_id < at(sent, right).event_id ? -1 : 1));
    const arrivals = order.map((place) => {
      const one = at(sent, place);
      return { ...one, timestamp: one.timestamp ?? new Date(now).toISOString() };
    });
    const receipts: Receipt[] = [];
    for (const [index, { isNew, instanceId }] of (await this.accept(tx, arrivals, moment)).entries())
      receipts[at(order, index)] = { isNew, instanceId, timestamp: at(arrivals, index).timestamp, at: now };
    return receipts;
  }
}

type Run = Wanted & { hash: string };

const causeOf = ({ arrival: { sender, correlation_id: correlationId }, runId }: Run): Cause => ({
  kind: 'start',
  cause: runId,
  actor: sender.id,
  roles: sender.roles,
  correlationId,
});

const openingOf = ({ arrival, runId, retryAttempt }: Run): Opening => {
  const { event_id, payload, metadata, timestamp, correlation_id, debug, sender } = arrival;
  const event: EventInput = {
    ...{ event_id, payload, metadata, timestamp, correlation_id, debug },
    ...{ run_id: runId, retry_attempt: retryAttempt },
  };
  return { parties: { sender: sender.id }, keys: { eventId: event_id, runId }, input: event };
};

/** Writes the ids down that are not taken yet, of those that are wanted twice the first; answers the instances that have one now. */
async function claim(tx: Tx, runs: readonly Run[], instanceIds: readonly string[], now: number): Promise<Set<string>> {
  const rows = await tx.query<{ instance_id: string }>(
    `insert into events.runs (tenant, run_id, event_id, attempt, instance_id, payload_hash, batch_id, accepted_at)
     select engine.tenant(), given.*, to_timestamp($7::float8 / 1000)
       from unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::text[], $6::text[]) as given
     on conflict do nothing returning instance_id`,
    [
      runs.map(({ runId }) => runId),
      runs.map(({ arrival }) => arrival.event_id),
      runs.map(({ attempt }) => attempt),
      instanceIds,
      runs.map(({ hash }) => hash),
      runs.map(({ arrival }) => arrival.batchId ?? null),
      now,
    ],
  );
  return new Set(rows.map(({ instance_id }) => instance_id));
}

/** Runs that were started before, by their ids. */
async function known(tx: Tx, runIds: readonly string[]): Promise<Map<string, Omit<Accepted, 'isNew'>>> {
  if (runIds.length === 0) return new Map();
  const rows = await tx.query<Omit<Accepted, 'isNew'>>(
    `select run_id as "runId", instance_id as "instanceId", payload_hash as "payloadHash" from events.runs where tenant = engine.tenant() and run_id = any($1)`,
    [runIds],
  );
  return new Map(rows.map((row) => [row.runId, row]));
}

/** What stands at a place that is known to be one of the list. */
function at<T>(list: readonly T[], index: number): T {
  const found = list[index];
  if (found === undefined) throw new RangeError(`there is no place ${index}`);
  return found;
}
