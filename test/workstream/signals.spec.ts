import { dedupeKeyOf, normalizedKeys } from '../../src/workstream/signals/signal.identity.js';
import { workstream } from '../support/workstream.js';

const service = workstream();
interface Signal {
  signal_id: number;
  cluster_id: number | null;
  dedupe_key: string;
  status: string;
}
const post = (body: object, headers: Record<string, string> = {}) =>
  service.ask<Signal>('POST', '/api/signals', body, 'sales', headers);

describe('who a signal is from (R001-4)', () => {
  it('is told by address, number and domain, however they are written', () =>
    expect(
      normalizedKeys({
        source_type: 'email',
        contact_email: ' Ann@Example.COM ',
        contact_phone: '+1 (555) 010-0199',
        company_domain: 'https://www.Example.com/',
      }),
    ).toEqual({ email: 'ann@example.com', phone: '15550100199', domain: 'example.com' }));

  it('makes its key with what it is about and the day of UTC', () => {
    const noon = Date.UTC(2026, 0, 5, 12);
    const signal = { source_type: 'ad', contact_email: 'Ann@Example.com', problem_phrase: ' Slow Website ' };
    const key = dedupeKeyOf(signal, noon, '');
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(
      dedupeKeyOf({ ...signal, contact_email: 'ann@example.com', problem_phrase: 'slow website' }, noon, 'x'),
    ).toBe(key);
    expect(dedupeKeyOf(signal, Date.UTC(2026, 0, 5, 23, 59), '')).toBe(key);
    expect(dedupeKeyOf(signal, Date.UTC(2026, 0, 6), '')).not.toBe(key);
    expect(dedupeKeyOf({ ...signal, source_type: 'call' }, noon, '')).not.toBe(key);
    // What names neither person nor problem is told apart by the rest.
    expect(dedupeKeyOf({ source_type: 'note' }, noon, 'a')).not.toBe(dedupeKeyOf({ source_type: 'note' }, noon, 'b'));
  });
});

