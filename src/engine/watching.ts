import { Injectable } from '@nestjs/common';
import { Observable } from 'rxjs';
import type { Caller } from '../auth/caller.js';
import { Wakeup } from '../platform/wakeup.js';
import { Reading, type InstanceView } from './reading.js';
import type { HistoryRow } from './store/history.js';

/** How often a watcher looks by itself, in case a notice was lost. */
const LOOK_EVERY_MS = 1_000;
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
export class Watching {
  constructor(
    private readonly reading: Reading,
    private readonly wakeup: Wakeup,
  ) {}

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
        const view = await this.reading.read(caller, id);
        const reached = view.state === goal || `${view.state}.${view.phase}` === goal || view.tags.includes(goal);
        const left = until - performance.now();
        if (reached || view.status === 'done' || view.status === 'failed' || left <= 0) return { ...view, reached };
        await news.next(Math.min(left, LOOK_EVERY_MS));
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
          const { status, revision } = await this.reading.read(caller, id);
          const rows = await this.reading.history(caller, id, seq, PAGE, null);
          for (const row of rows) subscriber.next(message(row));
          seq = rows.at(-1)?.seq ?? seq;
          if ((status === 'done' || status === 'failed') && seq >= revision) return subscriber.complete();
          if (rows.length < PAGE) await news.next(LOOK_EVERY_MS);
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

  /** Listens from now on, so that nothing committed between looking and waiting is missed. */
  private listen(id: string): {
    /** Waits for news since it was last asked, or `ms`. */ next(ms: number): Promise<void>;
    stop(): void;
  } {
    let moved = false;
    let wake: () => void = () => undefined;
    const stop = this.wakeup.on('history', (which) => {
      if (which !== undefined && which !== id) return;
      moved = true;
      wake();
    });
    return {
      stop,
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
