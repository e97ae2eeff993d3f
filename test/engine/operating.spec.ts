import { Checkpointing } from '../../src/engine/checkpointing.js';
import { Forcing } from '../../src/engine/forcing.js';
import { Proving } from '../../src/engine/proving.js';
import { Reading } from '../../src/engine/reading.js';
import { Simulation } from '../../src/engine/simulation.js';
import { OutboxWorker } from '../../src/engine/workers/outbox.worker.js';
import { BUYER, OPERATOR, testEngine, type TestEngine } from '../support/engine.js';
import type { Caller } from '../../src/auth/caller.js';
import { DAY, order } from '../support/toy.js';

let test: TestEngine;
beforeAll(async () => {
  test = await testEngine();
});
afterAll(() => test.stop());

const REASON = 'the shop asked for it by telephone';
const force = (id: string, fromState: string, toState: string, runEntryEffects = true) =>
  test.app.get(Forcing).force(OPERATOR, id, { fromState, toState, reason: REASON, runEntryEffects }, undefined);
const armed = async (id: string) =>
  (
    await test.rows<{ timer_id: string }>(
      `select timer_id from engine.timers where instance_id = $1 and fired_at is null order by 1`,
      [id],
    )
  ).map((row) => row.timer_id);
const counts = async (id: string) =>
  (
    await test.rows(
      `select i.revision, i.snapshot::text, (select count(*) from engine.history where instance_id = i.id) as history, (select count(*) from engine.outbox where instance_id = i.id) as outbox,
              (select count(*) from engine.timers where instance_id = i.id) as timers, (select count(*) from engine.audit where target = i.id) as audit from engine.instances i where id = $1`,
      [id],
    )
  )[0];

describe('force-transition (R000-22)', () => {
  it('ends the old timers, runs the entry of the new state, and records who and why in the same transaction', async () => {
    const { instanceId } = await test.start();
    const ack = await force(instanceId, 'PLACED', 'PAYING');
    expect(ack).toMatchObject({ state: 'PAYING', seq: 2 });
    expect(await armed(instanceId)).toEqual([]);
    expect(await test.rows(`select type from engine.outbox where instance_id = $1`, [instanceId])).toEqual([
      { type: 'shop.charge' },
    ]);
    const [row] = await test.rows(
      `select kind, type, actor, payload from engine.history where instance_id = $1 and seq = 2`,
      [instanceId],
    );
    expect(row).toMatchObject({
      kind: 'force',
      type: 'admin.force_transition',
      actor: 'op_1',
      payload: { from: 'PLACED', to: 'PAYING', reason: REASON },
    });
    expect(await test.rows(`select actor, action, reason from engine.audit where target = $1`, [instanceId])).toEqual([
      { actor: 'op_1', action: 'force-transition', reason: REASON },
    ]);
  });

  it('arms timers but does nothing in the world when told so', async () => {
    const { instanceId } = await test.start();
    await force(instanceId, 'PLACED', 'SHIPPED', false);
    expect(await armed(instanceId)).toEqual(['xstate.after.DELIVERY.order.SHIPPED']);
    expect(
      await test.rows(`select 1 from engine.outbox where instance_id = $1 and kind in ('job', 'command')`, [
        instanceId,
      ]),
    ).toEqual([]);
  });

  it('is refused from a state the instance is not in, to one that is not there, and at another revision', async () => {
    const { instanceId } = await test.start();
    const before = await counts(instanceId);
    await expect(force(instanceId, 'SHIPPED', 'PAYING')).rejects.toMatchObject({ code: 'WF002' });
    await expect(force(instanceId, 'PLACED', 'NOWHERE')).rejects.toMatchObject({ code: 'WF006' });
    const late = { fromState: 'PLACED', toState: 'PAYING', reason: REASON, runEntryEffects: true, expectedRevision: 9 };
    await expect(test.app.get(Forcing).force(OPERATOR, instanceId, late, undefined)).rejects.toMatchObject({
      code: 'REVISION_MISMATCH',
    });
    expect(await counts(instanceId)).toEqual(before);
  });

  it('shows without doing it what it would do', async () => {
    const { instanceId } = await test.start();
    const before = await counts(instanceId);
    const preview = await test.app
      .get(Forcing)
      .preview(OPERATOR, instanceId, { fromState: 'PLACED', toState: 'PAYING', reason: REASON, runEntryEffects: true });
    expect(preview).toMatchObject({
      dryRun: true,
      from: 'PLACED.waiting',
      to: 'PAYING',
      effects: [{ kind: 'job', type: 'shop.charge', params: { orderId: instanceId, amount: 50 } }],
      timersCancelled: ['xstate.after.REMINDER.order.PLACED.waiting', 'xstate.after.PAYMENT_DUE.order.PLACED'],
    });
    expect(await counts(instanceId)).toEqual(before);
  });

  it('opens an instance again that had ended', async () => {
    const { instanceId } = await test.start();
    await test.engine.send(BUYER, instanceId, { type: 'cancel' });
    expect(await force(instanceId, 'CANCELLED', 'PLACED')).toMatchObject({ state: 'PLACED', status: 'active' });
    expect(await armed(instanceId)).toHaveLength(2);
  });
});

