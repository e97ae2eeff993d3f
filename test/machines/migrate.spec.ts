import type { Json } from '../../src/engine/core/driver.js';
import type { Lifecycle } from '../../src/engine/core/lifecycle.js';
import { migrate, type Move } from '../../src/engine/core/migration/migrate.js';
import type { Pending } from '../../src/engine/core/migration/work.js';
import { xstateDriver } from '../../src/engine/core/xstate.driver.js';
import { parcel, parcel2, parcel2Faulty, parcel2Silent, parcel3 } from '../support/parcel.js';
import { DAY, order } from '../support/toy.js';

const at = Date.UTC(2026, 0, 5, 12);
const stamp = { at, facts: {}, caller: { id: 'op', roles: [] } };
const nothing: Pending = { jobs: [], timers: [] };
const answerIn = (inMs: number): Pending => ({
  jobs: [],
  timers: [{ id: 'xstate.after.ANSWER.parcel.RECEIVED', inMs }],
});
const labelling = (begun: boolean): Pending => ({ jobs: [{ id: 'label', type: 'shop.label', begun }], timers: [] });

/** A parcel of the first version after these events. */
async function parcelAfter(...types: string[]): Promise<Json> {
  const driver = xstateDriver(parcel);
  let step = await driver.start({ amount: 5, instanceId: 'wf_1', tenant: 't', at });
  for (const type of types) step = await driver.step(step.snapshot, { type, ...stamp });
  return step.snapshot;
}
const moved = (to: Lifecycle, stored: Json, pending: Pending = nothing): Move =>
  migrate(parcel, to, stored, pending, { type: 'admin.migrate', ...stamp });

describe('a running instance in another version', () => {
  it('is where the migration says, its deadline runs on, and a new one begins', async () => {
    const move = moved(parcel2, await parcelAfter(), answerIn(DAY));
    expect(move).toMatchObject({
      verdict: 'auto',
      step: { state: 'OPENED', snapshot: { context: { amount: 5, charge: 'nobody' } } },
    });
    expect(move.verdict === 'auto' && move.step.effects).toEqual([
      { kind: 'cancelTimer', id: 'xstate.after.ANSWER.parcel.RECEIVED' },
      expect.objectContaining({ kind: 'timer', id: 'xstate.after.ANSWER.parcel.OPENED', delayMs: DAY }),
      expect.objectContaining({ kind: 'timer', id: 'xstate.after.CHASE.parcel.OPENED', delayMs: 5 * DAY }),
    ]);
  });

  it('does not get a deadline again that has passed', async () => {
    const move = moved(parcel2, await parcelAfter(), nothing);
    expect(move.verdict === 'auto' && move.step.effects).toEqual([
      expect.objectContaining({ kind: 'timer', id: 'xstate.after.CHASE.parcel.OPENED' }),
    ]);
  });

  it('is inside of what its state has become, where the migration says so', async () => {
    const packed = await parcelAfter('pack', 'xstate.done.actor.label');
    expect(moved(parcel2, packed)).toMatchObject({ verdict: 'auto', step: { state: 'PACKED', phase: 'unseen' } });
  });

  it('waits on for work that both versions want', async () => {
    const move = moved(parcel2, await parcelAfter('pack'), labelling(true));
    expect(move).toMatchObject({ verdict: 'auto', step: { state: 'PACKING', effects: [] } });
    const driver = xstateDriver(parcel2);
    if (move.verdict !== 'auto') throw new Error(move.reason);
    const next = await driver.step(move.step.snapshot, { type: 'xstate.done.actor.label', output: null, ...stamp });
    expect(next).toMatchObject({ handled: true, state: 'PACKED', phase: 'unseen' });
  });

  it('begins work that only the new version wants', async () => {
    const packed = await parcelAfter('pack', 'xstate.done.actor.label');
    expect(moved(parcel3, packed)).toMatchObject({
      verdict: 'auto',
      step: { effects: [{ kind: 'job', id: 'weigh', type: 'shop.weigh', input: { amount: 5 } }] },
    });
  });

  it('calls off work that nobody wants any more, unless it has begun', async () => {
    const packing = await parcelAfter('pack');
    expect(moved(parcel3, packing, labelling(false))).toMatchObject({
      verdict: 'auto',
      step: { effects: [{ kind: 'cancelJob', id: 'label' }] },
    });
    expect(moved(parcel3, packing, labelling(true))).toEqual({
      verdict: 'blocked',
      reason: 'shop.label is under way, and nothing waits for it in the new version',
    });
  });

  it.each([
    ['a state that is gone', [], 'RECEIVED is not there any more: say where it leads'],
    ['a state that is built otherwise', ['pack', 'xstate.done.actor.label'], 'PACKED is built otherwise now'],
  ])('needs somebody to say where it is, in %s', async (_, events, reason) => {
    const move = moved(parcel2Silent, await parcelAfter(...events));
    expect(move).toEqual({ verdict: 'needs-mapping', reason: expect.stringContaining(reason) as string });
  });

  it('stays when its new context cannot be stored, when it has ended, and when it remembers where it was', async () => {
    expect(moved(parcel2Faulty, await parcelAfter())).toMatchObject({ verdict: 'blocked' });
    const ended = await parcelAfter('pack', 'xstate.done.actor.label', 'ship');
    expect(moved(parcel2, ended)).toEqual({ verdict: 'blocked', reason: 'it has ended' });
    const driver = xstateDriver(order);
    let { snapshot } = await driver.start({ amount: 5, dueMs: DAY, instanceId: 'wf_1', tenant: 't', at });
    const facts = { stock: 1, open: [], blocked: false };
    const steps = [
      { type: 'pay', ...stamp, facts },
      { type: 'xstate.done.actor.charge', output: { paymentId: 'p' } },
    ];
    for (const event of [...steps, { type: 'hold' }])
      ({ snapshot } = await driver.step(snapshot, { ...stamp, ...event }));
    const next = { ...order, version: 2 };
    expect(migrate(order, next, snapshot, nothing, { type: 'admin.migrate', ...stamp })).toMatchObject({
      verdict: 'blocked',
      reason: expect.stringContaining('remembers') as string,
    });
  });

  it('is as it was when nothing but the version changes, in parallel states too', async () => {
    const driver = xstateDriver(order);
    let { snapshot } = await driver.start({ amount: 5, dueMs: DAY, instanceId: 'wf_1', tenant: 't', at });
    const facts = { stock: 1, open: [], blocked: false };
    for (const event of [
      { type: 'pay', facts },
      { type: 'xstate.done.actor.charge', output: { paymentId: 'p' } },
    ])
      ({ snapshot } = await driver.step(snapshot, { ...stamp, ...event }));
    const pending = {
      jobs: [{ id: 'label', type: 'shop.label', begun: true }],
      timers: [{ id: 'xstate.after.DELIVERY.order.PACKING', inMs: DAY }],
    };
    const move = migrate(order, { ...order, version: 2 }, snapshot, pending, { type: 'admin.migrate', ...stamp });
    expect(move).toMatchObject({ verdict: 'auto', step: { state: 'PACKING', effects: [] } });
    expect(move.verdict === 'auto' && move.step.snapshot).toEqual(snapshot);
  });
});
