import { ensureTenant } from '../../src/auth/api-keys.js';
import { Tokens } from '../../src/auth/tokens.js';
import { TimerWorker } from '../../src/engine/workers/timer.worker.js';
import { Database } from '../../src/platform/database.js';
import { WorkstreamFigures } from '../../src/workstream/today/workstream.figures.js';
import { workstream } from '../support/workstream.js';

const pipe = workstream();

const pass = async (by: string) => {
  await pipe.done('POST', '/admin/clock', { advance: by }, 'admin');
  const worker = pipe.live.app.get(TimerWorker);
  while (await worker.turn());
};
const value = async (sql: string, ...values: unknown[]): Promise<unknown> =>
  Object.values((await pipe.rows<Record<string, unknown>>(`select ${sql} as value`, ...values))[0] ?? {})[0];

interface TodayItem {
  item_type: string;
  item_id: number;
  badge: string;
  priority_score: number;
  priority_tier: string;
  sla_metric: string | null;
  owner_user_id: string;
  due_date: string | null;
}
const today = async (query = ''): Promise<{ data: TodayItem[]; pagination: { total: number } }> =>
  pipe.done('GET', `/api/workstream/today?${query}`);
const triaged = async (more: object = {}): Promise<number> => {
  const id = await pipe.candidate(more);
  await pipe.done('POST', `/api/candidates/${id}/status`, { to: 'triaged' });
  return id;
};
const of = ({ data }: { data: TodayItem[] }, type: string, id: number) =>
  data.find((item) => item.item_type === type && item.item_id === id);

describe('the priority of a candidate (R001-49)', () => {
  it.each([
    [true, 0, 'low', 'new', 0, 105],
    [false, 169, 'low', 'new', 0, 55],
    [false, 168, 'low', 'new', 0, 30],
    [false, 73, 'low', 'new', 0, 30],
    [false, 72, 'low', 'new', 0, 15],
    [false, 0, 'high', 'promoted', 0, 65],
    [false, 0, 'high', 'nurture', 0, 55],
    [false, 0, 'med', 'triaged', 0, 35],
    [false, 0, 'med', 'on_hold', 0, 30],
    [true, 500, 'high', 'nurture', 7, 131],
  ])('breached %p, idle %d h, band %s, %s, %d open: %d', async (breached, idle, band, status, load, score) =>
    expect(
      await value(
        `workstream.candidate_priority($1, $2 * interval '1 hour', $3, $4, $5)`,
        breached,
        idle,
        band,
        status,
        load,
      ),
    ).toBe(score),
  );
});

describe('the priority of a pursuit (R001-50)', () => {
  it.each([
    [true, 5, 0, 'qual', null, 0, 115],
    [false, -1, 0, 'qual', null, 0, 90],
    [false, 0, 0, 'qual', null, 0, 65],
    [false, 3, 0, 'qual', null, 0, 65],
    [false, 4, 0, 'qual', null, 0, 35],
    [false, null, null, 'qual', null, 0, 35],
    [false, 9, 100_000, 'submit', 8, 0, 115],
    [false, 9, 99_999, 'red', 7.9, 0, 80],
    [false, 9, 50_000, 'pink', 6, 0, 70],
    [false, 9, 25_000, 'qual', 4, 0, 50],
    [false, 9, 24_999, 'qual', 3.9, 2, 29],
  ])(
    'breached %p, %p days left, $%p, %s, compliance %p, %d open: %d',
    async (breached, days, usd, stage, compliance, load, score) =>
      expect(
        await value(
          'workstream.pursuit_priority($1, $2, $3, $4, $5, $6)',
          breached,
          days,
          usd,
          stage,
          compliance,
          load,
        ),
      ).toBe(score),
  );

  it.each([
    [100, 'critical'],
    [99, 'high'],
    [75, 'high'],
    [74, 'medium'],
    [50, 'medium'],
    [49, 'low'],
    [-3, 'low'],
  ])('%d is %s (R001-51)', async (score, tier) =>
    expect(await value('workstream.priority_tier($1)', score)).toBe(tier),
  );
});

