import { TEMPLATES } from '../../../src/automation/patterns/templates.js';
import { Patterns } from '../../support/patterns.js';
import { workstream } from '../../support/workstream.js';

const service = workstream();
const patterns = new Patterns(service);
const EVENT = { type: 'event', eventType: 'a.b' };
const THRESHOLD = { type: 'threshold', eventType: 'a', metric: 'COUNT(*)', operator: '>', value: 5, window: '5m' };

describe('patterns are written', () => {
  it('under ids of one’s own, listed newest first, page by page, and taken away (R002-3, R002-10, R002-27)', async () => {
    for (const id of ['pat_1', 'pat_2', 'pat_3']) {
      await patterns.make(EVENT, { id, name: id });
      await service.done('POST', '/admin/clock', { advance: '1s' }, 'admin');
    }
    const list = (query: string) =>
      service.done<{ data: { id: string }[]; metadata: object }>('GET', `/api/automation/patterns?${query}`);
    const first = await list('limit=2');
    expect(first).toMatchObject({
      success: true,
      data: [{ id: 'pat_3' }, { id: 'pat_2' }],
      metadata: { page: 1, limit: 2, total: 3, hasMore: true },
    });
    expect(await list('limit=2&page=2')).toMatchObject({ data: [{ id: 'pat_1' }], metadata: { hasMore: false } });
    expect((await list('type=sql')).data).toEqual([]);
    expect(first.data[0]).toMatchObject({
      ...{ name: 'pat_3', description: null, enabled: true, pattern: EVENT, workflowId: expect.any(String) },
      ...{ triggeredCount: 0, lastTriggered: null, createdAt: expect.any(String), updatedAt: expect.any(String) },
    });
    expect(await patterns.refused(EVENT, { id: 'pat_1' })).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
    expect(await service.done('DELETE', '/api/automation/patterns/pat_2')).toMatchObject({ data: { deleted: true } });
    expect((await service.ask('GET', '/api/automation/patterns/pat_2')).status).toBe(404);
    expect((await service.ask('DELETE', '/api/automation/patterns/pat_2')).status).toBe(404);
  });

  it('once for each Idempotency-Key (R002-27)', async () => {
    const body = { name: 'Once', workflowId: await patterns.workflowId, pattern: EVENT };
    const ask = (more: object = {}) =>
      service.ask<{ data: { id: string } }>('POST', '/api/automation/patterns', { ...body, ...more }, 'sales', {
        'idempotency-key': 'once',
      });
    const [first, second] = [await ask(), await ask()];
    expect(first.status).toBe(201);
    expect(second.body.data.id).toBe(first.body.data.id);
    expect((await ask({ name: 'Twice' })).status).toBe(422);
  });

  it('by those who may, and read by others (R002-8)', async () => {
    const body = { name: 'Mine', workflowId: await patterns.workflowId, pattern: EVENT };
    expect((await service.ask('POST', '/api/automation/patterns', body, 'viewer')).status).toBe(403);
    expect((await service.ask('GET', '/api/automation/patterns', undefined, 'viewer')).status).toBe(200);
    expect((await service.ask('POST', '/api/events/query', { query: 'select 1 as n' }, 'viewer')).status).toBe(200);
    expect((await service.ask('GET', '/api/automation/patterns', undefined, 'investor')).status).toBe(403);
    expect((await service.ask('POST', '/api/events/query', { query: 'select 1 as n' }, 'investor')).status).toBe(403);
  });

  it('from templates, each of which is a pattern (R002-35)', async () => {
    const { data } = await service.done<{ data: { name: string; pattern: object }[] }>(
      'GET',
      '/api/automation/patterns/templates',
    );
    expect(data.map(({ name }) => name)).toEqual([
      'High-Value Signup',
      'Abandoned Cart',
      'Failed Login Threshold',
      'User Journey Sequence',
      'API Latency Spike',
    ]);
    for (const { pattern } of data) await patterns.make(pattern);
    expect(TEMPLATES).toHaveLength(5);
  });

  it('for a workflow that there is', async () => {
    expect(await patterns.refused(EVENT, { workflowId: 'wf_none' })).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'workflowId' }] },
    });
  });
});