describe('a pause', () => {
  it('refuses events until the instance is resumed, and is part of the history', async () => {
    const { instanceId } = await test.start();
    const forcing = test.app.get(Forcing);
    await forcing.pause(OPERATOR, instanceId, REASON);
    await expect(test.engine.send(BUYER, instanceId, { type: 'cancel' })).rejects.toMatchObject({
      code: 'INSTANCE_PAUSED',
    });
    await forcing.resume(OPERATOR, instanceId, REASON);
    await test.engine.send(BUYER, instanceId, { type: 'cancel' });
    const rows = await test.rows<{ kind: string }>(
      'select kind from engine.history where instance_id = $1 order by seq',
      [instanceId],
    );
    expect(rows.map(({ kind }) => kind)).toEqual(['start', 'pause', 'resume', 'event']);
    expect(await test.app.get(Proving).replay('acme', instanceId)).toMatchObject({ ok: true });
  });
});

describe('an effect that ends during a pause', () => {
  it('brings its answer in, and the instance stays paused until somebody resumes it', async () => {
    let begin: () => void = () => undefined;
    let release: () => void = () => undefined;
    const running = new Promise<void>((resolve) => (release = resolve));
    test.world.effects['shop.charge'] = async () => {
      begin();
      await running;
      return { kind: 'done', output: { paymentId: 'during the pause' } };
    };
    const { instanceId } = await test.start();
    await test.engine.send(BUYER, instanceId, { type: 'pay' });
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const ended = test.app.get(OutboxWorker).turn();
    await begun;
    const forcing = test.app.get(Forcing);
    await forcing.pause(OPERATOR, instanceId, REASON);
    release();
    await ended;
    delete test.world.effects['shop.charge'];
    expect(await test.app.get(Reading).read(OPERATOR, instanceId)).toMatchObject({
      status: 'paused',
      state: 'PACKING',
      context: { paymentId: 'during the pause' },
    });
    expect(await forcing.resume(OPERATOR, instanceId, REASON)).toMatchObject({ status: 'active', state: 'PACKING' });
  });
});

describe('a simulation', () => {
  it('plays events, answers and time against the real snapshot and writes nothing', async () => {
    const { instanceId } = await test.start();
    const before = await counts(instanceId);
    const outcome = await test.app
      .get(Simulation)
      .simulate(OPERATOR, instanceId, [
        { advance: '1d' },
        { type: 'pay' },
        { job: 'charge', output: { paymentId: 'p' } },
        { advance: '15d' },
      ]);
    expect(outcome.steps.map(({ event, to }) => [event, to])).toEqual([
      ['timer:xstate.after.REMINDER.order.PLACED.waiting', 'PLACED.waiting'],
      ['pay', 'PAYING'],
      ['xstate.done.actor.charge', expect.stringContaining('PACKING')],
      ['timer:xstate.after.DELIVERY.order.PACKING', 'CANCELLED'],
    ]);
    expect(outcome).toMatchObject({ state: 'CANCELLED', status: 'done', timers: [] });
    expect(outcome.steps[1]?.effects).toEqual([
      { kind: 'job', type: 'shop.charge', params: { orderId: instanceId, amount: 50 } },
    ]);
    expect(await counts(instanceId)).toEqual(before);
  });

  it('stops at an event that would be refused and explains it', async () => {
    const { instanceId } = await test.start();
    const outcome = await test.app
      .get(Simulation)
      .simulate(BUYER, instanceId, [{ type: 'resume' }, { type: 'cancel' }]);
    expect(outcome).toMatchObject({
      steps: [],
      state: 'PLACED',
      refused: { event: 'resume', verdict: 'EVENT_NOT_HANDLED_IN_STATE' },
    });
  });
});

