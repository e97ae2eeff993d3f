import { catalogue } from '../../machines/index.js';
import type { PlanStep } from '../../src/engine/planning.js';
import type { Lifecycle } from '../../src/engine/core/lifecycle.js';
import { search } from '../../src/engine/core/plan/search.js';
import { skeletonOf } from '../../src/engine/core/plan/skeleton.js';
import { begin } from '../../src/engine/core/interpret.js';
import { order } from '../support/toy.js';
import { after, event } from '../support/steps.js';
import { xstateDriver } from '../../src/engine/core/xstate.driver.js';
import { engineApi } from './engine.app.js';

const running = engineApi();
const plan = (id: string, goal: string, as = 'buyer_1') =>
  running().get(as, `/api/instances/${id}/plan?goal=${encodeURIComponent(goal)}`);
const stepsOf = (json: Record<string, unknown>) => json['steps'] as PlanStep[];

describe('the way to a goal', () => {
  it('names each step, who brings it about, and what has to be so', async () => {
    const id = await running().order();
    running().world.facts = { stock: 1, open: ['invoice'], blocked: false };
    const before = await running().everything();
    const { status, json } = await plan(id, 'SHIPPED');
    expect({ status, json }).toMatchObject({
      status: 200,
      json: {
        verdict: 'way',
        from: 'PLACED.waiting',
        revision: 1,
        steps: [
          {
            event: 'pay',
            by: 'event',
            senders: ['buyer'],
            users: ['buyer_1'],
            byCaller: true,
            to: 'PAYING',
            needs: [
              { condition: 'isInStock', mustBe: true, now: 'holds' },
              {
                condition: 'isComplete',
                now: 'fails',
                reason: { code: 'CHECKLIST_OPEN', missing: ['invoice'] },
                clearedBy: ['seller'],
              },
              { condition: 'isBlocked', mustBe: false },
            ],
          },
          { event: 'xstate.done.actor.charge', by: 'work', label: 'charge done', byCaller: false },
          { by: expect.stringMatching(/work|event/) },
          { by: expect.stringMatching(/work|event/), to: 'SHIPPED' },
        ],
      },
    });
    expect(await running().everything()).toEqual(before);
    running().world.facts = { stock: 1, open: [], blocked: false };
  });

  it('says when a deadline leads there, and goes over it only when nobody can bring it about sooner', async () => {
    const id = await running().order();
    const { json } = await plan(id, 'CANCELLED', 'seller_1');
    expect(stepsOf(json)).toMatchObject([{ event: 'cancel', by: 'event', byCaller: false }]);
    expect(stepsOf((await plan(id, 'won')).json).map(({ to }) => to)).toContain('DELIVERED');
  });

  it('is none where nothing leads any more, and no step where it is already', async () => {
    const id = await running().order();
    expect((await plan(id, 'PLACED')).json).toMatchObject({ verdict: 'there', steps: [] });
    await running().send('buyer_1', id, 'cancel');
    expect((await plan(id, 'SHIPPED')).json).toMatchObject({ verdict: 'none', steps: [] });
  });

  it.each([
    ['a goal that is none', 'NOWHERE', 'buyer_1', 400],
    ['nobody of another tenant', 'SHIPPED', 'stranger', 404],
    ['nobody who is no party', 'SHIPPED', 'investor', 404],
  ])('is told for %s', async (_, goal, as, status) =>
    expect(await plan(await running().order(), goal, as)).toMatchObject({ status }),
  );
});

const OPEN = { doubt: () => 0, excludes: () => false };

describe('the search', () => {
  it('comes through regions side by side, and back through what a history remembers', async () => {
    const { snapshot } = await after(
      xstateDriver(order),
      event('pay', { facts: { stock: 1, open: [], blocked: false } }),
      event('xstate.done.actor.charge', { output: { paymentId: 'p' } }),
      event('hold'),
    );
    const { way } = search(order.machine, snapshot, ({ state }) => state === 'DELIVERED', OPEN);
    expect(way?.map((hop) => hop.event)).toEqual(['resume', expect.any(String), expect.any(String), 'deliver']);
  });

  it.each(Object.values(catalogue).map((lifecycle): [string, Lifecycle] => [lifecycle.name, lifecycle]))(
    'finds a way from the start of %s to each of its ends',
    async (_, { machine }) => {
      const skeleton = skeletonOf(machine);
      // Some are over at once when all conditions hold, some when none does.
      const start = [true, false]
        .map((answer) =>
          skeleton.asking(
            () => answer,
            () => begin(skeleton.machine, {}),
          ),
        )
        .find(({ status }) => status === 'active');
      const ends = Object.values(machine.states).filter(({ type }) => type === 'final');
      const missed = ends
        .filter(({ key }) => search(machine, start?.snapshot ?? null, ({ state }) => state === key, OPEN).way === null)
        .map(({ key }) => key);
      expect(missed).toEqual([]);
    },
  );
});