describe('the panel of today (R001-47, R001-48)', () => {
  it('has open candidates and pursuits, and nothing else', async () => {
    const fresh = await pipe.candidate();
    const open = await triaged({ owner_user_id: 'panel' });
    const pursuit = await pipe.pursuit({ owner_user_id: 'panel' });
    const panel = await today('limit=200');
    expect(of(panel, 'candidate', open)).toEqual({
      item_type: 'candidate',
      item_id: open,
      label: 'A new website',
      status: 'triaged',
      last_touch_at: expect.any(String),
      due_date: null,
      sla_metric: null,
      badge: 'green',
      // 10 untouched for less than three days + 5 without a band + 10 triaged - 2 for one open candidate
      priority_score: 23,
      priority_tier: 'low',
      owner_user_id: 'panel',
    });
    expect(of(panel, 'pursuit', pursuit)).toMatchObject({ status: 'qual', badge: 'green' });
    expect(of(panel, 'candidate', fresh)).toBeUndefined();
    expect(of(panel, 'candidate', pursuit)).toBeUndefined();
  });

  it('shows what is broken in red, with the metric of its rule, and what is late in amber (R001-52)', async () => {
    const stale = await triaged({ owner_user_id: 'badges' });
    const promised = await pipe.pursuit({ owner_user_id: 'badges' });
    const late = await pipe.pursuit({ owner_user_id: 'badges' });
    await pipe.done('PUT', `/api/pursuits/${late}`, { capture_lead_id: 'badges', due_date: '2020-01-01' });
    await pipe.done('PUT', `/api/pursuits/${promised}`, { capture_lead_id: 'badges' });
    expect(of(await today('limit=200'), 'pursuit', late)).toMatchObject({ badge: 'amber', due_date: '2020-01-01' });
    await pass('74h');
    const mine = await today('owner_user_id=badges');
    // The promise of a proposal is the candidate's, and the pursuit's to keep.
    expect(of(mine, 'pursuit', promised)).toMatchObject({
      badge: 'red',
      sla_metric: 'proposal_sla',
      priority_tier: 'critical',
    });
    expect(of(mine, 'candidate', stale)).toMatchObject({ badge: 'amber', priority_score: 25 + 5 + 10 - 2 });
    expect(mine.pagination.total).toBe(3);
    const badges = (await today('owner_user_id=badges&sort=badge')).data.map(({ badge }) => badge);
    expect(badges).toEqual(
      [...badges].sort(
        (left, right) => ['red', 'amber', 'green'].indexOf(left) - ['red', 'amber', 'green'].indexOf(right),
      ),
    );
  });

  it('takes the day from the calendar of the organisation (R001-87)', async () => {
    const id = await pipe.pursuit({ owner_user_id: 'zone' });
    const [row] = await pipe.rows<{ east: string; west: string }>(
      `select (engine.now() at time zone 'Pacific/Kiritimati')::date::text as east, (engine.now() at time zone 'Pacific/Pago_Pago')::date::text as west`,
    );
    // In the east it is a day later for most of the day and never earlier: what is due in the west today is overdue there, or today.
    await pipe.done('PUT', `/api/pursuits/${id}`, { due_date: row?.west });
    await pipe.done('PUT', '/api/sla/calendar', { zone: 'Pacific/Pago_Pago' }, 'admin');
    expect(of(await today('limit=200'), 'pursuit', id)?.badge).toBe('green');
    await pipe.done('PUT', '/api/sla/calendar', { zone: 'Pacific/Kiritimati' }, 'admin');
    expect(of(await today('limit=200'), 'pursuit', id)?.badge).toBe(row?.east === row?.west ? 'green' : 'amber');
    await pipe.done('PUT', '/api/sla/calendar', { zone: null }, 'admin');
  });

  it('is ordered, paged and counted as a whole, both kinds together (R001-52)', async () => {
    for (let nth = 0; nth < 5; nth++) await triaged({ owner_user_id: 'pages', value_band: nth < 2 ? 'high' : 'low' });
    const all = await today('owner_user_id=pages');
    const scores = all.data.map(({ priority_score }) => priority_score);
    expect(scores).toEqual([...scores].sort((left, right) => right - left));
    const pages = await Promise.all([1, 2, 3].map((page) => today(`owner_user_id=pages&limit=2&page=${page}`)));
    expect(pages.flatMap(({ data }) => data)).toEqual(all.data);
    expect(pages.map(({ pagination }) => pagination.total)).toEqual([5, 5, 5]);
  });

  it('is narrowed by tier, type, status and stage', async () => {
    const panel = await today('limit=200');
    for (const tier of ['critical', 'high', 'medium', 'low'])
      expect((await today(`priority_tier=${tier}&limit=200`)).pagination.total).toBe(
        panel.data.filter(({ priority_tier }) => priority_tier === tier).length,
      );
    expect((await today('item_type=pursuit&limit=200')).data.every(({ item_type }) => item_type === 'pursuit')).toBe(
      true,
    );
    expect((await today('stage=qual')).pagination.total).toBeGreaterThan(0);
    expect((await today('status=promoted')).pagination.total).toBe(0);
    for (const wrong of [
      'limit=201',
      'page=0',
      'sort=name',
      'priority_tier=urgent',
      'status=triaged&stage=qual',
      'extra=1',
    ])
      expect([wrong, (await pipe.ask('GET', `/api/workstream/today?${wrong}`)).status]).toEqual([wrong, 400]);
  });

  it('is the same as the view for operators', async () => {
    const panel = await today('limit=200');
    const view = await pipe.rows<{
      item_type: string;
      item_id: number;
      badge: string;
      priority_score: number;
      priority_tier: string;
    }>(
      `select item_type, item_id::int as item_id, badge, priority_score, priority_tier from app.v_today_panel where org_id = 1 order by item_type, item_id`,
    );
    const key = ({ item_type, item_id, badge, priority_score, priority_tier }: TodayItem | (typeof view)[number]) => ({
      item_type,
      item_id,
      badge,
      priority_score,
      priority_tier,
    });
    const byItem = [...panel.data].sort(
      (left, right) => left.item_type.localeCompare(right.item_type) || left.item_id - right.item_id,
    );
    expect(view.map(key)).toEqual(byItem.map(key));
  });
});