describe('explain', () => {
  it('tells for each event whether this caller may send it now, and why not', async () => {
    const { instanceId } = await test.start();
    const explain = async (type: string) => (await test.app.get(Reading).explain(BUYER, instanceId, type))[0];
    expect(await explain('pay')).toMatchObject({ allowed: true, verdict: 'ALLOWED' });
    expect(await explain('resume')).toMatchObject({ allowed: false, verdict: 'EVENT_NOT_HANDLED_IN_STATE' });
    expect((await test.app.get(Reading).explain(OPERATOR, instanceId, 'pay'))[0]).toMatchObject({
      allowed: false,
      verdict: 'SENDER_REFUSED',
      senders: ['buyer'],
    });
    expect(await test.app.get(Reading).explain(BUYER, instanceId, undefined)).toHaveLength(7);
  });
});

describe('evidence', () => {
  const travelled = async () => {
    const { instanceId } = await test.start();
    await test.engine.send(BUYER, instanceId, { type: 'note', payload: { text: 'with "quotes" and ünïcode' } });
    await test.engine.send(BUYER, instanceId, { type: 'pay' });
    await test.work();
    return instanceId;
  };
  const tamper = async (sql: string, id: string) => {
    await test.owner.query('alter table engine.history disable trigger all');
    await test.owner.query(sql, [id]);
    await test.owner.query('alter table engine.history enable trigger all');
  };

  it('proves an untouched history, and that it leads to the stored snapshot', async () => {
    const id = await travelled();
    expect(await test.app.get(Proving).chain('acme', id)).toEqual({ instanceId: id, rows: 5, ok: true });
    expect(await test.app.get(Proving).replay('acme', id)).toEqual({ instanceId: id, rows: 5, ok: true });
  });

  it.each([
    [
      'a changed payload',
      `update engine.history set payload = '{"text":"other"}' where instance_id = $1 and seq = 2`,
      2,
    ],
    ['a changed actor', `update engine.history set actor = 'somebody' where instance_id = $1 and seq = 3`, 3],
    ['a removed row', `delete from engine.history where instance_id = $1 and seq = 2`, 2],
    ['a cut tail', `delete from engine.history where instance_id = $1 and seq = 5`, 5],
  ])('names the first bad row after %s', async (_, sql, badSeq) => {
    const id = await travelled();
    await tamper(sql, id);
    expect(await test.app.get(Proving).chain('acme', id)).toMatchObject({ ok: false, badSeq });
  });

  it('notices a snapshot that the history does not lead to', async () => {
    const id = await travelled();
    await test.owner.query(
      `update engine.instances set snapshot = replace(snapshot::text, '"amount":50', '"amount":5')::json where id = $1`,
      [id],
    );
    expect(await test.app.get(Proving).replay('acme', id)).toMatchObject({
      ok: false,
      reason: expect.stringContaining('amount'),
    });
  });

  it('cannot be rewritten by the service itself, nor by the owner of the tables while the triggers stand', async () => {
    const id = await travelled();
    for (const sql of [
      `update engine.history set actor = 'x' where instance_id = '${id}'`,
      'delete from engine.history',
      'truncate engine.history',
    ]) {
      await expect(test.owner.query(sql)).rejects.toThrow(/append-only/);
      await expect(
        test.owner.query(`begin; set local role statewright_app; set local engine.tenant = 'acme'; ${sql}; commit`),
      ).rejects.toThrow(/permission denied/);
      await test.owner.query('rollback');
    }
  });
});

