import { assign, createMachine, setup } from 'xstate';
import { rule } from '../../src/engine/authoring.js';
import { backoff } from '../../src/engine/core/backoff.js';
import type { Json } from '../../src/engine/core/driver.js';
import { doneEvent, machineEvent } from '../../src/engine/core/event.js';
import { fingerprint } from '../../src/engine/core/fingerprint.js';
import { GENESIS, hashEntry, verifyChain, type ChainedRow } from '../../src/engine/core/hash.js';
import { maySend } from '../../src/engine/core/permission.js';
import { replay, type ReplayEntry } from '../../src/engine/core/replay.js';
import { xstateDriver } from '../../src/engine/core/xstate.driver.js';
import { DAY, order } from '../support/toy.js';

describe('replay', () => {
  const driver = xstateDriver(order);
  const input = { instanceId: 'wf_1', tenant: 'acme', at: 0, amount: 50, dueMs: DAY };
  const entry = (seq: number, kind: string, type: string, payload: Json = {}, facts: Json = {}): ReplayEntry => ({
    ...{ seq, kind, type, payload, facts, at: seq * 1_000 },
    ...{ actor: 'usr_1', roles: ['buyer'] },
  });
  const history = [
    entry(1, 'start', 'start', input),
    entry(2, 'timer', 'xstate.after.REMINDER.order.PLACED.waiting'),
    entry(3, 'event', 'pay', {}, { stock: 1, open: [], blocked: false }),
    entry(4, 'pause', 'admin.pause', { reason: 'audit' }),
    entry(5, 'resume', 'admin.resume', { reason: 'audited' }),
    entry(6, 'effect-result', doneEvent('charge'), { output: { paymentId: 'pay_1' } }),
    entry(7, 'force', 'admin.force_transition', { to: 'SHIPPED', runEntryEffects: true }),
    entry(8, 'event', 'note', { text: 'left with the neighbour' }),
  ];
  const live = async (): Promise<Json> => {
    let { snapshot } = await driver.start(input);
    for (const row of history.slice(1)) {
      if (row.kind === 'force') snapshot = (await driver.force(snapshot, 'SHIPPED', machineEvent(row), { suppressEffects: false })).snapshot;
      else if (row.kind !== 'pause' && row.kind !== 'resume') snapshot = (await driver.step(snapshot, machineEvent(row))).snapshot;
    }
    return JSON.parse(JSON.stringify(snapshot)) as Json;
  };

  it('leads to the stored snapshot', async () => {
    expect(await replay(driver, history, await live())).toMatchObject({ ok: true, snapshot: { value: 'SHIPPED' } });
  });

  it('names the place where a stored snapshot was changed', async () => {
    const stored = (await live()) as { context: Record<string, Json> };
    const changed = { ...stored, context: { ...stored.context, amount: 5_000 } };
    expect(await replay(driver, history, changed)).toMatchObject({ ok: false, reason: 'the history leads to another snapshot.context.amount' });
  });

  it('names the row that cannot be decided again', async () => {
    const unexplained = history.map((row) => (row.seq === 3 ? { ...row, facts: {} } : row));
    expect(await replay(driver, unexplained, await live())).toMatchObject({ ok: false, reason: expect.stringMatching(/^row 3 \(pay\): it would be refused/) });
  });

  it('starts from the last migration', async () => {
    const stored = await live();
    const migrated = [entry(9, 'migrate', 'admin.migrate', { snapshot: stored }), entry(10, 'pause', 'admin.pause')];
    expect(await replay(driver, [...history.slice(0, 2), ...migrated], stored)).toMatchObject({ ok: true });
  });

  it('lets no field of the payload pass for what the engine stamps', () => {
    const forged = entry(1, 'event', 'pay', { type: 'deliver', facts: { stock: 9 }, at: 9, caller: { id: 'root' } });
    expect(machineEvent(forged)).toEqual({ type: 'pay', facts: {}, at: 1_000, caller: { id: 'usr_1', roles: ['buyer'] } });
  });
});

