import { Patterns } from '../../support/patterns.js';
import { workstream } from '../../support/workstream.js';

const service = workstream();
const patterns = new Patterns(service);
const keysOf = async (id: string) => (await patterns.matches(id)).map(({ events }) => events.map((event) => event.id));

describe('a sequence, live', () => {
  const journey = {
    type: 'sequence',
    events: [
      { eventType: 'user.signup' },
      { eventType: 'profile.completed', within: '1h' },
      { eventType: 'first.purchase', within: '24h' },
    ],
  };
  it('is found for each user by himself, and keeps its events (R002-28, R002-31)', async () => {
    const id = await patterns.make(journey);
    const as = (user_id: string) => ({ user_id });
    const [ann1, , ann2] = [
      await patterns.happens('user.signup', {}, as('ann')),
      await patterns.happens('user.signup', {}, as('bob')),
      await patterns.happens('profile.completed', {}, as('ann')),
    ];
    await patterns.pass('2h');
    await patterns.happens('profile.completed', {}, as('bob'));
    await patterns.happens('first.purchase', {}, as('bob'));
    expect(await patterns.matches(id)).toEqual([]);
    const ann3 = await patterns.happens('first.purchase', { total: 9 }, as('ann'));
    expect(await keysOf(id)).toEqual([[ann1, ann2, ann3]]);
    await patterns.happens('first.purchase', {}, as('ann'));
    expect((await patterns.read(id)).triggeredCount).toBe(1);
  });

  it('in any order, correlated by a field of the data (R002-31)', async () => {
    const id = await patterns.make({
      ...{ type: 'sequence', ordered: false, correlateBy: 'data.order' },
      events: [{ eventType: 'paid' }, { eventType: 'packed', within: '1d' }],
    });
    const packed = await patterns.happens('packed', { order: 7 });
    await patterns.happens('paid', { order: 8 });
    const paid = await patterns.happens('paid', { order: 7 });
    expect(await keysOf(id)).toEqual([[paid, packed]]);
  });
});

describe('a threshold, live', () => {
  it('fires when it is crossed, is armed again when it is not, and keeps quiet for its window (R002-32)', async () => {
    const id = await patterns.make({
      ...{ type: 'threshold', eventType: 'auth.login.failed', metric: 'COUNT(*)' },
      ...{ operator: '>', value: 2, window: '5m' },
    });
    for (let n = 0; n < 5; n++) await patterns.happens('auth.login.failed', { n });
    expect(await patterns.matches(id)).toMatchObject([
      { detail: { value: 3, operator: '>', limit: 2 }, events: [{ data: { n: 2 } }] },
    ]);
    await patterns.pass('6m');
    for (let n = 5; n < 8; n++) await patterns.happens('auth.login.failed', { n });
    expect((await patterns.matches(id)).map(({ events }) => events[0]?.data['n'])).toEqual([2, 7]);
  });

  it('is crossed once by events that come at the same moment (R002-25, R002-32)', async () => {
    const id = await patterns.make({
      ...{ type: 'threshold', eventType: 'burst', metric: 'SUM(n)', operator: '>=', value: 3, window: '1h' },
    });
    const pair = await patterns.make({ type: 'sequence', events: [{ eventType: 'burst' }, { eventType: 'burst' }] });
    const events = Array.from({ length: 20 }, () => ({
      payload: { n: 1 },
      metadata: { type: 'burst', user_id: 'ann' },
    }));
    await patterns.events.batch(events);
    await service.work();
    expect(await patterns.matches(id)).toMatchObject([{ detail: { value: 3 } }]);
    const used = (await keysOf(pair)).flat();
    expect(new Set(used).size).toBe(used.length);
    expect(used.length).toBeGreaterThan(0);
  });

  it('is held for each group by itself (R002-32)', async () => {
    const id = await patterns.make({
      ...{ type: 'threshold', eventType: 'api.*', metric: 'AVG(data.ms)', groupBy: 'data.route' },
      ...{ operator: '>=', value: 100, window: '1h' },
    });
    await patterns.happens('api.request', { route: '/a', ms: 150 });
    await patterns.happens('api.request', { route: '/b', ms: 20 });
    await patterns.happens('api.slow', { route: '/b', ms: 250 });
    await patterns.happens('api.slow', { ms: 900 });
    expect((await patterns.matches(id)).map(({ detail }) => [detail['group'], detail['value']])).toEqual([
      ['/a', 150],
      ['/b', 135],
    ]);
  });

  it('notices silence by the clock, when a whole window has been silent (R002-32)', async () => {
    const id = await patterns.make({
      ...{ type: 'threshold', eventType: 'heartbeat', metric: 'COUNT(*)' },
      ...{ operator: '<', value: 1, window: '10m' },
    });
    await patterns.pass('5m');
    await patterns.happens('heartbeat');
    await patterns.pass('6m');
    expect(await patterns.matches(id)).toEqual([]);
    await patterns.pass('5m');
    expect(await patterns.matches(id)).toMatchObject([{ events: [], detail: { value: 0 } }]);
    await patterns.pass('5m');
    expect((await patterns.read(id)).triggeredCount).toBe(1);
    await patterns.happens('heartbeat');
    await patterns.pass('11m');
    expect((await patterns.read(id)).triggeredCount).toBe(2);
  });

  it('measures the value that an event says (R002-32)', async () => {
    const id = await patterns.make({
      ...{ type: 'threshold', eventType: 'temperature', metric: 'data.celsius', cooldown: '1s' },
      ...{ operator: '>', value: 30, window: '1m' },
    });
    for (const celsius of [29, 31, 32, 20, 'hot', 35]) {
      await patterns.happens('temperature', { celsius });
      await patterns.pass('2s');
    }
    expect((await patterns.matches(id)).map(({ detail }) => detail['value'])).toEqual([31, 35]);
  });
});

