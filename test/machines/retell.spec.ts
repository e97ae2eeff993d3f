import type { Json } from '../../src/engine/core/driver.js';
import type { Lifecycle } from '../../src/engine/core/lifecycle.js';
import { merged, retell, type ToldEntry } from '../../src/engine/core/retell.js';
import { xstateDriver } from '../../src/engine/core/xstate.driver.js';
import { parcel, parcel2Silent, parcel3 } from '../support/parcel.js';
import { DAY, order } from '../support/toy.js';

const AT = Date.UTC(2026, 0, 5, 12);
const still = () => Promise.resolve();

/** The history that these events make. */
async function historyOf(lifecycle: Lifecycle, input: object, events: readonly object[]): Promise<ToldEntry[]> {
  const driver = xstateDriver(lifecycle);
  const by = { facts: {} as Json, at: AT, actor: 'usr_1', roles: [] as string[] };
  const payload = { instanceId: 'wf_1', tenant: 'demo', at: AT, ...input } as unknown as Json;
  let step = await driver.start(payload);
  const rows: ToldEntry[] = [
    { ...by, seq: 1, kind: 'start', type: 'start', payload, to_state: step.state, phase: step.phase },
  ];
  for (const event of events) {
    const entry = { ...by, seq: rows.length + 1, kind: 'event', type: '', payload: {}, ...event };
    step = await driver.step(step.snapshot, { ...entry, caller: { id: 'usr_1', roles: [] } });
    rows.push({ ...entry, to_state: step.state, phase: step.phase });
  }
  return rows;
}

const by = (lifecycle: Lifecycle, input: Json = {}) => ({ driver: xstateDriver(lifecycle), input });
const packed = { type: 'xstate.done.actor.label', payload: { output: null } };

describe('a history that is told again', () => {
  it('ends where it ended by its own definition', async () => {
    const rows = await historyOf(parcel, { amount: 5 }, [{ type: 'pack' }, packed, { type: 'ship' }]);
    expect(await retell(by(parcel), rows, still)).toEqual({ verdict: 'same', end: 'SENT', parting: null });
  });

  it('parts from what was recorded at the first event that another version decides otherwise', async () => {
    const rows = await historyOf(parcel, { amount: 5 }, [{ type: 'pack' }, packed, { type: 'ship' }]);
    const parting = { seq: 3, event: packed.type, from: 'PACKING', recorded: 'PACKED', instead: 'PACKING' };
    expect(await retell(by(parcel3), rows, still)).toEqual({ verdict: 'elsewhere', end: 'PACKING', parting });
  });

  it('may take another way to the same end', async () => {
    const rows = await historyOf(parcel, { amount: 5 }, [{ type: 'pack' }]);
    expect(await retell(by(parcel2Silent), rows, still)).toMatchObject({
      verdict: 'detour',
      end: 'PACKING',
      parting: { seq: 1, from: null, recorded: 'RECEIVED', instead: 'OPENED' },
    });
  });

  it('may begin with something else', async () => {
    const late = { kind: 'timer', type: 'xstate.after.PAYMENT_DUE.order.PLACED' };
    const rows = await historyOf(order, { amount: 5, dueMs: DAY }, [late]);
    expect(await retell(by(order, { dueMs: 2 * DAY }), rows, still)).toMatchObject({ verdict: 'same' });
    expect(await retell(by(order, { dueMs: 'soon' }), rows, still)).toMatchObject({ verdict: 'unknown' });
  });

  it('is not known where a condition asks for what was not recorded, or where it was moved', async () => {
    const rows = await historyOf(order, { amount: 5, dueMs: DAY }, [
      { type: 'pay', facts: { stock: 1, open: [], blocked: false } },
    ]);
    const poorer = rows.map((row) => (row.type === 'pay' ? { ...row, facts: { stock: 1 } } : row));
    expect(await retell(by(order), rows, still)).toMatchObject({ verdict: 'same', end: 'PAYING' });
    expect(await retell(by(order), poorer, still)).toEqual({
      verdict: 'unknown',
      reason: 'pay needs what was not recorded: open, blocked',
    });
    const moved = rows.map((row) => (row.type === 'pay' ? { ...row, kind: 'migrate' } : row));
    expect(await retell(by(order), moved, still)).toMatchObject({ verdict: 'unknown' });
  });

  it('lets others have their turn before each row', async () => {
    const rows = await historyOf(parcel, { amount: 5 }, [{ type: 'pack' }, packed]);
    let turns = 0;
    await retell(by(parcel), rows, async () => void turns++);
    expect(turns).toBe(3);
  });

  it('begins with a merge patch: null takes away, a list takes the place of a list (RFC 7386)', () => {
    expect(merged({ a: { b: 1, c: [1, 2] }, d: 3 }, { a: { b: 2, c: [3] }, d: null, e: { f: null, g: 1 } })).toEqual({
      ...{ a: { b: 2, c: [3] }, e: { g: 1 } },
    });
  });
});
