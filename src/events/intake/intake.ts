import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../../auth/caller.js';
import type { Json } from '../../engine/core/driver.js';
import { Clock } from '../../platform/clock.js';
import { Config } from '../../platform/config.js';
import { Database } from '../../platform/database.js';
import { refuse, Refused } from '../../platform/errors.js';
import { Log } from '../../platform/logger.js';
import { Turnstile } from '../../platform/turnstile.js';
import { Accepting, type Sent } from './accepting.js';
import type { BatchAccepted, BatchItem, EventAccepted, SubmitEvent, SubmitQuery } from './event.dto.js';
import { take, type Key } from './keys.js';
import { messageIn, type Message } from './message.js';
import { isLimited, momentOf } from './quota.js';
import { correlationIn, metadataIn, payloadIn, timestampIn, withNames } from './submission.js';

/** What requests bring is looked at, and taken in. */
@Injectable()
export class Intake {
  constructor(
    private readonly accepting: Accepting,
    private readonly clock: Clock,
    private readonly config: Config,
    private readonly database: Database,
    private readonly log: Log,
  ) {
    this.batches = new Turnstile(config.events.maxConcurrency);
  }

  private readonly batches: Turnstile;

  /** Takes one event in. @throws what is wrong with it; PROCESSING_ERROR when that was asked for */
  async submit(
    caller: Caller,
    body: SubmitEvent,
    debug: SubmitQuery['debug'],
    requestKey: string | undefined,
  ): Promise<EventAccepted> {
    if (debug !== undefined && this.config.mode !== 'sandbox') throw refuse('SANDBOX_ONLY');
    if (debug === 'validation_error') throw refuse('INVALID_PAYLOAD');
    const metadata = metadataIn(withNames(body.metadata, body));
    const timestamp = timestampIn(body.timestamp);
    const sent: Sent = {
      event_id: body.event_id ?? randomUUID(),
      payload: payloadIn(body.payload),
      metadata,
      timestamp,
      correlation_id: correlationIn(metadata, caller.correlationId),
      debug: debug === 'queue_delay' || debug === 'dlq_routing' ? debug : null,
      sender: { id: caller.userId, roles: caller.roles },
    };
    const keys = keysOf(caller, body, metadata, requestKey);
    const answer = await this.accepted(caller.tenant, keys, sent);
    if (debug === 'processing_error') throw refuse('PROCESSING_ERROR', { members: { event_id: answer.event_id } });
    const data = { event_id: answer.event_id, status: 'accepted' as const, timestamp: answer.timestamp };
    return { data, timestamp: new Date(answer.at).toISOString() };
  }

  /**
   * Takes the messages of a batch in, each by itself (R003-31, R003-33); of an account with limits all that can be taken, or none.
   * @throws QUOTA_EXCEEDED when the account may not have all of them (R002-7)
   */
  submitAll(caller: Caller, given: readonly Json[]): Promise<BatchAccepted> {
    const { batch } = this.config.events;
    if (given.length > batch)
      throw refuse('WF006', { errors: [{ field: 'events', message: `events are more than ${batch}` }] });
    return this.batches.pass(() => this.takeAll(caller, given));
  }

  private async takeAll(caller: Caller, given: readonly Json[]): Promise<BatchAccepted> {
    const batch_id = randomUUID();
    const read = given.map((message) => messageIn(message));
    const taken = await this.atOnce(caller, batch_id, read);
    const events = await Promise.all(
      read.map(async (message, index): Promise<BatchItem> => {
        if ('objection' in message) return { index, event_id: null, status: 'rejected', error: message.objection };
        const { event_id } = message;
        const sent = sentOf(caller, batch_id, message);
        try {
          const isNew = taken?.get(index) ?? (await this.accepting.take(caller.tenant, sent)).isNew;
          return { index, event_id, status: isNew ? 'accepted' : 'duplicate' };
        } catch (error) {
          this.log.error('event_not_accepted', error, {
            message: 'Failed to create workflow',
            correlation_id: sent.correlation_id,
            context: { event_id, batch_id },
          });
          return { index, event_id, status: 'rejected', error: 'It could not be written down; send it again' };
        }
      }),
    );
    const failed = events.filter(({ status }) => status === 'rejected').length;
    const counts = { total: events.length, successful: events.length - failed, failed };
    this.log.info('event_batch', {
      message: 'Batch processed',
      correlation_id: caller.correlationId,
      context: { batch_id, ...counts },
    });
    return { data: { batch_id, ...counts, events }, timestamp: new Date(await this.clock.now()).toISOString() };
  }

  /** The messages of an account with limits, in one transaction; by their places, whether they are new. Undefined: each is taken by itself. */
  private async atOnce(
    caller: Caller,
    batchId: string,
    read: readonly ReturnType<typeof messageIn>[],
  ): Promise<ReadonlyMap<number, boolean> | undefined> {
    const { tenant } = caller;
    const wanted = read.flatMap((message, index) => ('objection' in message ? [] : [{ index, message }]));
    if (wanted.length === 0 || !(await this.database.transaction(tenant, isLimited))) return undefined;
    try {
      const receipts = await this.database.transaction(tenant, (tx) =>
        this.accepting.takeAll(
          tx,
          wanted.map(({ message }) => sentOf(caller, batchId, message)),
        ),
      );
      return new Map(wanted.map(({ index }, place) => [index, receipts[place]?.isNew ?? false]));
    } catch (error) {
      if (error instanceof Refused) throw error;
      // What the database refuses of one message is no concern of the others.
      return undefined;
    }
  }

  /** An event without keys goes together with others; with a key it goes alone, because who has it already is another event. */
  private async accepted(
    tenant: string,
    keys: readonly Key[],
    sent: Sent,
  ): Promise<{ event_id: string; timestamp: string; at: number }> {
    const { event_id } = sent;
    if (keys.length === 0) return { event_id, ...(await this.accepting.take(tenant, sent)) };
    return this.database.transaction(tenant, async (tx) => {
      const moment = await momentOf(tx);
      const { now } = moment;
      const arrival = { ...sent, timestamp: sent.timestamp ?? new Date(now).toISOString() };
      const taken = await take(tx, keys, arrival, now);
      if (taken.event_id === event_id) await this.accepting.accept(tx, [arrival], moment);
      return { event_id: taken.event_id, timestamp: taken.happened_at.toISOString(), at: taken.accepted_at.getTime() };
    });
  }
}

const sentOf = (caller: Caller, batchId: string, message: Message): Sent => ({
  ...message,
  correlation_id: message.correlation_id ?? caller.correlationId,
  debug: null,
  sender: { id: caller.userId, roles: caller.roles },
  batchId,
});

function keysOf(
  { userId: owner }: Caller,
  body: SubmitEvent,
  metadata: { [name: string]: Json } | null,
  requestKey: string | undefined,
): Key[] {
  const { idempotency_key: eventKey } = metadata ?? {};
  return [
    ...(requestKey === undefined ? [] : [{ owner, kind: 'request' as const, key: requestKey, request: body }]),
    ...(typeof eventKey === 'string' ? [{ owner, kind: 'event' as const, key: eventKey, request: null }] : []),
  ];
}
