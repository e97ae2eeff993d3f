/**
 * DBOS, without HTTP in front of it, in the two ways that a lifecycle can be written with it:
 * one workflow for each order that receives messages and publishes its status, or one workflow for each event on a status column.
 * An event has arrived when its new status is durable; who waits for it is told within the process, which costs DBOS nothing.
 */
import { randomUUID } from 'node:crypto';
import { DBOS } from '@dbos-inc/dbos-sdk';
import pg from 'pg';
import { hammer } from '../hammer.mjs';
import { NOTE, orderOf, STATES } from '../product/order.mjs';
import { answer } from '../rpc.mjs';

const url = process.env.PEER_URL;
const RECEIVE_SECONDS = 600;
/** Orders that wait for messages; more would only make its polling dearer. */
const WAITING_ORDERS = 64;

const next = (state) => STATES[(STATES.indexOf(state) + 1) % STATES.length];
/** Who waits until an event has arrived, by its number. */
const waiting = new Map();
let rows = 0;
let events = 0;
let pool;

/** One for each order, for as long as the order lives. */
const order = DBOS.registerWorkflow(
  async (start) => {
    let status = start;
    for (;;) {
      const event = await DBOS.recv('events', RECEIVE_SECONDS);
      if (event === null) continue;
      status = next(status);
      await DBOS.setEvent('status', { status, note: event.note });
      waiting.get(event.number)?.();
    }
  },
  { name: 'order' },
);

/** One for each event: the order moves on, and what happened is written down, in one statement. */
const advance = DBOS.registerWorkflow(
  async (id, note) =>
    DBOS.runStep(
      async () => {
        const { rows: found } = await pool.query({
          name: 'read',
          text: 'select status from orders where id = $1',
          values: [id],
        });
        const from = found[0].status;
        await pool.query({
          name: 'write',
          text: `with moved as (update orders set status = $2, note = $3, advances = advances + 1, updated_at = now() where id = $1 returning id)
                 insert into order_history (order_id, from_status, to_status, note) select id, $4, $2, $3 from moved`,
          values: [id, next(from), note, from],
        });
        return next(from);
      },
      { name: 'advance' },
    ),
  { name: 'advance' },
);

const nothing = async () => ({ ok: true });
const pipeline = DBOS.registerWorkflow(
  async () => {
    await DBOS.runStep(nothing, { name: 'validate' });
    await DBOS.runStep(nothing, { name: 'store' });
    await DBOS.runStep(nothing, { name: 'count' });
  },
  { name: 'pipeline' },
);

answer({
  open: async (count) => {
    pool = new pg.Pool({ connectionString: url, max: 10 });
    await pool.query(`
      create table orders (id int primary key, status text not null, data jsonb not null, note text not null, advances int not null,
        updated_at timestamptz not null);
      create table order_history (id bigint generated always as identity primary key, order_id int not null, from_status text not null,
        to_status text not null, note text not null, at timestamptz not null default now());`);
    await pool.query(
      `insert into orders select n, 'PLACED', $1::jsonb, '', 0, now() from generate_series(1, $2::int) n`,
      [JSON.stringify(orderOf('order_1')), count],
    );
    rows = count;
    DBOS.setConfig({ name: 'bench', systemDatabaseUrl: process.env.PEER_SYSTEM_URL, logLevel: 'error' });
    await DBOS.launch();
    for (let n = 0; n < WAITING_ORDERS; n++) await DBOS.startWorkflow(order, { workflowID: `order-${n}` })('PLACED');
  },

  messages: (load) => {
    const free = Array.from({ length: WAITING_ORDERS }, (_, n) => `order-${n}`);
    return hammer(load, async () => {
      const id = free.shift();
      const number = ++events;
      const arrived = new Promise((resolve) => waiting.set(number, resolve));
      await DBOS.send(id, { number, note: NOTE }, 'events');
      await arrived;
      waiting.delete(number);
      free.push(id);
    });
  },

  workflows: (load) =>
    hammer(load, async () => {
      const handle = await DBOS.startWorkflow(advance, { workflowID: randomUUID() })(
        1 + Math.floor(Math.random() * rows),
        NOTE,
      );
      return handle.getResult();
    }),

  pipelines: async (count, concurrency) => {
    const began = performance.now();
    let begun = 0;
    const lane = async () => {
      while (begun < count) {
        begun++;
        await (await DBOS.startWorkflow(pipeline, { workflowID: randomUUID() })()).getResult();
      }
    };
    await Promise.all(Array.from({ length: concurrency }, lane));
    return { seconds: (performance.now() - began) / 1000 };
  },
});
