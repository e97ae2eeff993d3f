import { alarms } from '../../src/deals/deals.alarms.js';
import type { Dashboard, KindTotals, TimeToGoal } from '../../src/deals/deals.dashboard.dto.js';
import { ndaService } from '../support/ndas.js';

const HOUR = 3_600_000;

describe('the figures that should worry somebody (R000-96)', () => {
  const totals = (more: Partial<KindTotals>): KindTotals => ({
    type: 'nda',
    total: 0,
    live: 0,
    ended: 0,
    failed: 0,
    ...more,
  });
  const took = (p95Ms: number): TimeToGoal => ({
    type: 'nda',
    count: 1,
    p50Ms: 0,
    p95Ms,
    p99Ms: 0,
    slowAfterMs: 24 * HOUR,
  });
  const raised = (byType: KindTotals[], timeToGoal: TimeToGoal[] = [], work = { done: 100, dead: 0 }) =>
    alarms({ byType, timeToGoal }, work).map(({ metric, level, limit }) => [metric, level, limit]);

  it.each([
    [5, []],
    [6, [['error_rate', 'warning', 0.05]]],
    [10, [['error_rate', 'warning', 0.05]]],
    [11, [['error_rate', 'critical', 0.1]]],
  ])('are effects of which %i of 100 were given up', (dead, alerts) =>
    expect(raised([], [], { done: 100 - dead, dead })).toEqual(alerts),
  );

  it.each([
    [1_000, []],
    [1_001, [['active', 'warning', 1_000]]],
    [5_001, [['active', 'critical', 5_000]]],
  ])('are %i live deals', (live, alerts) =>
    expect(raised([totals({ live: live - 1 }), totals({ live: 1 })])).toEqual(alerts),
  );

  it.each([
    [5, []],
    [6, [['success_rate', 'warning', 0.95]]],
    [11, [['success_rate', 'critical', 0.9]]],
  ])('are deals of which %i of 100 failed', (failed, alerts) =>
    expect(raised([totals({ ended: 100, failed })])).toEqual(alerts),
  );

  it.each([
    [24, []],
    [25, [['p95', 'warning', 24 * HOUR]]],
    [49, [['p95', 'critical', 48 * HOUR]]],
  ])('are NDAs of which one in twenty takes longer than %i hours', (hours, alerts) =>
    expect(raised([], [took(hours * HOUR)])).toEqual(alerts),
  );

  it('are none where nothing has happened', () => expect(raised([totals({})], [], { done: 0, dead: 0 })).toEqual([]));
});

describe('the dashboard of deals', () => {
  const ndas = ndaService();
  const read = async () => (await ndas.call<Dashboard>('admin', 'GET', '/admin/deals/dashboard')).body;

  it('counts deals by kind, state and hour, how far they came and how long that took (R000-96)', async () => {
    await ndas.active();
    await ndas.inCreatorReview();
    await ndas.begun();
    const dashboard = await read();
    expect(dashboard.byType).toEqual([
      { type: 'investment', total: 1, live: 1, ended: 0, failed: 0 },
      { type: 'nda', total: 2, live: 2, ended: 0, failed: 0 },
      { type: 'production', total: 0, live: 0, ended: 0, failed: 0 },
    ]);
    expect(dashboard.byState).toEqual([
      { type: 'investment', status: 'NEGOTIATION', count: 1 },
      { type: 'nda', status: 'ACTIVE', count: 1 },
      { type: 'nda', status: 'CREATOR_REVIEW', count: 1 },
    ]);
    const { hours, days, weeks } = dashboard.series;
    expect([hours.length, days.length, weeks.length]).toEqual([24, 7, 4]);
    for (const buckets of [hours, days, weeks]) {
      expect(buckets.reduce((sum, { begun }) => sum + begun, 0)).toBe(3);
      expect(buckets.at(-1)).toMatchObject({ ended: 0 });
    }
    expect(dashboard.timeToGoal.find(({ type }) => type === 'nda')).toMatchObject({
      count: 1,
      p95Ms: expect.any(Number),
      slowAfterMs: 24 * HOUR,
    });
    expect(dashboard.funnel.filter(({ type }) => type === 'nda')).toMatchObject([
      { status: 'DRAFT', count: 2, conversion: '100.00%', averageMs: expect.any(Number) },
      { status: 'PENDING', count: 2, conversion: '100.00%' },
      { status: 'AUTO_APPROVED', count: 1, conversion: '50.00%' },
      { status: 'CREATOR_REVIEW', count: 1, conversion: '50.00%', averageMs: null },
      { status: 'SIGNED', count: 1 },
      { status: 'ACTIVE', count: 1, conversion: '50.00%' },
    ]);
    expect(dashboard.alerts).toEqual([]);
  });

  it('is counted anew after five minutes, and not before', async () => {
    const { at } = await read();
    await ndas.asked();
    expect((await read()).at).toBe(at);
    expect(await ndas.call('creator', 'GET', '/admin/deals/dashboard')).toMatchObject({ status: 403 });
  });
});