describe('intake', () => {
  it('takes a signal once, and answers a repetition with the row that is there (R001-3)', async () => {
    const body = { source_type: 'email', contact_email: 'Bo@Example.com', problem_phrase: 'No leads' };
    const first = await post(body);
    expect(first).toMatchObject({
      status: 201,
      body: { status: 'new', org_id: 1, normalized_keys_json: { email: 'bo@example.com' }, first_touch_at: null },
    });
    const again = await post({ ...body, contact_email: 'bo@example.COM' });
    expect(again).toMatchObject({ status: 200, body: { signal_id: first.body.signal_id } });
    expect(await post({ source_type: 'ad', dedupe_key: first.body.dedupe_key })).toMatchObject({
      status: 200,
      body: { signal_id: first.body.signal_id, source_type: 'email' },
    });
  });

  it('takes one of many that come at once', async () => {
    const body = { source_type: 'call', dedupe_key: 'rush', contact_phone: '555 0100 200' };
    const answers = await Promise.all(Array.from({ length: 8 }, () => post(body)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 200, 200, 201]);
    expect(new Set(answers.map(({ body: { signal_id } }) => signal_id)).size).toBe(1);
    expect(
      await service.rows(
        `select 1 from engine.instances where lifecycle = 'signal' and keys ->> 'signalId' = $1`,
        String(answers[0]?.body.signal_id),
      ),
    ).toHaveLength(1);
  });

  it('refuses an idempotency_key that stands for another body (R001-3)', async () => {
    const body = { source_type: 'note', dedupe_key: 'k-1', idempotency_key: 'once' };
    expect((await post(body)).status).toBe(201);
    expect((await post(body)).status).toBe(200);
    expect(await post({ ...body, dedupe_key: 'k-2' })).toMatchObject({ status: 409, body: { code: 'KEY_TAKEN' } });
    const byHeader = { source_type: 'note', dedupe_key: 'k-3' };
    expect((await post(byHeader, { 'idempotency-key': 'h'.repeat(200) })).status).toBe(201);
    expect((await post({ ...byHeader, dedupe_key: 'k-4' }, { 'idempotency-key': 'h'.repeat(200) })).status).toBe(409);
  });

  it('judges each of many by itself', async () => {
    const many = [
      { source_type: 'email', dedupe_key: 'bulk-1' },
      { source_type: 'email', dedupe_key: 'bulk-1' },
      { source_type: 'pigeon' },
      { source_type: 'ad', urgency_score: 1.5 },
      { source_type: 'ad', dedupe_key: 'bulk-2', org_id: 2 },
      { source_type: 'ad', dedupe_key: 'bulk-2', org_id: 'demo' },
    ];
    const answer = await service.done<{ results: object[] }>('POST', '/api/signals/bulk', { signals: many });
    expect(answer).toMatchObject({ created: 2, duplicates: 1, rejected: 3 });
    expect(answer.results).toMatchObject([
      { index: 0, outcome: 'created' },
      { index: 1, outcome: 'duplicate' },
      { index: 2, outcome: 'rejected', error: { code: 'WF006', message: expect.stringContaining('source_type') } },
      { index: 3, outcome: 'rejected', error: { message: expect.stringContaining('urgency_score') } },
      { index: 4, outcome: 'rejected', error: { code: 'WF005' } },
      { index: 5, outcome: 'created' },
    ]);
  });

  it('asks for no organisation and takes no other (R001-21)', async () => {
    expect((await post({ source_type: 'note', snippet: 'one', org_id: 1 })).status).toBe(201);
    expect((await post({ source_type: 'note', snippet: 'two', org_id: 'demo' })).status).toBe(201);
    expect(await post({ source_type: 'note', snippet: 'three', org_id: 2 })).toMatchObject({ status: 403 });
    expect(await service.ask('GET', '/api/signals?org_id=2')).toMatchObject({ status: 403 });
  });

  it('puts signals of the same person together (R001-5)', async () => {
    const signal = async (more: object) =>
      (await post({ source_type: 'email', problem_phrase: String(Math.random()), ...more })).body;
    const first = await signal({ contact_email: 'cy@example.com' });
    const second = await signal({ contact_email: 'CY@example.com', contact_phone: '+43 1 5550100' });
    const third = await signal({ contact_phone: '0043-1-5550100', company_domain: 'example.com' });
    const fourth = await signal({ contact_phone: '+4315550100' });
    expect(second.cluster_id).toBe(first.cluster_id);
    expect(fourth.cluster_id).toBe(first.cluster_id);
    // 00 and + are not told apart by digits alone: another number, another person.
    expect(third.cluster_id).not.toBe(first.cluster_id);
    const page = await service.done<{ data: Signal[]; pagination: object }>(
      'GET',
      `/api/signals?cluster_id=${first.cluster_id}`,
    );
    expect(page.pagination).toEqual({ page: 1, limit: 50, total: 3 });

    const stranger = await signal({ contact_phone: '555 9999' });
    const torn = await signal({ contact_email: 'cy@example.com', contact_phone: '555 9999' });
    expect(torn.cluster_id).toBe(first.cluster_id);
    const conflicts = await service.rows(
      'select cluster_id, other_cluster_id, status from workstream.identity_resolution_conflicts where signal_id = $1',
      torn.signal_id,
    );
    expect(conflicts).toEqual([
      { cluster_id: first.cluster_id, other_cluster_id: stranger.cluster_id, status: 'open' },
    ]);
  });
});

