import pg from 'pg';
import { setTimeout as pause } from 'node:timers/promises';
import { ask, Fleet, type Member } from '../support/fleet.js';

const THOUSAND = 1_000;
const BATCH = 100;
const LIMIT_MS = 120_000;
const LOOK_EVERY_MS = 50;

let fleet: Fleet;
let api: Member;
let worker: Member;
beforeAll(async () => {
  fleet = await Fleet.start();
  // Here a machine may be as slow as it likes: that a run has 30 seconds is told elsewhere.
  await fleet.rows(
    `create function public.later() returns trigger language plpgsql as $$ begin new.due_at := new.due_at + interval '1 day'; return new; end $$`,
  );
  await fleet.rows(`create trigger later before insert on engine.timers for each row execute function public.later()`);
  api = await (await fleet.member('api')).start();
  worker = await (await fleet.member('worker')).start();
}, 150_000);
afterAll(() => fleet.stop(), 60_000);

async function post<Body>(path: string, body: object): Promise<Body> {
  const answer = await ask(api.url, 'POST', path, { key: fleet.keys['service'], body });
  expect(answer.status).toBe(200);
  return answer.body as Body;
}
const send = async (payload: object): Promise<string> =>
  (await post<{ data: { event_id: string } }>('/api/events', { payload })).data.event_id;

/** Waits until a question has this answer. */
async function until(sql: string, expected: unknown, ...values: unknown[]): Promise<void> {
  let found: unknown;
  for (let waited = 0; waited < LIMIT_MS; waited += LOOK_EVERY_MS) {
    [found] = await fleet.rows(sql, ...values);
    if (JSON.stringify(found) === JSON.stringify(expected)) return;
    await pause(LOOK_EVERY_MS);
  }
  throw new Error(`${sql}: ${JSON.stringify(found)}`);
}
const STATE = `select i.state from events.runs r join engine.instances i on i.tenant = r.tenant and i.id = r.instance_id where r.event_id = $1`;
const COUNTERS = `select coalesce(sum(value) filter (where key = 'metrics:events:total'), 0)::int as total,
    coalesce(sum(value) filter (where key = 'metrics:events:pending'), 0)::int as pending,
    coalesce(sum(value) filter (where key = 'metrics:events:delivered'), 0)::int as delivered from events.metric_counters`;

interface Counts {
  total: number;
  pending: number;
  delivered: number;
}
const more = (before: Counts | undefined, count: number): Counts => ({
  total: (before?.total ?? 0) + count,
  pending: 0,
  delivered: (before?.delivered ?? 0) + count,
});

describe('an event whose worker is killed between two steps', () => {
  it('goes on where it was once there is a worker again, and everything is done once (R003-1, R003-4, R003-51)', async () => {
    // The step that counts waits for this lock, so that the worker dies in the middle of it, whatever the machine's speed.
    const holder = new pg.Client(fleet.database.url);
    await holder.connect();
    await holder.query('begin; lock table events.metric_counters in exclusive mode');
    const id = await send({ n: 1 });
    await until(STATE, { state: 'counting' }, id);
    await until(`select count(*)::int as n from engine.outbox where type = 'events.count' and status = 'claimed'`, {
      n: 1,
    });
    await worker.end('SIGKILL');
    await holder.query('rollback');
    await holder.end();
    await worker.start();
    await until(STATE, { state: 'delivered' }, id);
    const history = await fleet.rows<{ type: string }>(
      `select h.type from events.runs r join engine.history h on h.tenant = r.tenant and h.instance_id = r.instance_id where r.event_id = $1 order by h.seq`,
      id,
    );
    expect(history.map(({ type }) => type)).toEqual([
      'start',
      'xstate.done.actor.validate-event',
      'xstate.done.actor.store-event',
      'xstate.done.actor.update-metrics',
      'xstate.done.actor.mark-delivered',
    ]);
    const tries = await fleet.rows(
      `select o.type, o.attempts from events.runs r join engine.outbox o on o.tenant = r.tenant and o.instance_id = r.instance_id where r.event_id = $1 order by o.id`,
      id,
    );
    expect(tries).toEqual([
      { type: 'events.validate', attempts: 1 },
      { type: 'events.store', attempts: 1 },
      { type: 'events.count', attempts: 2 },
      { type: 'events.deliver', attempts: 1 },
    ]);
    expect(await fleet.rows(COUNTERS)).toEqual([{ total: 1, pending: 0, delivered: 1 }]);
  }, 150_000);
});

