import { History } from '../../src/events/metrics/history.js';
import { Reconciling } from '../../src/events/metrics/reconciling.js';
import { Requests } from '../../src/events/metrics/requests.js';
import { Pipeline } from '../support/events.js';
import { workstream } from '../support/workstream.js';

const service = workstream();
const pipeline = new Pipeline(service);

interface Figures {
  total_events: number;
  pending: number;
  delivered: number;
  failed: number;
  queue_depth: number;
  dlq_count: number;
  last_processed_at: string;
  last_failure_at: string | null;
  processing_rate: number;
  processing_time: { p50: number | null };
}
interface Past {
  metric_id: number;
  metric_type: string;
  endpoint: string;
  value: number;
  unit: string;
  data_points: number;
  confidence: number;
}
const figures = () => service.done<Figures>('GET', '/api/events/metrics');
const history = (query = '') =>
  service.ask<{ data: Past[]; nextCursor: string | null; time_range: string }>('GET', `/api/metrics/history${query}`);

describe('the figures (R003-17, R003-46)', () => {
  it('are none where there were no events', async () => {
    expect(await figures()).toMatchObject({
      total_events: 0,
      pending: 0,
      queue_depth: 0,
      dlq_count: 0,
      last_processed_at: null,
      processing_time: { p50: null },
    });
  });

  it('tell how many events there are, how many are under way, and how long they take', async () => {
    await pipeline.send();
    expect(await figures()).toMatchObject({ total_events: 0, queue_depth: 1 });
    await pipeline.work();
    await pipeline.send({}, {}, '?debug=dlq_routing');
    await pipeline.work();
    expect(await figures()).toEqual({
      ...{ total_events: 2, pending: 0, delivered: 1, failed: 1, queue_depth: 0, dlq_count: 1 },
      ...{ last_processed_at: expect.any(String), last_failure_at: expect.any(String) },
      processing_rate: 0.017,
      last_processing_time_ms: expect.any(Number),
      processing_time: { p50: expect.any(Number), p95: expect.any(Number), p99: expect.any(Number) },
    });
  });

  it('are there under the names that dashboards know', async () => {
    const rows = await service.rows<{ key: string; value: string }>(
      `select key, value from events.metrics where tenant = 'demo'`,
    );
    expect(Object.fromEntries(rows.map(({ key, value }) => [key, value]))).toMatchObject({
      'metrics:events:total': '2',
      'metrics:events:pending': '0',
      'metrics:events:delivered': '1',
      'metrics:events:failed': '1',
      'metrics:dlq:count': '1',
      'metrics:last_processed_at': expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      'metrics:last_failure_at': expect.stringMatching(/Z$/),
    });
  });
});

describe('the counters (R003-19, R003-20)', () => {
  it('are spread by event id, those counted together by the id of one', async () => {
    for (let n = 0; n < 20; n++) {
      await pipeline.send({ n });
      await pipeline.work();
    }
    const shards = await service.rows('select distinct shard from events.metric_counters');
    expect(shards.length).toBeGreaterThan(3);
  });

  it('are held against the rows, and what differs is told', async () => {
    const reconciling = service.live.app.get(Reconciling);
    expect(await reconciling.compare()).toEqual([]);
    await service.rows(
      `update events.metric_counters set value = value + 3 where ctid = (select ctid from events.metric_counters where key = 'metrics:events:delivered' limit 1)`,
    );
    const { delivered } = await figures();
    expect(await reconciling.compare()).toEqual([
      { tenant: 'demo', key: 'delivered', counted: delivered, found: delivered - 3 },
    ]);
    await service.rows(
      `update events.metric_counters set value = value - 3 where ctid = (select ctid from events.metric_counters where key = 'metrics:events:delivered' order by updated_at limit 1)`,
    );
    expect(await reconciling.compare()).toEqual([]);
  });
});

