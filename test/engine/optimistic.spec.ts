import { jest } from '@jest/globals';
import pg from 'pg';
import { GroupCommit } from '../../src/engine/optimistic/group.commit.js';
import { KnownInstances } from '../../src/engine/optimistic/known.js';
import { Proving } from '../../src/engine/proving.js';
import { Refused } from '../../src/platform/errors.js';
import { isOverload } from '../../src/platform/overload.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { BUYER, SELLER, testEngine, type TestEngine } from '../support/engine.js';
import { DAY } from '../support/toy.js';

let database: TestDatabase;
let here: TestEngine;
/** A second process on the same database: each remembers what it saw itself. */
let there: TestEngine;
beforeAll(async () => {
  database = await testDatabase();
  here = await testEngine({ url: database.url });
  there = await testEngine({ url: database.url });
});
afterAll(async () => {
  await here.stop();
  await there.stop();
  await database.drop();
});

const code = (work: Promise<unknown>) =>
  work.then(
    () => 'accepted',
    (error: unknown) => (error instanceof Refused ? error.code : String(error)),
  );
const note = (engine: TestEngine, id: string, text = 'a', options = {}) =>
  engine.engine.send(BUYER, id, { type: 'note', payload: { text } }, options);
const started = async (count: number) =>
  Promise.all(Array.from({ length: count }, async () => (await here.start()).instanceId));
/** An order that `here` has moved without a lock, and so remembers. */
async function remembered(): Promise<string> {
  const { instanceId } = await here.start();
  await note(here, instanceId);
  return instanceId;
}
const revisionOf = async (id: string) =>
  (await here.rows<{ revision: string }>('select revision::text from engine.instances where id = $1', [id]))[0]
    ?.revision;
const proved = async (id: string) => [
  (await here.app.get(Proving).chain('acme', id)).ok,
  (await here.app.get(Proving).replay('acme', id)).ok,
];
/** Another connection of the owner, in a transaction that goes on until it is ended. */
async function holding(sql: string, params: unknown[] = []): Promise<() => Promise<void>> {
  const client = new pg.Client(database.url);
  await client.connect();
  await client.query('begin');
  await client.query(sql, params);
  return async () => {
    await client.query('rollback');
    await client.end();
  };
}

