/** The product as a process of its own: what `npm start` runs, with the lifecycles of the benchmark hosted. Driven by rpc.mjs. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { createApp } from '../../../dist/src/app.js';
import { ROLES } from '../../../dist/src/auth/caller.js';
import { EngineService } from '../../../dist/src/engine/engine.service.js';
import { Accepting } from '../../../dist/src/events/intake/accepting.js';
import { readConfig } from '../../../dist/src/platform/config.js';
import { setUpHeap } from '../../../dist/src/platform/heap.js';
import { Wakeup } from '../../../dist/src/platform/wakeup.js';
import { hammer } from '../hammer.mjs';
import { answer, peakMemory } from '../rpc.mjs';
import { hostDeadline, hostOrder } from './hosts.mjs';
import { NOTE } from './order.mjs';
import { watchClaims } from './statements.mjs';

const CALLER = { tenant: 'demo', userId: 'admin_1', roles: ['admin'], correlationId: 'bench' };

const claims = watchClaims();
/** When the handler of an effect started, by the effect's key; only while somebody wants to know. */
let starts = new Map();
let isListening = false;
let told = 0;
let steps = 0;
/** Who waits for the end of an event, and for how many more steps, by its instance. */
const ending = new Map();
/** Steps behind the start, each the answer of an effect: validated, stored, counted, delivered. */
const PIPELINE_STEPS = 4;

// As boot does it.
setUpHeap();
const app = await createApp(readConfig(process.env, ROLES));
const engine = app.get(EngineService);
engine.host(
  hostOrder((key) => {
    told++;
    if (isListening) starts.set(key, now());
  }),
);
engine.host(hostDeadline());
// News of a step is told once it is durable.
app.get(Wakeup).on('history', (id) => {
  steps++;
  const waiting = ending.get(id);
  if (waiting && --waiting.steps === 0) waiting.done();
});

/** Milliseconds on a clock that all processes of the machine share. */
const now = () => Number(process.hrtime.bigint()) / 1e6;
const anyOf = (ids) => ids[Math.floor(Math.random() * ids.length)];

let keys = 0;
const send = (id) =>
  engine.send(
    CALLER,
    id,
    { type: 'advance', payload: { note: NOTE } },
    { idempotencyKey: `bench-${process.pid}-${++keys}` },
  );

async function begin(lifecycle, input) {
  const opening = { parties: { buyer: 'buyer_0' }, keys: { order: 'order_0' }, input };
  return (await engine.start(CALLER, lifecycle, { request: input }, async () => opening)).instanceId;
}

answer({
  /** Takes requests from now on; answers where. */
  listen: async () => {
    await app.listen(0, '127.0.0.1');
    return `http://127.0.0.1:${app.getHttpServer().address().port}`;
  },

  /** Works, and takes no requests. */
  work: async () => void (await app.init()),

  /** Starts one instance through the door; answers its id. */
  begin,

  /** Sends one event; answers the key of the effect that it wants done. */
  sendOne: async (id) => {
    const { seq } = await send(id);
    return `${CALLER.tenant}:${id}:${seq}:0`;
  },

  /** Sends events from within the process. @param {string[]} ids @param {{ concurrency: number, seconds: number }} load */
  send: (ids, load) => hammer(load, () => send(anyOf(ids))),

  /** Sends events one by one to a system that is idle; answers when each was acknowledged, by the key of its effect. */
  trickle: async (ids, count, pauseMs) => {
    const acknowledged = [];
    for (let n = 0; n < count; n++) {
      const { instanceId, seq } = await send(anyOf(ids));
      acknowledged.push([`${CALLER.tenant}:${instanceId}:${seq}:0`, now(), Date.now()]);
      await pause(pauseMs * (0.5 + Math.random()));
    }
    return acknowledged;
  },

  /** From now on it is remembered when handlers start. */
  remember: () => {
    isListening = true;
    starts = new Map();
  },
  /** When handlers have started, by key. */
  started: () => [...starts],
  /** How many handlers have started. */
  told: () => told,
  /** How many steps were taken here, or heard of. */
  steps: () => steps,
  claims: () => claims.take(),

  /** Runs so many events through the pipeline, each from its acceptance to its delivery, so many at once. */
  pipelines: async (count, concurrency) => {
    const payload = { page: '/offers/77', referrer: 'https://example.org/', seconds: 12 };
    const accepting = app.get(Accepting);
    let begun = 0;
    const lane = async () => {
      while (begun++ < count) {
        const arrival = {
          ...{ event_id: randomUUID(), payload, metadata: null, timestamp: new Date().toISOString() },
          ...{ correlation_id: 'bench', debug: null, sender: { id: CALLER.userId, roles: CALLER.roles } },
        };
        const { instanceId } = await accepting.take(CALLER.tenant, arrival);
        await new Promise((done) => ending.set(instanceId, { steps: PIPELINE_STEPS, done }));
        ending.delete(instanceId);
      }
    };
    await Promise.all(Array.from({ length: concurrency }, lane));
  },

  peakMemory,
});