describe('the history of figures (R003-46, R003-50)', () => {
  it('has how requests went, by route, and how many events there were', async () => {
    await service.live.app.get(History).take();
    const { body } = await history('?limit=200');
    expect(body.time_range).toBe('last-hour');
    const found = (type: string, endpoint: string) =>
      body.data.find((past) => past.metric_type === type && past.endpoint === endpoint);
    expect(found('events_total', 'pipeline')).toMatchObject({ unit: 'events', data_points: 1, confidence: 1 });
    const latency = found('latency_p95', 'POST /api/events');
    expect(latency).toMatchObject({ unit: 'ms', data_points: 22, confidence: 0.022 });
    expect(latency?.value).toBeGreaterThan(0);
    expect(found('error_rate', 'POST /api/events')).toMatchObject({ unit: 'percent', value: 0 });
    expect(found('throughput', 'POST /api/events')).toMatchObject({ unit: 'requests/s' });
  });

  it('is read in pages, by type and by range', async () => {
    const first = await history('?limit=1&metric_type=events_total&time_range=last-24-hours');
    expect(first.body).toMatchObject({ time_range: 'last-24-hours', data: [{ metric_type: 'events_total' }] });
    const rest = await history(`?limit=1&metric_type=events_total&cursor=${first.body.nextCursor}`);
    expect(rest.body.data).toEqual([]);
    expect((await history('?time_range=last-week')).status).toBe(400);
  });

  it('is written once for all processes, and forgotten after two days', async () => {
    await service.live.app.get(History).take();
    const totals = async () =>
      (await service.rows(`select 1 from events.metrics_history where metric_type = 'events_total'`)).length;
    expect(await totals()).toBe(1);
    await pipeline.pass('49h');
    await service.live.app.get(History).take();
    expect(await totals()).toBe(1);
  });
});

describe('requests', () => {
  it('are counted in windows, and their latencies are those of the last thousand', () => {
    const requests = new Requests();
    const at = Date.UTC(2026, 0, 1);
    for (let n = 1; n <= 1_500; n++) requests.note('demo', 'GET /x', n, n % 10 === 0, at);
    const value = (type: string, when: number) =>
      requests.measured(when).find(({ metric_type }) => metric_type === type)?.value;
    expect([value('latency_p50', at), value('latency_p99', at)]).toEqual([1_000, 1_490]);
    expect(value('error_rate', at)).toBe(10);
    expect(value('throughput', at)).toBe(25);
    expect(value('throughput', at + 120_000)).toBe(0);
    expect(requests.measured(at + 600_000)).toEqual([]);
  });
});

describe('cleaning up (R003-46)', () => {
  it('takes away what was processed more than 24 hours ago, and leaves it counted and its dead letters replayable', async () => {
    const [old, bad] = [await pipeline.send(), await pipeline.send({}, {}, '?debug=dlq_routing')];
    await pipeline.work();
    await pipeline.pass('25h');
    const fresh = await pipeline.send();
    await pipeline.work();
    const before = await figures();
    const cleaned = await service.done<{ deleted: number; delivered: number; failed: number }>(
      'POST',
      '/admin/cleanup',
      undefined,
      'admin',
    );
    expect(cleaned.deleted).toBe(cleaned.delivered + cleaned.failed);
    expect(cleaned.failed).toBeGreaterThanOrEqual(1);
    expect([await pipeline.row(old), await pipeline.row(bad)]).toEqual([undefined, undefined]);
    expect(await pipeline.row(fresh)).toMatchObject({ status: 'delivered' });
    expect(await figures()).toMatchObject({
      total_events: before.total_events,
      delivered: before.delivered,
      failed: before.failed,
    });
    const [letter] = await pipeline.letters(bad);
    await service.done('POST', `/admin/dlq/${letter?.id}/replay`, undefined, 'admin');
    await pipeline.work();
    expect(await pipeline.row(bad)).toMatchObject({ status: 'delivered', retry_count: 1 });
    expect(await figures()).toMatchObject({
      total_events: before.total_events,
      delivered: before.delivered + 1,
      failed: before.failed - 1,
    });
    expect(await service.live.app.get(Reconciling).compare()).toEqual([]);
    expect((await service.ask('POST', '/admin/cleanup', undefined, 'sales')).status).toBe(403);
  });
});
