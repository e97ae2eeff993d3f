import type { Json } from '../../src/engine/core/driver.js';
import { doneEvent, machineEvent } from '../../src/engine/core/event.js';
import { replay, type ReplayEntry } from '../../src/engine/core/replay.js';
import { xstateDriver } from '../../src/engine/core/xstate.driver.js';
import { ORDER } from '../support/steps.js';
import { order } from '../support/toy.js';

describe('replay', () => {
  const driver = xstateDriver(order);
  const entry = (seq: number, kind: string, type: string, payload: Json = {}, facts: Json = {}): ReplayEntry => ({
    ...{ seq, kind, type, payload, facts, at: seq * 1_000 },
    ...{ actor: 'usr_1', roles: ['buyer'] },
  });
  const history = [
    entry(1, 'start', 'start', ORDER),
    entry(2, 'timer', 'xstate.after.REMINDER.order.PLACED.waiting'),
    entry(3, 'event', 'pay', {}, { stock: 1, open: [], blocked: false }),
    entry(4, 'pause', 'admin.pause', { reason: 'audit' }),
    entry(5, 'resume', 'admin.resume', { reason: 'audited' }),
    entry(6, 'effect-result', doneEvent('charge'), { output: { paymentId: 'pay_1' } }),
    entry(7, 'force', 'admin.force_transition', { to: 'SHIPPED', runEntryEffects: true }),
    entry(8, 'event', 'note', { text: 'left with the neighbour' }),
  ];
  const live = async (): Promise<Json> => {
    let { snapshot } = await driver.start(ORDER);
    for (const row of history.slice(1)) {
      if (row.kind === 'force')
        snapshot = (await driver.force(snapshot, 'SHIPPED', machineEvent(row), { suppressEffects: false })).snapshot;
      else if (row.kind !== 'pause' && row.kind !== 'resume')
        snapshot = (await driver.step(snapshot, machineEvent(row))).snapshot;
    }
    return JSON.parse(JSON.stringify(snapshot)) as Json;
  };

  it('leads to the stored snapshot', async () => {
    expect(await replay(driver, history, await live())).toMatchObject({ ok: true, snapshot: { value: 'SHIPPED' } });
  });

  it('names the place where a stored snapshot was changed', async () => {
    const stored = (await live()) as { context: Record<string, Json> };
    const changed = { ...stored, context: { ...stored.context, amount: 5_000 } };
    expect(await replay(driver, history, changed)).toMatchObject({
      ok: false,
      reason: 'the history leads to another snapshot.context.amount',
    });
  });

  it('names the row that cannot be decided again', async () => {
    const unexplained = history.map((row) => (row.seq === 3 ? { ...row, facts: {} } : row));
    expect(await replay(driver, unexplained, await live())).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/^row 3 \(pay\): it would be refused/),
    });
  });

  it('starts from the last migration', async () => {
    const stored = await live();
    const migrated = [entry(9, 'migrate', 'admin.migrate', { snapshot: stored }), entry(10, 'pause', 'admin.pause')];
    expect(await replay(driver, [...history.slice(0, 2), ...migrated], stored)).toMatchObject({ ok: true });
  });

  it('lets no field of the payload pass for what the engine stamps', () => {
    const forged = entry(1, 'event', 'pay', { type: 'deliver', facts: { stock: 9 }, at: 9, caller: { id: 'root' } });
    expect(machineEvent(forged)).toEqual({
      type: 'pay',
      facts: {},
      at: 1_000,
      caller: { id: 'usr_1', roles: ['buyer'] },
    });
  });
});
