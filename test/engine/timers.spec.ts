import { TimerWorker } from '../../src/engine/workers/timer.worker.js';
import { BUYER, testEngine, type TestEngine } from '../support/engine.js';
import { DAY } from '../support/toy.js';

let test: TestEngine;
beforeEach(async () => {
  test = await testEngine();
});
afterEach(() => test.stop());

const fired = (id: string) =>
  test.rows<{ type: string; kind: string }>(
    `select kind, type from engine.history where instance_id = $1 and kind = 'timer' order by seq`,
    [id],
  );
const armed = (id: string) =>
  test.rows<{ timer_id: string }>(
    `select timer_id from engine.timers where instance_id = $1 and fired_at is null order by timer_id`,
    [id],
  );

describe('timers', () => {
  it('never fire early and fire once when due (X-7)', async () => {
    const { instanceId } = await test.start();
    await test.advance(DAY - 60_000);
    expect(await fired(instanceId)).toEqual([]);
    await test.advance(60_000);
    await test.advance(1_000);
    expect(await fired(instanceId)).toEqual([{ kind: 'timer', type: 'xstate.after.REMINDER.order.PLACED.waiting' }]);
  });

  it('are armed anew by a re-entry, each time with a generation of its own', async () => {
    const { instanceId } = await test.start();
    await test.advance(DAY);
    await test.advance(DAY);
    expect(await fired(instanceId)).toHaveLength(2);
    const rows = await test.rows<{ generation: number }>(
      `select generation from engine.timers where instance_id = $1 and timer_id like '%REMINDER%' order by generation`,
      [instanceId],
    );
    expect(rows.map(({ generation }) => Number(generation))).toEqual([1, 2, 3]);
  });

  it('are cancelled in the transaction that leaves their state', async () => {
    const { instanceId } = await test.start();
    expect(await armed(instanceId)).toHaveLength(2);
    await test.engine.send(BUYER, instanceId, { type: 'pay' });
    expect(await armed(instanceId)).toEqual([]);
  });

  it('that fell due during a downtime all fire, in due order, each once', async () => {
    const { instanceId } = await test.start({ dueMs: 1.5 * DAY });
    await test.advance(30 * DAY);
    expect((await fired(instanceId)).map(({ type }) => type)).toEqual([
      'xstate.after.REMINDER.order.PLACED.waiting',
      'xstate.after.PAYMENT_DUE.order.PLACED',
    ]);
    expect(await armed(instanceId)).toEqual([]);
  });

  it('fire once under two workers at the same time', async () => {
    const ids = await Promise.all(Array.from({ length: 10 }, async () => (await test.start()).instanceId));
    await test.owner.query('update engine.clock set offset_ms = offset_ms + $1', [DAY]);
    const worker = test.app.get(TimerWorker);
    await Promise.all([worker.turn(), worker.turn(), worker.turn()]);
    for (const id of ids) expect(await fired(id)).toHaveLength(1);
  });

  it('may wait for years without firing early (24 months)', async () => {
    const { instanceId } = await test.start({ dueMs: 730 * DAY });
    await test.engine.send(BUYER, instanceId, { type: 'note', payload: { text: 'long' } });
    const [row] = await test.rows<{ days: number }>(
      `select round(extract(epoch from due_at - created_at) / 86400)::int as days from engine.timers t join engine.instances i on i.id = t.instance_id
        where i.id = $1 and timer_id like '%PAYMENT_DUE%'`,
      [instanceId],
    );
    expect(row?.days).toBe(730);
  });

  it('do not fire while the instance is paused, and follow after it is resumed', async () => {
    const { instanceId } = await test.start();
    await test.owner.query(`update engine.instances set status = 'paused' where id = $1`, [instanceId]);
    await test.advance(2 * DAY);
    expect(await fired(instanceId)).toEqual([]);
    await test.owner.query(`update engine.instances set status = 'active' where id = $1`, [instanceId]);
    await test.advance(0);
    expect(await fired(instanceId)).toHaveLength(1);
  });
});