describe('what throws in a decision', () => {
  it('changes nothing and is kept with the instance, with its stack (R000-8)', async () => {
    const { instanceId } = await test.start({ dueMs: 5 * DAY });
    await test.owner.query(
      `update engine.instances set snapshot = replace(snapshot::text, '"notes":[]', '"notes":null')::json where id = $1`,
      [instanceId],
    );
    const before = await counts(instanceId);
    await expect(test.engine.send(BUYER, instanceId, { type: 'note', payload: { text: 'a' } })).rejects.toThrow(
      /threw/,
    );
    expect(await counts(instanceId)).toEqual(before);
    const [failure] = await test.rows<{ error: { stack: string } }>(
      'select type, state, error from engine.failures where instance_id = $1',
      [instanceId],
    );
    expect(failure).toMatchObject({ type: 'note', state: 'PLACED' });
  });
});

describe('a snapshot that no longer fits its definition', () => {
  it('is quarantined at the first event: readable, not writable, never reset', async () => {
    const { instanceId } = await test.start();
    await test.owner.query(
      `update engine.instances set snapshot = replace(snapshot::text, '"PLACED"', '"LOST"')::json where id = $1`,
      [instanceId],
    );
    await expect(test.engine.send(BUYER, instanceId, { type: 'cancel' })).rejects.toThrow(/threw/);
    await expect(test.engine.send(BUYER, instanceId, { type: 'cancel' })).rejects.toMatchObject({
      code: 'INSTANCE_QUARANTINED',
    });
    expect(await test.app.get(Reading).read(BUYER, instanceId)).toMatchObject({
      status: 'quarantined',
      state: 'PLACED',
      revision: 1,
      allowedEvents: [],
    });
    expect(await test.app.get(Reading).history(BUYER, instanceId, 0, 10, null)).toHaveLength(1);
  });
});

describe('what parties see', () => {
  it('leaves out what the lifecycle calls confidential, and what providers answered', async () => {
    const confidential = await testEngine({ lifecycle: { ...order, confidential: ['paymentId'] } });
    const { instanceId } = await confidential.start();
    await confidential.engine.send(BUYER, instanceId, { type: 'pay' });
    await confidential.work();
    const reading = confidential.app.get(Reading);
    expect((await reading.read(BUYER, instanceId)).context).not.toHaveProperty('paymentId');
    expect((await reading.read(OPERATOR, instanceId)).context).toHaveProperty('paymentId', 'pay_1');
    const answers = async (caller: Caller) =>
      (await reading.history(caller, instanceId, 2, 1, null)).map(({ type, payload }) => ({ type, payload }));
    expect(await answers(BUYER)).toEqual([{ type: 'xstate.done.actor.charge', payload: {} }]);
    expect(await answers(OPERATOR)).toMatchObject([{ payload: { output: { paymentId: 'pay_1' } } }]);
    await confidential.stop();
  });
});

describe('checkpoints', () => {
  it('roll the heads of all histories into a chain of their own, which misses a history that was taken away', async () => {
    const lonely = await testEngine();
    await lonely.owner.query(`insert into auth.tenants (tenant, name) values ('acme', 'Acme')`);
    const checkpointing = lonely.app.get(Checkpointing);
    const { instanceId } = await lonely.start();
    expect(await checkpointing.take()).toBe(0); // Too young to be covered.
    await checkpointing.take(0);
    await lonely.engine.send(BUYER, instanceId, { type: 'cancel' });
    await lonely.start();
    await checkpointing.take(0);
    expect(await checkpointing.take(0)).toBe(0); // Nothing has happened since.
    expect((await checkpointing.list('acme', 0, 10)).map(({ number, instances }) => [number, instances])).toEqual([
      [1, 1],
      [2, 2],
    ]);
    expect(await checkpointing.verify('acme')).toEqual({ ok: true, checkpoints: 2 });
    await lonely.owner.query('alter table engine.history disable trigger all');
    await lonely.owner.query('delete from engine.history where instance_id = $1', [instanceId]);
    await lonely.owner.query('delete from engine.instances where id = $1', [instanceId]);
    expect(await checkpointing.verify('acme')).toMatchObject({ ok: false, badNumber: 1 });
    await lonely.stop();
  });
});
