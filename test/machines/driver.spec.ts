import { jest } from '@jest/globals';
import { initialTransition, transition, type AnyStateMachine } from 'xstate';
import { xstateDriver } from '../../src/engine/core/xstate.driver.js';
import { after, charged, event, ORDER, pay, stored } from '../support/steps.js';
import { DAY, order } from '../support/toy.js';

describe('a step', () => {
  const driver = xstateDriver(order);

  it('starts with its timers armed', async () => {
    expect(await driver.start(ORDER)).toMatchObject({
      state: 'PLACED',
      phase: 'waiting',
      status: 'active',
      tags: ['open'],
      effects: [
        { kind: 'timer', id: 'xstate.after.PAYMENT_DUE.order.PLACED', delayMs: DAY },
        { kind: 'timer', id: 'xstate.after.REMINDER.order.PLACED.waiting', delayMs: DAY },
      ],
    });
  });

  it('answers with the work to do, its input, and what would undo it', async () => {
    const { effects } = await after(driver, pay);
    expect(effects).toEqual([
      { kind: 'cancelTimer', id: 'xstate.after.REMINDER.order.PLACED.waiting' },
      { kind: 'cancelTimer', id: 'xstate.after.PAYMENT_DUE.order.PLACED' },
      {
        kind: 'job',
        id: 'charge',
        type: 'shop.charge',
        input: { orderId: 'wf_1', amount: 50 },
        compensate: 'shop.refund',
      },
    ]);
  });

  it('cancels and arms the same timer in the order the machine meant', async () => {
    const { effects } = await after(driver, event('xstate.after.REMINDER.order.PLACED.waiting'));
    const id = 'xstate.after.REMINDER.order.PLACED.waiting';
    expect(effects.map(({ kind }) => kind)).toEqual(['cancelTimer', 'command', 'timer']);
    expect(effects.at(-1)).toMatchObject({ id, delayMs: DAY });
  });

  it('remembers where each region stood, across storage', async () => {
    const held = await after(driver, pay, charged, event('picked'), event('hold'));
    const resumed = await driver.step(stored(held.snapshot), event('resume'));
    expect(resumed).toMatchObject({ state: 'PACKING', phase: 'label.printing,goods.ready' });
    expect(resumed.effects).toContainEqual(expect.objectContaining({ kind: 'job', type: 'shop.label', ordered: true }));
  });

  it('ends with output and says so', async () => {
    const done = await after(
      driver,
      pay,
      charged,
      event('picked'),
      event('xstate.done.actor.label', { output: {} }),
      event('deliver'),
    );
    expect(done).toMatchObject({ state: 'DELIVERED', status: 'done', output: { paymentId: 'pay_1' }, tags: ['won'] });
  });

  it('tells other modules what happened', async () => {
    const { effects } = await after(
      driver,
      pay,
      charged,
      event('picked'),
      event('xstate.done.actor.label', { output: {} }),
    );
    expect(effects).toContainEqual({ kind: 'emit', event: { type: 'order.shipped', orderId: 'wf_1' } });
  });

  it('gives the same bytes for the same history', async () => {
    const events = [pay, charged, event('picked'), event('hold'), event('resume')];
    expect(JSON.stringify(await after(driver, ...events))).toBe(JSON.stringify(await after(driver, ...events)));
  });

  it('stores what XState itself would persist, letter for letter', async () => {
    const machine: AnyStateMachine = order.machine;
    let [theirs] = initialTransition(machine, ORDER);
    let ours = await driver.start(ORDER);
    for (const next of [pay, charged, event('picked'), event('hold'), event('resume'), event('cancel')]) {
      expect(JSON.stringify(ours.snapshot)).toBe(JSON.stringify(machine.getPersistedSnapshot(theirs)));
      ours = await driver.step(stored(ours.snapshot), next);
      [theirs] = transition(machine, theirs, next);
    }
    expect(ours.state).toBe('CANCELLED');
    expect(JSON.stringify(ours.snapshot)).toBe(JSON.stringify(machine.getPersistedSnapshot(theirs)));
  });

  it('leaves an instance that is over as it is, whatever is sent', async () => {
    const over = await after(driver, event('cancel'));
    const again = await driver.step(over.snapshot, event('note', { text: 'too late' }));
    expect(again).toMatchObject({ handled: false, status: 'done', effects: [], snapshot: over.snapshot });
  });

  it('ignores events that XState itself would obey', async () => {
    const { snapshot } = await after(driver);
    for (const type of [
      'xstate.stop',
      'xstate.init',
      'xstate.error.actor.anything',
      'xstate.done.actor.charge',
      '*',
      'made.up',
    ])
      expect(await driver.step(snapshot, event(type))).toMatchObject({ handled: false, snapshot });
  });

  it('asks XState nothing about event types it does not know, because XState would remember each of them', async () => {
    const { snapshot } = await after(driver);
    const asked = [jest.spyOn(order.machine, 'getTransitionData'), jest.spyOn(order.machine, 'transition')];
    await driver.step(snapshot, event('made.up'));
    driver.explain(snapshot, event('made.up'));
    for (const spy of asked) expect(spy).not.toHaveBeenCalled();
    asked.forEach((spy) => spy.mockRestore());
  });
});