describe('looked at from outside', () => {
  const get = async <Body>(path: string, role = 'admin'): Promise<Body> =>
    (await ask(api.url, 'GET', path, { key: fleet.keys[role] })).body as Body;

  it('an event goes its way, an invalid one does not, and one that the database refuses is tried again (R003-52)', async () => {
    const before = await get<{ total_events: number; dlq_count: number }>('/api/events/metrics');
    const good = await send({ manual: 1 });
    await until(STATE, { state: 'delivered' }, good);
    const row = await get<{ status: string; instance_id: string }>(`/api/inbox/${good}`);
    expect(row).toMatchObject({ status: 'delivered', payload: { manual: 1 } });
    const { data: steps } = await get<{ data: { type: string }[] }>(`/api/instances/${row.instance_id}/history`);
    expect(steps.map(({ type }) => type.split('.').at(-1))).toEqual([
      'start',
      'validate-event',
      'store-event',
      'update-metrics',
      'mark-delivered',
    ]);
    const { data } = await post<{ data: { events: { event_id: string }[] } }>('/api/events/batch', {
      events: [{ payload: 'none' }],
    });
    const bad = String(data.events[0]?.event_id);
    await until(STATE, { state: 'failed' }, bad);
    const letters = await get<{ data: object[] }>(`/admin/dlq?event_id=${bad}`);
    expect(letters.data).toMatchObject([
      { reason: 'validation', error: { message: 'Invalid payload: must be an object' } },
    ]);

    // The first time that it is to be counted, the database refuses; what is taken of a sequence is not given back.
    await fleet.rows('create sequence public.tries; grant usage on sequence public.tries to public');
    await fleet.rows(
      `create function public.refuse() returns trigger language plpgsql as $$ begin if nextval('public.tries') = 1 then raise exception 'the disk is full'; end if; return new; end $$`,
    );
    await fleet.rows(
      `create trigger refuse before update on events.events for each row when (old.counted_at is null and new.counted_at is not null) execute function public.refuse()`,
    );
    const again = await send({ manual: 2 });
    await until(STATE, { state: 'delivered' }, again);
    await fleet.rows('drop trigger refuse on events.events');
    const tries = await fleet.rows(
      `select o.attempts from events.runs r join engine.outbox o on o.tenant = r.tenant and o.instance_id = r.instance_id where r.event_id = $1 and o.type = 'events.count'`,
      again,
    );
    expect(tries).toEqual([{ attempts: 2 }]);
    const after = await get<{ total_events: number; dlq_count: number }>('/api/events/metrics');
    expect([after.total_events - before.total_events, after.dlq_count - before.dlq_count]).toEqual([3, 1]);
    await fleet.rows('update events.dead_letters set closed_at = now()');
  }, 150_000);
});

describe('a thousand events', () => {
  it('that are sent in batches all arrive, and the counters are exact, although a worker is killed meanwhile (R003-19, R003-36, R003-51)', async () => {
    const [before] = await fleet.rows<Counts>(COUNTERS);
    const batches = Array.from({ length: THOUSAND / BATCH }, (_, batch) =>
      post<{ data: { successful: number } }>('/api/events/batch', {
        events: Array.from({ length: BATCH }, (_, n) => ({ payload: { batch, n } })),
      }),
    );
    expect((await Promise.all(batches)).map(({ data }) => data.successful)).toEqual(batches.map(() => BATCH));
    await worker.end('SIGKILL');
    await worker.start();
    await until(COUNTERS, more(before, THOUSAND));
    const [rows] = await fleet.rows(
      `select count(*)::int as rows, count(distinct payload::text)::int as kinds from events.events where status = 'delivered' and payload ->> 'batch' is not null`,
    );
    expect(rows).toEqual({ rows: THOUSAND, kinds: THOUSAND });
    expect(await fleet.rows(`select id from events.dead_letters where closed_at is null`)).toEqual([]);
  }, 200_000);

  it('a hundred of which are sent at once arrive as well (R003-36, R003-51)', async () => {
    const [before] = await fleet.rows<Counts>(COUNTERS);
    const ids = await Promise.all(Array.from({ length: 100 }, (_, n) => send({ alone: n })));
    expect(new Set(ids).size).toBe(100);
    await until(COUNTERS, more(before, 100));
  }, 150_000);
});
