import { catalogue } from '../../machines/index.js';
import type { PlanStep } from '../../src/engine/planning.js';
import type { Lifecycle } from '../../src/engine/core/lifecycle.js';
import { search } from '../../src/engine/core/plan/search.js';
import { skeletonOf } from '../../src/engine/core/plan/skeleton.js';
import { begin } from '../../src/engine/core/interpret.js';
import { order } from '../support/toy.js';
import { after, event } from '../support/steps.js';
import { xstateDriver } from '../../src/engine/core/xstate.driver.js';
import { DiagramsModule } from '../../src/diagrams/diagrams.module.js';
import { engineApi, engineOnly, REASON } from './engine.app.js';

const running = engineApi((config) => [...engineOnly(config), DiagramsModule]);
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

describe('what is lived of a lifecycle', () => {
  const coverage = (query = '', as = 'operator') => running().get(as, `/api/lifecycles/order/coverage${query}`);
  const taken = (json: Record<string, unknown>) =>
    (json['transitions'] as { id: string; taken: number }[]).flatMap(({ id, taken: times }) => (times > 0 ? [id] : []));

  it('counts each transition that instances really took, and names the steps that none explains', async () => {
    const id = await running().order();
    await running().send('seller_1', id, 'note', { text: 'wrapped' });
    await running().send('buyer_1', id, 'pay');
    const forced = { fromState: 'PAYING', toState: 'ON_HOLD', reason: REASON };
    await running().post('admin', `/admin/workflows/${id}/force-transition`, forced);
    await running().send('buyer_1', id, 'cancel');
    const { status, json } = await coverage('?instances=1');
    expect({ status, json }).toMatchObject({
      status: 200,
      json: {
        ...{ lifecycle: 'order', version: 1, instances: 1, steps: 5 },
        unexplained: [{ kind: 'force', from: 'PAYING', to: 'ON_HOLD', count: 1 }],
      },
    });
    expect(taken(json).sort()).toEqual(['ON_HOLD|cancel|0', 'PLACED|pay|0', '|note|0']);
    expect(json['neverTaken']).toBe((json['transitions'] as unknown[]).length - 3);
  });

  it('is drawn over the diagram', async () => {
    const plain = await running().get('operator', '/api/lifecycles/order/diagram.svg');
    const lived = await running().get('operator', '/api/lifecycles/order/diagram.svg?overlay=lived');
    expect(lived.status).toBe(200);
    expect(lived.text).toContain('as lived by');
    expect(lived.text).not.toBe(plain.text);
  });

  it('is for those who see everything, and of their own tenant', async () => {
    for (const path of ['coverage', 'diagram.svg?overlay=lived'])
      expect(await running().get('buyer_1', `/api/lifecycles/order/${path}`)).toMatchObject({ status: 403 });
    expect((await coverage('', 'stranger')).json).toMatchObject({ instances: 0, steps: 0 });
    expect(await coverage('?instances=0')).toMatchObject({ status: 400 });
  });
});

describe('what an instance was', () => {
  const asOf = (id: string, query = '', as = 'buyer_1') => running().get(as, `/api/instances/${id}/as-of${query}`);
  const changes = (id: string, since: number, as = 'buyer_1') =>
    running().get(as, `/api/instances/${id}/changes?since=${since}`);

  it('is told at a revision and at a time, by the definition it was on, as it was stored then', async () => {
    const id = await running().order();
    const then = (await running().get('buyer_1', `/api/instances/${id}`)).json;
    await running().send('buyer_1', id, 'note', { text: 'wrapped' });
    const noted = (await running().get('buyer_1', `/api/instances/${id}`)).json;
    await running().post('admin', `/admin/workflows/${id}/pause`, { reason: REASON });
    await running().post('admin', `/admin/workflows/${id}/resume`, { reason: REASON });
    await running().send('buyer_1', id, 'cancel');
    const { compensation: _, allowedEvents: __, ...first } = then;
    expect((await asOf(id, '?revision=1')).json).toMatchObject({ ...first, isLatest: false });
    expect((await asOf(id, `?at=${String(noted['updatedAt'])}`)).json).toMatchObject({
      ...{ revision: 2, state: 'PLACED', phase: 'waiting', status: 'active', context: noted['context'] },
    });
    expect((await asOf(id, '?revision=3')).json).toMatchObject({ status: 'paused', state: 'PLACED' });
    expect((await asOf(id)).json).toMatchObject({ status: 'failed', state: 'CANCELLED', isLatest: true });
  });

  it('is compared with what it is: the steps since, and what it remembers otherwise', async () => {
    const id = await running().order();
    await running().send('buyer_1', id, 'note', { text: 'wrapped' });
    await running().send('buyer_1', id, 'cancel');
    expect((await changes(id, 1)).json).toMatchObject({
      since: { revision: 1, state: 'PLACED', status: 'active' },
      now: { revision: 3, state: 'CANCELLED', status: 'failed' },
      steps: [
        { seq: 2, type: 'note', actor: 'buyer_1' },
        { seq: 3, type: 'cancel', to: 'CANCELLED' },
      ],
      context: [{ path: 'notes', before: [], after: ['wrapped'] }],
    });
    expect((await changes(id, 3)).json).toMatchObject({ steps: [], context: [] });
  });

  it('is nothing before it began, and nobody else’s business', async () => {
    const id = await running().order();
    expect(await asOf(id, '?at=2020-01-01T00:00:00Z')).toMatchObject({ status: 404, json: { code: 'NOT_FOUND' } });
    expect(await changes(id, 9)).toMatchObject({ status: 404, json: { code: 'NOT_FOUND' } });
    for (const as of ['stranger', 'investor'])
      expect([(await asOf(id, '', as)).status, (await changes(id, 1, as)).status]).toEqual([404, 404]);
    expect((await asOf(id, '?at=yesterday')).status).toBe(400);
    expect((await changes(id, 0)).status).toBe(400);
  });
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