describe('an event that needs nothing but its instance', () => {
  it('is decided without a lock, and what is written is the same: chain, replay, ack', async () => {
    const write = jest.spyOn(here.app.get(GroupCommit), 'write');
    const id = await remembered();
    expect(await note(here, id, 'with "quotes", \\ and ünïcode 🚚')).toMatchObject({ seq: 3, state: 'PLACED' });
    expect(write).toHaveBeenCalledTimes(2);
    write.mockRestore();
    expect(await proved(id)).toEqual([true, true]);
    const [row] = await here.rows(
      `select kind, type, payload::text, facts::text, actor, roles, cause, idempotency_key from engine.history where instance_id = $1 and seq = 3`,
      [id],
    );
    expect(row).toEqual({
      kind: 'event',
      type: 'note',
      payload: JSON.stringify({ text: 'with "quotes", \\ and ünïcode 🚚' }),
      facts: '{}',
      actor: 'buyer_1',
      roles: [],
      cause: 'request',
      idempotency_key: null,
    });
  });

  it('finds what has just started remembered, as a look would find it', async () => {
    const { instanceId } = await here.start();
    const remembered = here.app.get(KnownInstances).take('acme', instanceId);
    expect(remembered).toMatchObject({ revision: 1, state: 'PLACED' });
    expect(await here.app.get(GroupCommit).look('acme', instanceId)).toMatchObject({ ...remembered, id: instanceId });
    expect(await code(note(here, instanceId))).toBe('accepted');
    expect(await proved(instanceId)).toEqual([true, true]);
  });

  it('is decided on what another process has made of it since', async () => {
    const id = await remembered();
    await note(there, id, 'b');
    // Two notes are all there is room for; what `here` remembers would have had room for this one.
    expect(await code(note(here, id, 'c'))).toBe('WF002');
    expect(await revisionOf(id)).toBe('3');
    expect(await proved(id)).toEqual([true, true]);
  });

  it('is not taken by a state that it was remembered in and has left', async () => {
    const { instanceId } = await here.start();
    await note(here, instanceId);
    await there.engine.send(BUYER, instanceId, { type: 'pay' });
    await there.work();
    expect(await here.engine.send(SELLER, instanceId, { type: 'picked' })).toMatchObject({ state: 'SHIPPED' });
  });

  it('meets a pause that nobody told of', async () => {
    const id = await remembered();
    await here.owner.query(`update engine.instances set status = 'paused' where id = $1`, [id]);
    expect(await code(note(here, id))).toBe('INSTANCE_PAUSED');
    await here.owner.query(`update engine.instances set status = 'active' where id = $1`, [id]);
    expect(await code(note(here, id))).toBe('accepted');
  });

  it('stays hidden from strangers and other tenants while it is remembered', async () => {
    const id = await remembered();
    const event = { type: 'note', payload: { text: 'x' } };
    expect(await code(here.engine.send({ ...BUYER, userId: 'stranger' }, id, event))).toBe('WF001');
    expect(await code(here.engine.send({ ...BUYER, tenant: 'other' }, id, event))).toBe('WF001');
    expect(await code(here.engine.send({ ...BUYER, tenant: 'other', roles: ['admin'] }, id, event))).toBe('WF001');
    expect(await revisionOf(id)).toBe('2');
  });

  it('is held to the revision that the sender expects, whatever is remembered', async () => {
    const id = await remembered();
    await there.engine.send(BUYER, id, { type: 'note', payload: { text: 'b' } });
    expect(await code(note(here, id, 'c', { expectedRevision: 2 }))).toBe('REVISION_MISMATCH');
  });

  it('is answered once under its key by two processes at once', async () => {
    const ids = await started(5);
    for (const id of ids) await note(here, id);
    const acks = await Promise.all(
      ids.flatMap((id) =>
        [here, there, here, there].map((engine) => note(engine, id, 'b', { idempotencyKey: 'twin' })),
      ),
    );
    expect(new Set(acks.map(({ seq }) => seq))).toEqual(new Set([3]));
    for (const id of ids) expect(await revisionOf(id)).toBe('3');
    expect(await code(note(there, ids[0] ?? '', 'another', { idempotencyKey: 'twin' }))).toBe('IDEMPOTENCY_KEY_REUSED');
  });

  it('arms and cancels timers, and wants effects, as under a lock', async () => {
    const { instanceId } = await here.start();
    await here.engine.send(BUYER, instanceId, { type: 'pay' });
    await here.work();
    await here.engine.send(SELLER, instanceId, { type: 'hold' });
    const armed = () =>
      here.rows<{ timer_id: string; generation: number }>(
        'select timer_id, generation::int from engine.timers where instance_id = $1 and fired_at is null',
        [instanceId],
      );
    expect(await armed()).toEqual([]);
    const ack = await here.engine.send(SELLER, instanceId, { type: 'resume' });
    expect(await armed()).toEqual([{ timer_id: 'xstate.after.DELIVERY.order.PACKING', generation: ack.seq }]);
    expect(await here.engine.send(SELLER, instanceId, { type: 'picked' })).toMatchObject({ state: 'SHIPPED' });
    const [emitted] = await here.rows(
      `select status, params from engine.outbox where instance_id = $1 and kind = 'emit'`,
      [instanceId],
    );
    expect(emitted).toMatchObject({ status: 'done', params: { orderId: instanceId } });
    expect(await proved(instanceId)).toEqual([true, true]);
  });
});

