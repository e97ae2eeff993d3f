/** What clients, administrators and providers come up with next. */
import type pg from 'pg';
import {
  compensating,
  deadLetter,
  forcingTo,
  isDefinite,
  pausing,
  reading,
  resuming,
  retrying,
  sending,
  starting,
  type Request,
} from '../support/promises/asking.js';
import { DAY } from '../support/toy.js';
import type { Random } from './random.js';

const EVENTS = ['pay', 'pay', 'pay', 'note', 'note', 'picked', 'hold', 'resume', 'cancel'] as const;
const STATES = ['PLACED', 'PAYING', 'PACKING', 'ON_HOLD', 'SHIPPED', 'DELIVERED', 'CANCELLED'] as const;

/** A message that a provider has to tell until it is confirmed, and tells again now and then. */
export interface Message {
  id: string;
  instanceId: string;
  type: 'deliver' | 'picked';
}

export class Clients {
  readonly asked: Request[] = [];
  readonly messages: Message[] = [];
  private number = 0;

  constructor(
    private readonly random: Random,
    private readonly watcher: pg.Client,
    private readonly instances: number,
  ) {}

  /** Requests whose answer is still open, and nobody is waiting for. */
  unanswered(): Request[] {
    return this.asked.filter((request) => !isDefinite(request) && request.tries.every(({ answer }) => answer !== null));
  }

  /** A new request. */
  async next(): Promise<Request> {
    const { random } = this;
    const key = `request ${++this.number}`;
    const started = this.asked.filter(({ kind }) => kind === 'start');
    const known = this.known();
    const [first] = known;
    if (first === undefined || (started.length < this.instances && random.chance(0.3)))
      return this.keep(starting(key, 50 + random.below(50), random.pick([DAY / 2, 3 * DAY, 10 * DAY])));
    const id = random.pick(known);
    const kind = random.weighted([
      [20, 'send'],
      [3, 'read'],
      [2, 'force'],
      [1.5, 'pause'],
      [2.5, 'resume'],
      [1, 'retry'],
      [1, 'dead'],
      [0.5, 'compensate'],
    ] as const);
    return this.keep(await this.make(kind, key, id));
  }

  /** A new message, or one that was told before. */
  message(): Message | undefined {
    const { random } = this;
    const known = this.known();
    if (this.messages.length > 0 && random.chance(0.5)) return random.pick(this.messages);
    if (known.length === 0) return undefined;
    const message: Message = {
      id: `evt_${++this.number}`,
      instanceId: random.pick(known),
      type: random.pick(['deliver', 'picked'] as const),
    };
    this.messages.push(message);
    return message;
  }

  private async make(
    kind: 'send' | 'read' | 'force' | 'pause' | 'resume' | 'retry' | 'dead' | 'compensate',
    key: string,
    id: string,
  ): Promise<Request> {
    const { random } = this;
    const last = this.lastSeen(id);
    switch (kind) {
      case 'send': {
        const type = random.pick(EVENTS);
        const expected = random.chance(0.2) ? last.revision - (random.chance(0.3) ? 1 : 0) : undefined;
        return sending(key, id, type, type === 'note' ? { text: key } : {}, expected);
      }
      case 'read':
        return reading(key, id);
      case 'force':
        return forcingTo(key, id, {
          fromState: last.state,
          toState: random.pick(STATES),
          runEntryEffects: random.chance(0.7),
        });
      case 'pause':
        return pausing(key, id);
      case 'resume':
        return resuming(key, id);
      case 'retry':
        return retrying(key, id);
      case 'compensate':
        return compensating(key, id);
      case 'dead': {
        const { rows } = await this.watcher.query<{ id: number }>(
          `select id from engine.outbox where instance_id = $1 and status = 'dead' order by id limit 1`,
          [id],
        );
        return deadLetter(random.pick(['replay', 'discard'] as const), key, id, rows[0]?.id ?? 1);
      }
    }
  }

  private keep(request: Request): Request {
    this.asked.push(request);
    return request;
  }

  /** Ids of instances that clients have been told of. */
  private known(): string[] {
    return this.asked.flatMap(({ kind, tries }) => {
      const ack = kind === 'start' ? tries.find(({ answer }) => answer?.kind === 'ack')?.answer : undefined;
      return ack?.kind === 'ack' ? [ack.ack.instanceId] : [];
    });
  }

  private lastSeen(id: string): { revision: number; state: string } {
    const seen = this.asked.flatMap(({ tries }) =>
      tries.flatMap(({ answer }) => (answer?.kind === 'ack' && answer.ack.instanceId === id ? [answer.ack] : [])),
    );
    return seen.reduce((newest, ack) => (ack.revision >= newest.revision ? ack : newest), {
      revision: 0,
      state: 'PLACED',
    });
  }
}