describe('a pattern is refused', () => {
  it.each<[string, object, string]>([
    ['without a type that there is', { type: 'other' }, 'pattern.type'],
    ['without what its type needs', { type: 'event' }, 'pattern.eventType'],
    ['with a field that it has not', { ...EVENT, query: 'select 1' }, 'pattern.query'],
    ['with a star in the middle', { ...EVENT, eventType: 'a.*.b' }, 'pattern.eventType'],
    ['with operators and something else', { ...EVENT, conditions: { n: { gt: 1, than: 2 } } }, 'pattern.conditions.n'],
    ['with a list of many', { ...EVENT, conditions: { n: { in: 7 } } }, 'pattern.conditions.n.in'],
    ['with exists and no truth', { ...EVENT, conditions: { n: { exists: 'yes' } } }, 'pattern.conditions.n.exists'],
    ['with more than null', { ...EVENT, conditions: { n: { gt: null } } }, 'pattern.conditions.n.gt'],
    [
      'with more conditions than 20',
      { ...EVENT, conditions: Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`f${n}`, n])) },
      'pattern.conditions',
    ],
    ['with a sequence of one', { type: 'sequence', events: [{ eventType: 'a' }] }, 'pattern.events'],
    ['with a window of nothing', { ...THRESHOLD, window: '0m' }, 'pattern.window'],
    ['with a window of weeks', { ...THRESHOLD, window: '2w' }, 'pattern.window'],
    ['with a metric that there is not', { ...THRESHOLD, metric: 'MEDIAN(data.x)' }, 'pattern.metric'],
    ['with a metric that is SQL', { ...THRESHOLD, metric: 'COUNT(*)) from engine.instances --' }, 'pattern.metric'],
    ['with a group that is SQL', { ...THRESHOLD, groupBy: "x' or true --" }, 'pattern.groupBy'],
    ['with an operator that there is not', { ...THRESHOLD, operator: '=~' }, 'pattern.operator'],
    ['with a value that is no number', { ...THRESHOLD, value: '5' }, 'pattern.value'],
    ['with a query that is none', { type: 'sql', query: 'delete from events', interval: '5m' }, 'pattern.query'],
    ['with an interval of its own', { type: 'sql', query: 'select 1', interval: '7m' }, 'pattern.interval'],
    ['of more than 16,384 characters', { ...EVENT, conditions: { n: 'x'.repeat(17_000) } }, 'pattern'],
  ])('%s (R002-28 to R002-34)', async (_, pattern, field) => {
    const { status, body } = await patterns.refused(pattern);
    expect({ status, code: body.code, fields: body.errors.map((error) => error.field) }).toEqual({
      status: 400,
      code: 'PATTERN_ERROR',
      fields: expect.arrayContaining([field]),
    });
  });

  it('with the window that is wrong in its words (R002-34)', async () => {
    expect((await patterns.refused({ ...THRESHOLD, window: 'soon' })).body.detail).toContain(
      'Invalid time window: soon',
    );
  });
});

describe('a trial', () => {
  const ask = (pattern: object, start: number, end: number, more: object = {}) =>
    service.ask<{ data: { matches: number; results: { events: object[] }[]; truncated: boolean } }>(
      'POST',
      '/api/automation/patterns/test',
      { pattern, timeRange: { start, end }, ...more },
    );
  let start = 0;
  let end = 0;

  beforeAll(async () => {
    start = await businessNow();
    for (let n = 0; n < 8; n++) {
      await patterns.happens('trial.step', { n }, { user_id: n % 2 === 0 ? 'ann' : 'bob' });
      await service.done('POST', '/admin/clock', { advance: '1m' }, 'admin');
    }
    end = await businessNow();
  });

  it.each<[string, object, number]>([
    ['an event', { type: 'event', eventType: 'trial.*', conditions: { n: { gte: 6 } } }, 2],
    [
      'a sequence',
      { type: 'sequence', events: [{ eventType: 'trial.step' }, { eventType: 'trial.step', within: '3m' }] },
      4,
    ],
    ['a threshold', { ...THRESHOLD, eventType: 'trial.step', value: 2, window: '4m' }, 1],
    [
      'an anomaly that cannot be known',
      { type: 'anomaly', eventType: 'trial.step', metric: 'n', sensitivity: 'high', window: '1m' },
      0,
    ],
    ['a query', { type: 'sql', query: `select id from events where type = 'trial.step'`, interval: '1d' }, 8],
  ])('tells what %s would have found, and starts nothing (R002-27)', async (_, pattern, matches) => {
    const { status, body } = await ask(pattern, start, end);
    expect({ status, matches: body.data.matches, truncated: body.data.truncated }).toEqual({
      status: 200,
      matches,
      truncated: false,
    });
    expect(await service.rows(`select 1 from automation.pattern_matches where detail ->> 'window' = '4m'`)).toEqual([]);
  });

  it('looks at no event outside of its time, and at no other account (R002-27)', async () => {
    expect((await ask({ type: 'event', eventType: '*' }, start - 1_000_000, start)).body.data.matches).toBe(0);
    expect((await ask({ type: 'event', eventType: '*' }, end, start)).status).toBe(400);
    expect((await ask({ type: 'event', eventType: '*' }, start, end, { accountId: 'elsewhere' })).status).toBe(404);
  });
});

const businessNow = async (): Promise<number> => {
  const [row] = await service.rows<{ at: number }>('select (extract(epoch from engine.now()) * 1000)::float8 as at');
  return row?.at ?? 0;
};