describe('an anomaly, live', () => {
  it('is a value that is far from those of the seven windows before (R002-33)', async () => {
    const id = await patterns.make({
      ...{ type: 'anomaly', eventType: 'api.call', metric: 'response_time', sensitivity: 'medium', window: '1h' },
    });
    for (let n = 0; n < 20; n++) await patterns.happens('api.call', { response_time: 100 + (n % 2) });
    await patterns.happens('api.call', { response_time: 500 });
    expect(await patterns.matches(id)).toEqual([]);
    await patterns.pass('2h');
    await patterns.happens('api.call', { response_time: 102 });
    await patterns.happens('api.call', { response_time: 900 });
    await patterns.happens('api.call', { response_time: 901 });
    expect((await patterns.matches(id)).map(({ detail }) => [detail['value'], detail['points']])).toEqual([[900, 21]]);
  });

  it('knows what was usual before it was made, and notices by the clock that nothing happens (R002-33)', async () => {
    for (let quarter = 0; quarter < 36; quarter++) {
      await patterns.happens('tick', { quarter });
      await patterns.pass('15m');
    }
    await patterns.happens('tick');
    const id = await patterns.make({
      ...{ type: 'anomaly', eventType: 'tick', metric: 'COUNT(*)', sensitivity: 'low', window: '1h' },
      direction: 'below',
    });
    await patterns.pass('1m');
    expect(await patterns.matches(id)).toEqual([]);
    await patterns.pass('20m');
    expect(await patterns.matches(id)).toMatchObject([{ detail: { value: 3, mean: 4, deviation: 0 } }]);
  });
});

describe('a query, live', () => {
  it('is asked by its own interval, and matches when its rows are others than before (R002-30)', async () => {
    const id = await patterns.make({
      type: 'sql',
      query: `select user_id, count(*)::int as n from events where type = 'cart.updated' group by user_id`,
      interval: '5m',
    });
    await patterns.pass('6m');
    expect(await patterns.matches(id)).toEqual([]);
    await patterns.happens('cart.updated', {}, { user_id: 'ann' });
    await patterns.pass('1m');
    expect(await patterns.matches(id)).toEqual([]);
    await patterns.pass('5m');
    expect(await patterns.matches(id)).toMatchObject([{ events: [{ user_id: 'ann', n: 1 }], detail: { rows: 1 } }]);
    await patterns.pass('5m');
    expect(await patterns.matches(id)).toHaveLength(1);
    await patterns.happens('cart.updated', {}, { user_id: 'bob' });
    await patterns.pass('5m');
    expect((await patterns.matches(id)).map(({ events }) => events.length)).toEqual([1, 2]);
  });

  it('says why it could not be asked, and is asked again at its next time (R002-30)', async () => {
    const id = await patterns.make({
      type: 'sql',
      query: `select (data->>'n')::int as n from events where type = 'odd'`,
      interval: '1m',
    });
    await patterns.happens('odd', { n: 'no number' });
    await patterns.pass('1m');
    expect(await patterns.read(id)).toMatchObject({
      triggeredCount: 0,
      lastError: expect.stringContaining('cannot reckon'),
    });
    await service.rows(`delete from events.events where metadata ->> 'type' = 'odd'`);
    await patterns.happens('odd', { n: 1 });
    await patterns.pass('1m');
    expect(await patterns.read(id)).toMatchObject({ triggeredCount: 1, lastError: null });
  });
});