describe('the hash chain', () => {
  const chain = (texts: string[][]): ChainedRow[] => {
    let prevHash = GENESIS;
    return texts.map((fields, index) => {
      const row = { seq: index + 1, prevHash, hash: hashEntry(prevHash, fields), fields };
      prevHash = row.hash;
      return row;
    });
  };
  const rows = chain([['start', '{"a":1}'], ['pay', '{}'], ['deliver', '{}']]);
  const [first, second, third] = rows as [ChainedRow, ChainedRow, ChainedRow];

  it('holds for rows as they were stored', () => expect(verifyChain(rows)).toEqual({ ok: true, head: third.hash }));

  it.each<[string, ChainedRow[], object]>([
    ['changed', [first, { ...second, fields: ['pay', '{ }'] }, third], { seq: 2, reason: 'row 2 was changed' }],
    ['removed', [first, third], { seq: 2, reason: 'row 2 is missing' }],
    ['replaced with its hash', [first, { ...second, fields: [], hash: hashEntry(first.hash, []) }, third], { seq: 3, reason: 'row 3 does not follow the row before it' }],
  ])('names the first row that was %s', (_, tampered, found) => expect(verifyChain(tampered)).toEqual({ ok: false, ...found }));

  it('tells fields apart by where they end, and null from nothing', () => {
    const hashes = [['ab', 'c'], ['a', 'bc'], ['abc'], ['abc', null], ['abc', '']].map((fields) => hashEntry(GENESIS, fields));
    expect(new Set(hashes).size).toBe(5);
  });
});

describe('the fingerprint', () => {
  const machine = (change: { target?: string; atMost?: number; delay?: number; check?: (n: number) => boolean; sum?: (n: number) => number } = {}) => {
    const { target = 'B', atMost = 3, delay = 5, check = (n) => n > 0, sum = (n) => n + 1 } = change;
    return setup({
      types: { context: {} as { n: number } },
      guards: { may: rule(({ context }: { context: { n: number } }, _: { atMost: number }) => check(context.n) || { code: 'NO' }) },
      delays: { D: delay },
    }).createMachine({
      id: 'f',
      context: () => ({ n: 0 }),
      initial: 'A',
      states: { A: { on: { go: { guard: { type: 'may', params: { atMost } }, target } }, after: { D: 'C' }, exit: assign({ n: sum as never }) }, B: {}, C: {} },
    });
  };

  it('is the same for the same definition', () => expect(fingerprint(machine())).toBe(fingerprint(machine())));

  it.each<[string, Parameters<typeof machine>[0]]>([
    ['a target', { target: 'C' }],
    ["a guard's parameter", { atMost: 4 }],
    ['a delay', { delay: 6 }],
    ['the code of an assignment', { sum: (n) => n + 2 }],
  ])('differs when %s differs', (_, change) => expect(fingerprint(machine(change))).not.toBe(fingerprint(machine())));

  it('does not depend on how the code is laid out', () => {
    const made = (source: string) => fingerprint(createMachine({ id: 'f', context: new Function(`return ${source}`)() as () => object }));
    expect(made('({ input }) => { return { a: "x", b: input.b, }; }')).toBe(made("({input}) => {\n  // why\n  return { a: 'x', b: input.b }\n}"));
  });
});

describe('who may send an event', () => {
  const rule = { from: ['creator', 'operator', 'webhook:stripe'], label: 'Decide' };
  const parties = { creator: 'usr_creator' };
  const sender = (id: string, ...roles: string[]) => ({ id, roles });

  it.each<[string, boolean, ReturnType<typeof sender>, string?]>([
    ['the creator of this instance may', true, sender('usr_creator', 'creator')],
    ['the creator of another instance may not, though he has the role', false, sender('usr_other', 'creator')],
    ['anybody with a role that is no party may', true, sender('usr_op', 'operator')],
    ['a stranger may not', false, sender('usr_x', 'viewer')],
    ['the source that is named may', true, sender('system:stripe'), 'webhook:stripe'],
    ['another source may not', false, sender('system:docusign'), 'webhook:docusign'],
    ['a source does not borrow a role', false, sender('system:stripe', 'operator'), 'webhook:docusign'],
    ['a user whose role looks like a source may not', false, sender('usr_x', 'webhook:stripe')],
  ])('%s', (_, allowed, who, source = undefined) => expect(maySend(rule, parties, who, source)).toBe(allowed));

  it('takes a party name for a role where the instance has no such party', () => expect(maySend(rule, {}, sender('usr_any', 'creator'))).toBe(true));
});

describe('the pause before another attempt', () => {
  const policy = { backoffMs: 1_000, maxBackoffMs: 10_000 };

  it('doubles each time, up to the maximum', () =>
    expect([1, 2, 3, 4, 5, 60].map((attempt) => backoff(attempt, policy, 0.999_999))).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, 10_000]));

  it('is spread over the upper half, so that not all come at once', () => {
    expect(backoff(3, policy, 0)).toBe(2_000);
    expect(backoff(3, policy, 0.5)).toBe(3_000);
  });
});
