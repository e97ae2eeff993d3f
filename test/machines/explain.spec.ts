import { cover } from '../../src/engine/core/cover.js';
import { xstateDriver } from '../../src/engine/core/xstate.driver.js';
import { ORDER } from '../support/steps.js';
import { order } from '../support/toy.js';

const driver = xstateDriver(order);
const stamp = { at: 0, caller: { id: 'usr_1', roles: [] } };
const pay = (facts: object) => ({ ...stamp, type: 'pay', facts });

describe('explaining an event', () => {
  it('names every missing item, who can clear it, and every guard that said no', async () => {
    const { snapshot } = await driver.start(ORDER);
    const explanation = driver.explain(snapshot, pay({ stock: 0, open: ['address', 'terms'], blocked: true }));
    expect(explanation).toMatchObject({
      verdict: 'GUARDS_REFUSED',
      allowed: false,
      state: 'PLACED',
      phase: 'waiting',
      missing: ['address', 'terms'],
      clearedBy: ['seller'],
      senders: ['buyer'],
      handledEvents: ['pay', 'note', 'cancel'],
    });
    expect(explanation.failing.map(({ name }) => name)).toEqual(['isInStock', 'isComplete', 'not isBlocked']);
  });

  it('shows the guard tree with the truth of each leaf', async () => {
    const { snapshot } = await driver.start(ORDER);
    const { candidates } = driver.explain(snapshot, pay({ stock: 0, open: [], blocked: false }));
    expect(candidates).toEqual([
      {
        source: 'PLACED',
        target: ['PAYING'],
        event: 'pay',
        label: 'pay',
        taken: false,
        guard: {
          op: 'and',
          ok: false,
          children: [
            { op: 'leaf', name: 'isInStock', ok: false, reason: { code: 'OUT_OF_STOCK', data: { stock: 0 } } },
            { op: 'leaf', name: 'isComplete', ok: true },
            {
              op: 'not',
              ok: true,
              children: [{ op: 'leaf', name: 'isBlocked', ok: false, reason: { code: 'NOT_BLOCKED' } }],
            },
          ],
        },
      },
    ]);
  });

  it('marks the transition that would be taken and blames nobody', async () => {
    const { snapshot } = await driver.start(ORDER);
    const explanation = driver.explain(snapshot, pay({ stock: 1, open: [], blocked: false }));
    expect(explanation).toMatchObject({ verdict: 'ALLOWED', failing: [], missing: [], candidates: [{ taken: true }] });
  });

  it('tells an event that does not belong here from one that is forbidden here', async () => {
    const { snapshot } = await driver.start(ORDER);
    const paying = await driver.step(snapshot, pay({ stock: 1, open: [], blocked: false }));
    expect(driver.explain(snapshot, { ...stamp, type: 'deliver' }).verdict).toBe('EVENT_NOT_HANDLED_IN_STATE');
    expect(driver.explain(paying.snapshot, { ...stamp, type: 'cancel' }).verdict).toBe('FORBIDDEN_IN_STATE');
  });

  it('answers for an instance that is over', async () => {
    const { snapshot } = await driver.start(ORDER);
    const over = await driver.step(snapshot, { ...stamp, type: 'cancel' });
    expect(driver.explain(over.snapshot, { ...stamp, type: 'pay' })).toMatchObject({
      verdict: 'INSTANCE_DONE',
      handledEvents: [],
    });
  });

  it('reports a guard that throws in its leaf instead of failing', async () => {
    const { snapshot } = await driver.start(ORDER);
    const { candidates, verdict } = driver.explain(snapshot, { ...stamp, type: 'pay' });
    expect(verdict).toBe('GUARDS_REFUSED');
    expect(candidates[0]?.guard.children?.[0]).toMatchObject({
      name: 'isInStock',
      ok: false,
      error: expect.stringContaining('stock'),
    });
  });
});

describe('facts', () => {
  it('are those of the guards that decide on the event, and no others', async () => {
    const { snapshot } = await driver.start(ORDER);
    expect(driver.factsNeeded(snapshot, 'pay')).toEqual(['stock', 'open', 'blocked']);
    expect(driver.factsNeeded(snapshot, 'note')).toEqual([]);
    expect(driver.factsNeeded(snapshot, 'deliver')).toEqual([]);
  });
});

describe('the description', () => {
  const description = driver.describe();

  it('names states, deadlines and work as the author wrote them', () => {
    expect(description).toMatchObject({ name: 'order', version: 1, initial: 'PLACED', fingerprint: order.fingerprint });
    expect(description.states.find(({ id }) => id === 'PLACED.waiting')).toMatchObject({
      parent: 'PLACED',
      timers: ['REMINDER'],
      entry: [],
    });
    expect(description.states.find(({ id }) => id === 'PAYING')?.invokes).toEqual([
      { id: 'charge', effect: 'shop.charge' },
    ]);
    expect(description.states.find(({ id }) => id === 'CANCELLED')?.entry).toEqual(['notify']);
  });

  it('labels transitions for people', () => {
    const labels = description.transitions.map(({ label }) => label);
    for (const label of ['pay', 'after PAYMENT_DUE', 'charge done', 'charge failed', 'PACKING done'])
      expect(labels).toContain(label);
  });

  it('gives transitions the ids that coverage counts', () => {
    const facts = { stock: 1, open: [], blocked: false };
    const { paths } = cover(order, { input: ORDER, cases: { pay: [{ facts }], note: [] }, facets: () => null });
    const ids = new Set(description.transitions.map(({ id }) => id));
    expect(
      paths
        .flatMap(({ steps }) => steps)
        .flatMap(({ transitionIds }) => transitionIds)
        .every((id) => ids.has(id)),
    ).toBe(true);
  });
});
