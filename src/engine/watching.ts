import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Observable } from 'rxjs';
import type { Caller } from '../auth/caller.js';
import { Config } from '../platform/config.js';
import { Turnstile } from '../platform/turnstile.js';
import { Wakeup } from '../platform/wakeup.js';
import { Reading, type InstanceView } from './reading.js';
import type { HistoryRow } from './store/history.js';

/** How often a watcher looks by itself: seldom while news arrives, in case some was lost, and often while it does not. */
const LOOK_EVERY_MS = { connected: 15_000, alone: 1_000 };
/** Keeps proxies from closing a quiet stream. */
const HEARTBEAT_MS = 15_000;
const PAGE = 200;

/** A message of an event stream. */
export interface StreamMessage {
  id?: string;
  type: string;
  data: object;
}

/** Lets clients wait for a state and follow an instance as it moves. */
@Injectable()
export class Watching implements OnModuleDestroy {
  /** However many watch, half of the connections are left to those who work. */
  private readonly looks: Turnstile;
  /** Wakes each of them. The edge bounds how many there are. */
  private readonly watchers = new Set<() => void>();
  private stopped = false;

  constructor(
    private readonly reading: Reading,
    private readonly wakeup: Wakeup,
    { databasePoolSize }: Config,
  ) {
    this.looks = new Turnstile(Math.ceil(databasePoolSize / 2));
  }

  /** Ends every wait and every stream, so that the process can stop; clients go on with another where they were. */
  onModuleDestroy(): void {
    this.stopped = true;
    for (const wake of this.watchers) wake();
  }

  /** Waits until the instance is in a state, path or tag, or has ended, or the time is over; `reached` tells which. */
  async wait(
    caller: Caller,
    id: string,
    goal: string,
    timeoutMs: number,
  ): Promise<InstanceView & { reached: boolean }> {
    const until = performance.now() + timeoutMs;
    const news = this.listen(id);
    try {
      for (;;) {
        const view = await this.looks.pass(() => this.reading.read(caller, id));
        const reached = view.state === goal || `${view.state}.${view.phase}` === goal || view.tags.includes(goal);
        const left = until - performance.now();
        const isOver = view.status === 'done' || view.status === 'failed';
        if (reached || isOver || left <= 0 || this.stopped) return { ...view, reached };
        await news.next(Math.min(left, this.patience));
      }
    } finally {
      news.stop();
    }
  }

  /** Every history row behind `after`, and then each new one as it is committed; ends with the instance. */
  stream(caller: Caller, id: string, after: number): Observable<StreamMessage> {
    return new Observable((subscriber) => {
      let seq = after;
      const news = this.listen(id);
      const follow = async () => {
        while (!subscriber.closed) {
          if (this.stopped) return subscriber.complete();
          const [{ status, revision }, rows] = await this.looks.pass(async () => [
            await this.reading.read(caller, id),
            await this.reading.history(caller, id, seq, PAGE, null),
          ]);
          for (const row of rows) subscriber.next(message(row));
          seq = rows.at(-1)?.seq ?? seq;
          if ((status === 'done' || status === 'failed') && seq >= revision) return subscriber.complete();
          if (rows.length < PAGE) await news.next(this.patience);
        }
      };
      const beat = setInterval(() => subscriber.next({ type: 'heartbeat', data: { seq } }), HEARTBEAT_MS);
      follow().catch((error: unknown) => subscriber.error(error));
      return () => {
        clearInterval(beat);
        news.stop();
      };
    });
  }

  private get patience(): number {
    return this.wakeup.isConnected ? LOOK_EVERY_MS.connected : LOOK_EVERY_MS.alone;
  }

  /** Listens from now on, so that nothing committed between looking and waiting is missed. */
  private listen(id: string): {
    /** Waits for news since it was last asked, or `ms`. */ next(ms: number): Promise<void>;
    stop(): void;
  } {
    let moved = false;
    let wake: () => void = () => undefined;
    const nudge = (): void => {
      moved = true;
      wake();
    };
    const off = this.wakeup.on('history', (which) => {
      if (which === undefined || which === id) nudge();
    });
    this.watchers.add(nudge);
    return {
      stop: () => {
        off();
        this.watchers.delete(nudge);
        nudge();
      },
      next: async (ms) => {
        let timer: NodeJS.Timeout | undefined;
        const woken = new Promise<void>((resolve) => (timer = setTimeout((wake = resolve), ms)));
        if (!moved) await woken;
        clearTimeout(timer);
        moved = false;
      },
    };
  }
}

const message = (row: HistoryRow): StreamMessage => ({
  id: String(row.seq),
  type: 'transition',
  data: {
    seq: row.seq,
    kind: row.kind,
    type: row.type,
    fromState: row.from_state,
    toState: row.to_state,
    phase: row.phase,
    actor: row.actor,
    at: row.at.toISOString(),
  },
});
