import { TimerWorker } from '../../src/engine/workers/timer.worker.js';
import { OutboxWorker } from '../../src/engine/workers/outbox.worker.js';
import { workstream } from '../support/workstream.js';

const pipe = workstream();

describe('the quick start of the pipeline, with an API key', () => {
  it('works as written: a rule, a spotlight, signals in, stats and today out', async () => {
    await pipe.rows(
      `INSERT INTO app.sla_rule(org_id, item_type, metric, threshold_hrs, is_active) VALUES (1, 'signal', 'triage_sla', 24, 1)`,
    );
    expect(
      await pipe.ask('POST', '/api/spotlights', { org_id: 1, name: 'Tech Companies', domain: 'technology' }),
    ).toMatchObject({
      status: 201,
      body: { org_id: 1, is_active: true },
    });
    const signals = [await pipe.signal(), await pipe.signal({ source_type: 'call', contact_phone: '+1 555 0100' })];
    expect(await pipe.done('GET', '/api/workstream/stats?org_id=1')).toEqual({
      signals: { total: 2, recent: 2 },
      candidates: { total: 0, recent: 0 },
      pursuits: { total: 0, recent: 0 },
    });
    const candidate = await pipe.candidate({ signal_ids: signals.slice(0, 1), value_band: 'high' });
    await pipe.done('POST', `/api/candidates/${candidate}/status`, { to: 'triaged' });
    expect(await pipe.done('GET', '/api/workstream/today?org_id=1')).toMatchObject({
      data: [{ item_type: 'candidate', item_id: candidate, badge: 'green', priority_score: 48, priority_tier: 'low' }],
      pagination: { page: 1, limit: 50, total: 1 },
    });
    // The other signal is left alone.
    await pipe.done('POST', '/admin/clock', { advance: '24h' }, 'admin');
    while (await pipe.live.app.get(TimerWorker).turn());
    expect(await pipe.done('GET', '/api/sla/breaches?org_id=1')).toMatchObject({
      data: [
        { item_type: 'signal', item_id: signals[1], metric: 'triage_sla', reason_code: 'untouched', resolved_at: null },
      ],
      pagination: { total: 1 },
    });
    for (const path of ['/healthz', '/api/health']) expect((await pipe.ask('GET', path)).status).toBe(200);
  });
});

