import { affected, diffMarkdown, diffText } from '../../src/diagrams/review.js';
import { codeSide, diffVersions } from '../../src/diff.command.js';
import { explanationText } from '../../src/explain.command.js';
import { compare, isSame } from '../../src/engine/core/diff/compare.js';
import { risksOf } from '../../src/engine/core/diff/risks.js';
import type { Lifecycle } from '../../src/engine/core/lifecycle.js';
import { xstateDriver } from '../../src/engine/core/xstate.driver.js';
import { rule } from '../../src/engine/authoring.js';
import { parcel, parcel2, parcel3 } from '../support/parcel.js';
import { after, event } from '../support/steps.js';
import { order, orderMachine } from '../support/toy.js';

const differing = (from: Lifecycle, to: Lifecycle) => {
  const [before, now] = [codeSide(from), codeSide(to)];
  const diff = compare(before, now);
  return { before, now, diff, risks: risksOf(diff, before, now) };
};
const nowhere = () => Promise.reject(new Error('the database was asked'));
const wanted = { isLive: false, isMarkdown: false };

describe('the difference between two versions', () => {
  it('is none between a version and itself', () => {
    const { diff, risks } = differing(order, order);
    expect([isSame(diff), risks]).toEqual([true, []]);
    expect(diffText(diff, risks).at(-1)).toContain('nothing is different');
  });

  it('names states, deadlines, ways and what is waited for', () => {
    const { diff } = differing(parcel, parcel2);
    expect(diff.states.map(({ what, change }) => `${change} ${what}`)).toEqual([
      'removed RECEIVED',
      'added OPENED',
      'changed PACKED',
      'added PACKED.unseen',
      'added PACKED.seen',
    ]);
    expect(diff.transitions).toContainEqual(
      expect.objectContaining({ change: 'added', what: 'OPENED ─after CHASE→ OPENED' }),
    );
  });

  it('says what may go wrong: the most pressing first, with the state that a lost one is most like', () => {
    const { risks } = differing(parcel, parcel2);
    expect(risks).toContainEqual({
      level: 'high',
      rule: 'state-removed',
      at: 'RECEIVED',
      message: 'instances in it need a word in migrations; most alike: OPENED',
    });
    expect(risks.map(({ rule: name, at }) => `${name} ${at}`)).toContain('state-rebuilt PACKED');
    expect(differing(parcel, parcel3).risks).toContainEqual(
      expect.objectContaining({ level: 'high', rule: 'work-unawaited', at: 'PACKING' }),
    );
  });

  it('finds what is different inside a guard that kept its name, and that two definitions share a number', () => {
    const isInStock = rule(() => true as const, ['stock']);
    const changed: Lifecycle = {
      ...order,
      fingerprint: 'another',
      machine: orderMachine.provide({ guards: { isInStock } }),
    };
    const { risks } = differing(order, changed);
    expect(risks[0]).toMatchObject({ level: 'blocks', rule: 'same-version' });
    expect(risks).toContainEqual({
      level: 'look',
      rule: 'inside-changed',
      at: 'guard isInStock',
      message: 'works otherwise than before, in PLACED',
    });
  });

  it('counts the running instances that it concerns', () => {
    const living = [
      { version: 1, place: 'RECEIVED', count: 30 },
      { version: 1, place: 'PACKING', count: 4 },
      { version: 1, place: 'PACKED', count: 7 },
    ];
    const { diff, risks, before, now } = differing(parcel, parcel2);
    const live = affected(diff, living);
    expect(live).toMatchObject({ living: 41, concerned: 37 });
    const text = diffMarkdown(diff, risks, before, now, live);
    expect(text).toContain('37 of 41 running instances are in a state that this concerns');
    expect(text).toContain('| v1 | RECEIVED | 30 |');
    expect(text.match(/stateDiagram-v2/g)).toHaveLength(2);
  });
});

describe('statewright diff', () => {
  it('compares the newest retired version with the newest, and needs no database for it', async () => {
    const lines = await diffVersions({ ...wanted, lifecycle: parcel2 }, nowhere);
    expect(lines[0]).toMatch(/^parcel v1 \(\w{12}\) → v2 \(\w{12}\)$/);
    expect(lines).toContain('    - RECEIVED');
  });

  it('asks the database for a version that the code does not have', async () => {
    await expect(diffVersions({ ...wanted, lifecycle: parcel }, nowhere)).rejects.toThrow('the database was asked');
  });
});

describe('statewright explain', () => {
  it('shows each condition with its truth, what is missing and who can clear it', async () => {
    const driver = xstateDriver(order);
    const { snapshot } = await after(driver);
    const facts = { stock: 0, open: ['invoice'], blocked: false };
    expect(explanationText(driver.explain(snapshot, event('pay', { facts })))).toEqual([
      '  pay: guards refused, from buyer',
      '      PLACED → PAYING',
      '        ✗ and',
      '          ✗ isInStock: OUT_OF_STOCK',
      '          ✗ isComplete: CHECKLIST_OPEN',
      '          ✓ not',
      '            ✗ isBlocked: NOT_BLOCKED',
      '      missing: invoice',
      '      cleared by: seller',
    ]);
  });
});
