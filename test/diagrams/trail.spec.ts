import { leavesOf, trailOf, type WalkedStep } from '../../src/diagrams/trail.js';
import { describe as describeLifecycle } from '../../src/engine/core/describe.js';
import { order } from '../support/toy.js';

const toy = describeLifecycle(order);
const PACKED = 'label.printing,goods.picking';
const toPacking: WalkedStep[] = [
  { type: 'start', from: null, to: 'PLACED', phase: 'waiting' },
  { type: 'pay', from: 'PLACED', to: 'PAYING', phase: null },
  { type: 'xstate.done.actor.charge', from: 'PAYING', to: 'PACKING', phase: PACKED },
];
const takenAfter = (...steps: WalkedStep[]): string[] =>
  [...trailOf(toy, [...toPacking, ...steps]).transitions].slice(2);

describe('the trail of an instance', () => {
  it('finds every region in the path that instances show', () => {
    expect(leavesOf(toy, `PACKING.${PACKED}`)).toEqual(['PACKING.label.printing', 'PACKING.goods.picking']);
  });

  it('follows a transition of one region', () => {
    const step = { type: 'picked', from: 'PACKING', to: 'PACKING', phase: 'label.printing,goods.ready' };
    expect(takenAfter(step)).toEqual(['PACKING.goods.picking|picked|0']);
  });

  it('follows what happens by itself once both regions are done', () => {
    const taken = takenAfter(
      { type: 'picked', from: 'PACKING', to: 'PACKING', phase: 'label.printing,goods.ready' },
      { type: 'xstate.done.actor.label', from: 'PACKING', to: 'SHIPPED', phase: null },
    );
    expect(taken.at(-2)).toMatch(/^PACKING\.label\.printing\|xstate\.done\.actor\.label/);
    expect(taken.at(-1)).toMatch(/^PACKING\|xstate\.done\.state/);
  });

  it('follows the way back through a history state', () => {
    const taken = takenAfter(
      { type: 'hold', from: 'PACKING', to: 'ON_HOLD', phase: null },
      { type: 'resume', from: 'ON_HOLD', to: 'PACKING', phase: PACKED },
    );
    expect(taken).toEqual(['PACKING|hold|0', 'ON_HOLD|resume|0']);
  });

  it('leaves a gap where an administrator forced the instance', () => {
    const step = { type: 'admin.force_transition', from: 'PACKING', to: 'DELIVERED', phase: null };
    const { states } = trailOf(toy, [...toPacking, step]);
    expect(takenAfter(step)).toEqual([]);
    expect(states).toContain('DELIVERED');
  });
});
