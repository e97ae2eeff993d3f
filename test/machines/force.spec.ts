import { xstateDriver } from '../../src/engine/core/xstate.driver.js';
import { after, event, fault, pay, stored } from '../support/steps.js';
import { order } from '../support/toy.js';

describe('force', () => {
  const driver = xstateDriver(order);
  const force = event('admin.force');

  it('leaves and enters by the machine itself: timers end, timers and work begin (R000-22)', async () => {
    const { snapshot } = await after(driver);
    const { state, effects } = await driver.force(snapshot, 'PACKING', force, { suppressEffects: false });
    expect(state).toBe('PACKING');
    expect(effects.map(({ kind }) => kind)).toEqual(['cancelTimer', 'cancelTimer', 'timer', 'job']);
  });

  it('keeps timers but leaves out work when told so (R000-22)', async () => {
    const { snapshot } = await after(driver);
    const { effects } = await driver.force(snapshot, 'PACKING', force, { suppressEffects: true });
    expect(effects.map(({ kind }) => kind)).toEqual(['cancelTimer', 'cancelTimer', 'timer']);
  });

  it('reaches nested states and leaves a snapshot that goes on normally', async () => {
    const { snapshot } = await after(driver);
    const forced = await driver.force(snapshot, 'PACKING.goods.ready', force, { suppressEffects: false });
    expect(forced.phase).toBe('label.printing,goods.ready');
    const step = await driver.step(stored(forced.snapshot), event('xstate.done.actor.label', { output: {} }));
    expect(step).toMatchObject({ handled: true, state: 'SHIPPED' });
  });

  it('reopens an instance that is over', async () => {
    const over = await after(driver, event('cancel'));
    const reopened = await driver.force(over.snapshot, 'PLACED', force, { suppressEffects: false });
    expect(reopened).toMatchObject({ status: 'active', state: 'PLACED', output: undefined });
    expect(await driver.step(reopened.snapshot, pay)).toMatchObject({ handled: true, state: 'PAYING' });
  });

  it('enters the state it is in anew', async () => {
    const { snapshot } = await after(driver);
    const { effects } = await driver.force(snapshot, 'PLACED', force, { suppressEffects: false });
    expect(effects.map(({ kind }) => kind)).toEqual(['cancelTimer', 'cancelTimer', 'timer', 'timer']);
  });

  it('refuses a state that does not exist', async () => {
    const { snapshot } = await after(driver);
    await expect(driver.force(snapshot, 'NOWHERE', force, { suppressEffects: false })).rejects.toEqual(
      fault('UNKNOWN_STATE'),
    );
  });

  it('cannot be sent as an event', async () => {
    const { snapshot } = await after(driver);
    expect(await driver.step(snapshot, event('$force', { to: 'DELIVERED' }))).toMatchObject({ handled: false });
  });
});