describe('a signal', () => {
  it('is touched by its first owner, and linked by its first candidate (R001-56)', async () => {
    const id = await service.signal();
    expect(await service.ask('PUT', `/api/signals/${id}`, { owner_user_id: 7, snippet: 'called' })).toMatchObject({
      status: 200,
      body: { status: 'touched', owner_user_id: '7', snippet: 'called', first_touch_at: expect.any(String) },
    });
    const candidate = await service.candidate({ signal_ids: [id] });
    expect(await service.done('GET', `/api/signals/${id}`)).toMatchObject({ status: 'linked' });
    expect(
      await service.rows('select signal_id from workstream.candidate_signals where candidate_id = $1', candidate),
    ).toHaveLength(1);
    expect((await service.events('signal', id)).map(({ name }) => name)).toEqual([
      'signal.created',
      'signal.touched',
      'signal.linked',
    ]);
    const born = await service.signal({ owner_user_id: 'sally' });
    expect(await service.done('GET', `/api/signals/${born}`)).toMatchObject({
      status: 'touched',
      first_touch_at: expect.any(String),
    });
  });

  it('changes as a whole or not at all (R001-34)', async () => {
    const id = await service.signal();
    await service.live.owner.query('alter table workstream.canonical_identity_keys rename to away');
    try {
      const body = { owner_user_id: 'sally', contact_email: 'new@example.com' };
      expect((await service.ask('PUT', `/api/signals/${id}`, body)).status).toBe(500);
    } finally {
      await service.live.owner.query('alter table workstream.away rename to canonical_identity_keys');
    }
    expect(await service.done('GET', `/api/signals/${id}`)).toMatchObject({ status: 'new', owner_user_id: null });
  });

  it('is linked with all the others of its candidate, or none is (R001-37, R001-56)', async () => {
    const [open, away] = [await service.signal(), await service.signal()];
    await service.done('POST', `/api/signals/${away}/archive`, {});
    const body = { title: 'Of two signals', signal_ids: [open, away] };
    expect((await service.ask('POST', '/api/candidates', body)).status).toBe(404);
    const candidate = await service.candidate();
    const path = `/api/candidates/${candidate}/signals`;
    expect((await service.ask('POST', path, { signal_ids: [open, away] })).status).toBe(409);
    expect(await service.done('GET', `/api/signals/${open}`)).toMatchObject({ status: 'new' });
    expect(await service.rows(`select from workstream.candidates where title = 'Of two signals'`)).toEqual([]);
    expect(await service.rows('select from workstream.candidate_signals where candidate_id = $1', candidate)).toEqual(
      [],
    );
  });

  it('keeps its keys and its state to itself (R001-23, R001-34)', async () => {
    const id = await service.signal();
    const put = (body: object) => service.ask('PUT', `/api/signals/${id}`, body);
    expect(await put({ status: 'linked' })).toMatchObject({ status: 422, body: { code: 'STATE_READ_ONLY' } });
    expect(await put({ dedupe_key: 'other' })).toMatchObject({ status: 400 });
    expect(await put({})).toMatchObject({ status: 400, body: { detail: 'At least one field required' } });
    expect(await put({ urgency_score: 0.25, problem_phrase: null })).toMatchObject({
      status: 200,
      body: { urgency_score: 0.25, problem_phrase: null },
    });
    for (const wrong of ['0', '-1', 'x', '1.5'])
      expect(await service.ask('GET', `/api/signals/${wrong}`)).toMatchObject({
        status: 400,
        body: { detail: 'signal_id must be a positive integer' },
      });
  });

  it('is put away, or deleted with its history kept', async () => {
    const [one, other] = [await service.signal(), await service.signal()];
    expect(await service.ask('POST', `/api/signals/${one}/archive`, { reason: 'spam' })).toEqual({
      status: 200,
      body: { ok: true, status: 'archived' },
    });
    expect(await service.ask('PUT', `/api/signals/${one}`, { owner_user_id: 'sally' })).toMatchObject({ status: 409 });
    for (const id of [one, other]) {
      expect(await service.ask('DELETE', `/api/signals/${id}`)).toEqual({ status: 200, body: { deleted: 1 } });
      expect((await service.ask('GET', `/api/signals/${id}`)).status).toBe(404);
      expect((await service.ask('DELETE', `/api/signals/${id}`)).status).toBe(404);
    }
  });

  it('is nothing for people outside the team', async () => {
    for (const role of ['investor', 'creator', 'production'] as const)
      expect((await service.ask('GET', '/api/signals', undefined, role)).status).toBe(403);
    expect((await service.ask('GET', '/api/signals', undefined, 'viewer')).status).toBe(200);
    expect((await service.ask('POST', '/api/signals', { source_type: 'note' }, 'viewer')).status).toBe(403);
  });
});