describe('business time', () => {
  it('is that of the database, also when another process has moved it since this one heard of it', async () => {
    const id = await remembered();
    const [before] = await here.rows<{ now: Date }>('select engine.now() as now');
    await here.owner.query('update engine.clock set offset_ms = offset_ms + $1', [DAY / 2]);
    await note(here, id, 'b');
    const [row] = await here.rows<{ at: Date; now: Date }>(
      'select at, engine.now() as now from engine.history where instance_id = $1 and seq = 3',
      [id],
    );
    expect(row?.at.getTime()).toBeGreaterThanOrEqual((before?.now.getTime() ?? 0) + DAY / 2);
    expect(row?.at.getTime()).toBeLessThanOrEqual(row?.now.getTime() ?? 0);
  });

  it('never runs back for an instance, when the clock of the database does', async () => {
    const id = await remembered();
    await here.owner.query('update engine.clock set offset_ms = offset_ms - 3600000');
    await note(here, id, 'b');
    await here.owner.query('update engine.clock set offset_ms = offset_ms + 3600000');
    const rows = await here.rows<{ at: Date }>('select at from engine.history where instance_id = $1 order by seq', [
      id,
    ]);
    const times = rows.map(({ at }) => at.getTime());
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(await proved(id)).toEqual([true, true]);
  });
});

describe('events that are committed together', () => {
  const together = (ids: readonly string[]) => Promise.all(ids.map((id) => code(note(here, id, 'b'))));

  it('do not wait for one whose instance somebody holds', async () => {
    const ids = await started(6);
    for (const id of ids) await note(here, id);
    const [held = '', ...others] = ids;
    const release = await holding('select 1 from engine.instances where id = $1 for update', [held]);
    let waited = true;
    const waiting = code(note(here, held, 'b')).finally(() => (waited = false));
    expect(await together(others)).toEqual(others.map(() => 'accepted'));
    expect(waited).toBe(true);
    await release();
    expect(await waiting).toBe('accepted');
    expect(await revisionOf(held)).toBe('3');
  });

  it('do not fail with one that the database refuses', async () => {
    const ids = await started(6);
    for (const id of ids) await note(here, id);
    const [broken = '', ...others] = ids;
    await here.owner.query(
      `insert into engine.history select tenant, instance_id, 3, kind, type, payload, facts, from_state, to_state, phase, actor, roles, cause, correlation_id, null, at, hash, prev_hash
         from engine.history where instance_id = $1 and seq = 2`,
      [broken],
    );
    const [first, ...rest] = await together(ids);
    expect(first).toContain('duplicate key');
    expect(rest).toEqual(others.map(() => 'accepted'));
    expect(await revisionOf(broken)).toBe('2');
  });

  it('of one instance keep the order in which they were sent', async () => {
    const { instanceId } = await here.start();
    await here.engine.send(BUYER, instanceId, { type: 'pay' });
    await here.work();
    const steps = ['hold', 'resume', 'hold', 'resume', 'hold', 'resume'];
    const acks = await Promise.all(steps.map((type) => here.engine.send(SELLER, instanceId, { type })));
    expect(acks.map(({ seq }) => seq - (acks[0]?.seq ?? 0))).toEqual([0, 1, 2, 3, 4, 5]);
    expect(await proved(instanceId)).toEqual([true, true]);
  });

  it('have an unknown end when the connection breaks, and the same key tells it', async () => {
    const ids = await started(3);
    for (const id of ids) await note(here, id);
    const release = await holding('lock table engine.history in share row exclusive mode');
    const sent = ids.map((id) => note(here, id, 'b', { idempotencyKey: 'broken' }).catch((error: unknown) => error));
    const [victim] = await untilBlocked();
    await here.owner.query('select pg_terminate_backend($1)', [victim]);
    const ends = await Promise.all(sent);
    await release();
    expect(ends.map(isOverload)).toEqual([true, true, true]);
    const again = await Promise.all(ids.map((id) => note(here, id, 'b', { idempotencyKey: 'broken' })));
    expect(again.map(({ seq }) => seq)).toEqual([3, 3, 3]);
    for (const id of ids) expect(await revisionOf(id)).toBe('3');
  });
});

/** The backends that wait for the lock, as soon as there are any. */
async function untilBlocked(): Promise<number[]> {
  const until = Date.now() + 5_000;
  while (Date.now() < until) {
    const rows = await here.rows<{ pid: number }>(
      `select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%engine.advance%'`,
    );
    if (rows.length > 0) return rows.map(({ pid }) => pid);
  }
  throw new Error('nobody waits');
}