describe('what becomes of a result (R001-73)', () => {
  let spotlight = 0;
  const fields: Record<string, number> = {};

  beforeAll(async () => {
    for (const field_name of ['a', 'b', 'c', 'd', 'industry'])
      fields[field_name] = (
        await pipe.done<{ field_id: number }>('POST', '/api/spotlights/fields', {
          domain: 'routing',
          field_name,
          field_type: 'text',
        })
      ).field_id;
    const field_values = Object.fromEntries(Object.values(fields).map((id) => [id, 'yes']));
    spotlight = (
      await pipe.done<{ spotlight_id: number }>('POST', '/api/spotlights', {
        name: 'Ideal',
        domain: 'routing',
        field_values,
      })
    ).spotlight_id;
  });

  const evaluate = async (signal_id: number, matches: string[]) =>
    pipe.ask<{ route: string; candidate_id: number | null; recommendation: string }>(
      'POST',
      `/api/spotlights/${spotlight}/evaluate`,
      {
        signal_id,
        signal_data: Object.fromEntries(matches.map((field) => [field, 'yes'])),
        route: true,
      },
    );
  const status = async (signal: number) =>
    (await pipe.done<{ status: string }>('GET', `/api/signals/${signal}`)).status;

  it('a high match is a candidate that leads the list, linked to its signal', async () => {
    const signal = await pipe.signal({ problem_phrase: 'slow website', owner_user_id: 'sally' });
    const { body } = await evaluate(signal, ['a', 'b', 'c', 'd']);
    expect(body).toMatchObject({ recommendation: 'high_match', route: 'candidate' });
    expect(await pipe.done('GET', `/api/candidates/${body.candidate_id}`)).toMatchObject({
      title: 'slow website',
      status: 'new',
      value_band: 'high',
      confidence: 0.8,
      owner_user_id: 'sally',
    });
    expect(await status(signal)).toBe('linked');
    // Asked again it is the same candidate: one signal is not two leads.
    expect((await evaluate(signal, ['a', 'b', 'c', 'd'])).body.candidate_id).toBe(body.candidate_id);
  });

  it('a medium match is nurtured, by the way of the machine', async () => {
    const { body } = await evaluate(await pipe.signal(), ['a', 'b', 'c']);
    expect(body).toMatchObject({ recommendation: 'medium_match', route: 'nurture' });
    expect(await pipe.done('GET', `/api/candidates/${body.candidate_id}`)).toMatchObject({ status: 'nurture' });
    const names = (await pipe.events('candidate', Number(body.candidate_id))).map(({ name }) => name);
    expect(names).toEqual(['candidate.created', 'candidate.status.triaged', 'candidate.status.nurture']);
  });

  it('a low match waits for a person, and no match is put away', async () => {
    const [low, none] = [await pipe.signal(), await pipe.signal()];
    expect((await evaluate(low, ['a', 'b'])).body).toMatchObject({ route: 'manual_review', candidate_id: null });
    expect(await status(low)).toBe('new');
    expect((await evaluate(none, [])).body).toMatchObject({ route: 'archive', candidate_id: null });
    expect(await status(none)).toBe('archived');
    expect(await evaluate(none, ['a', 'b', 'c', 'd'])).toMatchObject({ status: 409 });
  });

  it('needs a stored signal', async () => {
    expect(
      (await pipe.ask('POST', `/api/spotlights/${spotlight}/evaluate`, { signal_data: {}, route: true })).status,
    ).toBe(400);
    expect((await pipe.ask('POST', `/api/spotlights/${spotlight}/evaluate`, { signal_id: 999_999 })).status).toBe(404);
  });

  it('can be told by scores that explain themselves, set by hand, and kept (R001-72)', async () => {
    const signal = await pipe.signal({ urgency_score: 0.5 });
    await evaluate(signal, ['industry', 'a']);
    const path = `/api/workstream/spotlight-scores/signal/${signal}`;
    const scored = await pipe.done('POST', `${path}/rescore`, { spotlight_id: spotlight });
    expect(scored).toMatchObject({
      item_id: signal,
      scores: [{ spotlight_id: spotlight, total: 16, algorithm: 'icp-1', is_manual: false, confidence: 0.4 }],
      history: [{ total: 16 }],
    });
    await pipe.done('POST', `${path}/rescore`, {
      spotlight_id: spotlight,
      override: { total: 99, reason: 'We know them' },
    });
    await pipe.done('POST', `${path}/rescore`, {
      spotlight_id: spotlight,
      override: { total: 99, reason: 'We know them' },
    });
    const { job_id } = await pipe.done<{ job_id: string }>('POST', `/api/spotlights/${spotlight}/rescore`);
    expect(await pipe.done('GET', `/api/workstream/jobs/${job_id}`)).toMatchObject({ status: 'working', processed: 0 });
    while (await pipe.live.app.get(OutboxWorker).turn());
    expect(await pipe.done('GET', `/api/workstream/jobs/${job_id}`)).toMatchObject({
      status: 'done',
      failed: 0,
      progress_pct: 100,
    });
    expect(await pipe.done('GET', path)).toMatchObject({
      scores: [{ total: 99, is_manual: true, reason: 'We know them' }],
      history: [{ total: 99 }, { total: 16 }],
    });
    const [others] = await pipe.rows<{ count: string }>(
      `select count(*) from workstream.spotlight_scores where spotlight_id = $1`,
      spotlight,
    );
    const [signals] = await pipe.rows<{ count: string }>(`select count(*) from workstream.signals`);
    expect(others).toEqual(signals);
  });
});