describe('the boards and figures', () => {
  it('count everything, and what is new (R001-44)', async () => {
    const before = await pipe.done<Record<'signals', { total: number; recent: number }>>(
      'GET',
      '/api/workstream/stats?org_id=1',
    );
    await pipe.signal();
    expect(await pipe.done('GET', '/api/workstream/stats')).toMatchObject({
      signals: { total: before.signals.total + 1, recent: before.signals.recent + 1 },
    });
    await pass('8d');
    expect(await pipe.done('GET', '/api/workstream/stats')).toMatchObject({
      signals: { total: before.signals.total + 1, recent: 0 },
      candidates: { recent: 0 },
    });
  });

  it('show candidates and pursuits as boards do (R001-43)', async () => {
    const id = await triaged({ owner_user_id: 'board', one_liner_scope: 'A site' });
    expect(await pipe.done('GET', '/api/workstream/candidates?owner_user_id=board')).toEqual({
      data: [
        {
          id,
          title: 'A new website',
          one_liner_scope: 'A site',
          status: 'triaged',
          owner_user_id: 'board',
          last_touch_at: expect.any(String),
          days_since_touch: 0,
          has_threads: false,
          has_docs: false,
        },
      ],
      pagination: { page: 1, limit: 50, total: 1 },
      nextCursor: null,
    });
    const pursuit = await pipe.pursuit({ owner_user_id: 'board' });
    const board = async () =>
      (
        await pipe.done<{ data: { id: number; sla_badge: string | null }[] }>(
          'GET',
          '/api/workstream/pursuits?stage=qual&limit=200',
        )
      ).data.find((row) => row.id === pursuit);
    expect(await board()).toMatchObject({ title: 'A new website', stage: 'qual', sla_badge: null });
    await pass('8d');
    expect(await board()).toMatchObject({ sla_badge: 'stale' });
    await pipe.done('PUT', `/api/pursuits/${pursuit}`, { due_date: '2020-01-01' });
    expect(await board()).toMatchObject({ sla_badge: 'overdue' });
    const signal = await pipe.signal();
    expect(await pipe.done('GET', '/api/workstream/signals?status=new&limit=1')).toMatchObject({
      data: [{ signal_id: signal, status: 'new' }],
    });
  });

  it('tell how much everybody has to do, and how the pipeline does', async () => {
    await triaged({ owner_user_id: 'busy' });
    await triaged({ owner_user_id: 'busy' });
    const { data } = await pipe.done<{ data: object[] }>('GET', '/api/workstream/workload-analysis?limit=200');
    expect(data).toContainEqual({
      owner_user_id: 'busy',
      open_candidates: 2,
      open_pursuits: 0,
      overdue_pursuits: 0,
      stale_candidates: 0,
      forecast_value_usd: 0,
      open_breaches: 0,
    });
    const funnel = await pipe.done<{ data: object[]; conversion: Record<string, number> }>(
      'GET',
      '/api/workstream/funnel',
    );
    expect(funnel.data).toContainEqual({ item_type: 'candidate', state: 'triaged', items: expect.any(Number) });
    expect(funnel.conversion['promoted_candidates']).toBeGreaterThan(0);
    expect(await pipe.done('GET', '/api/workstream/sla-summary')).toMatchObject({
      data: expect.arrayContaining([expect.objectContaining({ metric: 'proposal_sla' })]),
    });
    expect((await pipe.ask('GET', '/api/workstream/pursuit-performance')).status).toBe(200);
    expect(await pipe.done('GET', '/api/workstream/comms-lag')).toMatchObject({
      data: expect.arrayContaining([expect.objectContaining({ owner_user_id: 'busy', items: 2 })]),
    });
  });

  it('are figures for Prometheus (R001-83)', async () => {
    await pipe.live.app.get(WorkstreamFigures).refresh();
    const text = await (await fetch(`${pipe.live.url}/metrics`)).text();
    for (const line of [
      /statewright_workstream_signals\{span="day"\} \d/,
      /statewright_workstream_sla_open_breaches\{metric="proposal_sla"\} [1-9]/,
      /statewright_workstream_sla_compliance_percent\{metric="proposal_sla"\} \d/,
      /statewright_workstream_conversion_percent\{step="signal_to_candidate"\} \d/,
      /statewright_workstream_conversion_percent\{step="candidate_to_pursuit"\} \d/,
      /statewright_workstream_events\{state="waiting"\} \d/,
      /statewright_workstream_events\{state="dead"\} 0/,
      /statewright_workstream_event_lag_seconds\{queue="outbox"\} \d/,
    ])
      expect(text).toMatch(line);
  });

  it('work as SQL for operators, every view and the three questions as written (R001-20, R001-84)', async () => {
    for (const view of [
      'v_today_panel',
      'v_user_workload_analysis',
      'v_pursuit_checklist_ready',
      'v_workstream_funnel',
      'v_workstream_sla',
      'v_pursuit_performance',
      'v_sla_summary',
      'v_conversion_funnel',
      'v_comms_lag',
    ])
      expect((await pipe.rows(`select * from app.${view} limit 1`)).length).toBeLessThanOrEqual(1);
    await pipe.work();
    const [before] = await pipe.rows<{ count: string }>(
      'SELECT COUNT(*) FROM app.work_event WHERE processed_at IS NULL',
    );
    await pipe.advance(await pipe.pursuit({ contact_email: 'pat@example.com' }), 'submit');
    const [after] = await pipe.rows<{ count: string }>(
      'SELECT COUNT(*) FROM app.work_event WHERE processed_at IS NULL',
    );
    // The mail and the word to the team.
    expect(Number(after?.count) - Number(before?.count)).toBe(2);
    expect(
      await pipe.rows('SELECT * FROM app.sla_breach WHERE resolved_at IS NULL ORDER BY breached_at DESC'),
    ).not.toHaveLength(0);
    expect(
      await pipe.rows('SELECT claimed_by, COUNT(*) FROM app.work_event WHERE processed_at IS NULL GROUP BY claimed_by'),
    ).toHaveLength(1);
    await pipe.work();
    const [done] = await pipe.rows<{ count: string }>('SELECT COUNT(*) FROM app.work_event WHERE processed_at IS NULL');
    expect(done?.count).toBe(before?.count);
  });

  it('never show another organisation anything', async () => {
    await pipe.live.app.get(Database).system((tx) => ensureTenant(tx, 'other'));
    const { token } = await pipe.live.app
      .get(Tokens)
      .mint({ tenant: 'other', userId: 'stranger', roles: ['admin'] }, 3_600);
    const foreign = async (path: string) => pipe.live.call('GET', path, undefined, token);
    for (const path of ['today', 'signals', 'candidates', 'pursuits', 'workload-analysis'])
      expect((await foreign(`/api/workstream/${path}`)).body).toMatchObject({ data: [], pagination: { total: 0 } });
    for (const path of ['sla-summary', 'pursuit-performance', 'comms-lag'])
      expect((await foreign(`/api/workstream/${path}`)).body).toEqual({ data: [] });
    expect((await foreign('/api/workstream/stats')).body).toMatchObject({
      signals: { total: 0 },
      candidates: { total: 0 },
      pursuits: { total: 0 },
    });
    expect((await foreign('/api/workstream/funnel')).body).toMatchObject({ data: [], conversion: { signals: 0 } });
    expect((await foreign('/api/sla/breaches')).body).toMatchObject({ data: [], pagination: { total: 0 } });
    expect((await foreign('/api/sla/clocks')).body).toMatchObject({ data: [] });
    expect((await foreign('/api/sla/compliance')).body).toMatchObject({ data: [], compliance_pct: null });
    expect((await foreign('/api/workstream/today?org_id=1')).status).toBe(403);
    const signal = await pipe.signal();
    const [clock] = await pipe.rows<{ clock_id: string }>(
      `select clock_id from workstream.sla_clocks where item_id = $1 and item_type = 'signal'`,
      signal,
    );
    for (const [method, path, body] of [
      ['GET', `/api/sla/clocks/${clock?.clock_id}`],
      ['POST', `/api/sla/clocks/${clock?.clock_id}/pause`, { reason: 'mine' }],
      ['POST', `/api/sla/clocks/${clock?.clock_id}/resume`],
      ['GET', `/api/workstream/spotlight-scores/signal/${signal}`],
      ['POST', `/api/workstream/spotlight-scores/signal/${signal}/rescore`, {}],
      ['GET', '/api/pursuits/1/responses'],
      ['POST', '/api/pursuits/1/responses', {}],
      ['GET', '/api/sla/rules/1'],
      ['PUT', '/api/sla/rules/1', { warn_pct: 50 }],
      ['DELETE', '/api/sla/rules/1'],
    ] as const)
      expect([method, path, (await pipe.live.call(method, path, body, token)).status]).toEqual([method, path, 404]);
    // The tables themselves, as the service reads them for that tenant.
    const seen = await pipe.live.app
      .get(Database)
      .transaction('other', (tx) =>
        tx.query(
          `select 1 from app.v_today_panel union all select 1 from app.sla_breach union all select 1 from app.work_event union all select 1 from app.v_workstream_sla`,
        ),
      );
    expect(seen).toEqual([]);
  });
});
