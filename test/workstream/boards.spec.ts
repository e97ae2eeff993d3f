import { workstream } from '../support/workstream.js';

const service = workstream();
const advance = (time: string) => service.done('POST', '/admin/clock', { advance: time }, 'admin');
const link = (type: string, id: number, link_type: string, method = 'POST') =>
  service.ask(method, `/api/workstream/links/${type}/${id}`, {
    link_type,
    target_type: 'slack',
    target_ref: 'C01/p17',
  });

describe('the board of candidates (R001-43)', () => {
  it('shows what has been left alone longest first, and what belongs to it', async () => {
    const old = await service.candidate({ title: 'Old' });
    await link('candidate', old, 'thread');
    await advance('3d');
    const fresh = await service.candidate({ title: 'Fresh', one_liner_scope: 'A shop' });
    const board = await service.done<{ data: object[]; pagination: object }>(
      'GET',
      '/api/workstream/candidates?org_id=1',
    );
    expect(board).toEqual({
      data: [
        expect.objectContaining({ id: old, title: 'Old', days_since_touch: 3, has_threads: true, has_docs: false }),
        {
          id: fresh,
          title: 'Fresh',
          one_liner_scope: 'A shop',
          status: 'new',
          owner_user_id: 'sally',
          last_touch_at: null,
          days_since_touch: 0,
          has_threads: false,
          has_docs: false,
        },
      ],
      pagination: { page: 1, limit: 50, total: 2 },
      nextCursor: null,
    });
    await service.done('POST', `/api/candidates/${old}/status`, { to: 'triaged' });
    expect(await service.done('GET', '/api/workstream/candidates?status=triaged&limit=1')).toMatchObject({
      data: [{ id: old, days_since_touch: 0 }],
      pagination: { page: 1, limit: 1, total: 1 },
    });
  });
});

describe('the board of pursuits (R001-43)', () => {
  it('marks what is overdue and what is stale, and nothing that has ended', async () => {
    const [due, stale, lost] = [await service.pursuit(), await service.pursuit(), await service.pursuit()];
    await service.done('PUT', `/api/pursuits/${due}`, { due_date: '2020-01-01' });
    await service.done('PUT', `/api/pursuits/${lost}`, { due_date: '2020-01-02' });
    await service.advance(lost, 'submit');
    await service.clear(lost, 'submit_to_close');
    await service.done('POST', `/api/pursuits/${lost}/lost`, { reason: 'fit' });
    await advance('8d');
    const { data } = await service.done<{ data: object[] }>('GET', '/api/workstream/pursuits');
    expect(data).toMatchObject([
      { id: due, title: 'A new website', stage: 'qual', due_date: '2020-01-01', sla_badge: 'overdue' },
      { id: lost, stage: 'lost', sla_badge: null },
      { id: stale, due_date: null, sla_badge: 'stale' },
    ]);
    expect(await service.done('GET', '/api/workstream/pursuits?owner_user_id=sally&page=2&limit=2')).toMatchObject({
      data: [{ id: stale }],
      pagination: { page: 2, limit: 2, total: 3 },
    });
  });

  it('ends a day where the organisation is (R001-87)', async () => {
    const id = await service.pursuit();
    // Half a day past UTC's midnight it is still yesterday in Honolulu, and tomorrow on Kiritimati.
    const [{ today } = { today: '' }] = await service.rows<{ today: string }>(
      `select ((engine.now() at time zone 'Pacific/Honolulu')::date)::text as today`,
    );
    await service.done('PUT', `/api/pursuits/${id}`, { due_date: today });
    const badge = async (zone: string) => {
      await service.live.owner.query(
        `insert into engine.settings (tenant, area, value, updated_by) values ('demo', 'workstream.calendar', jsonb_build_object('zone', $1::text), 'test')
         on conflict (tenant, area) do update set value = excluded.value`,
        [zone],
      );
      const { data } = await service.done<{ data: { id: number; sla_badge: string | null }[] }>(
        'GET',
        '/api/workstream/pursuits',
      );
      return data.find((card) => card.id === id)?.sla_badge;
    };
    expect(await badge('Pacific/Honolulu')).toBeNull();
    expect(await badge('Pacific/Kiritimati')).toBe('overdue');
  });
});

describe('links (R001-11)', () => {
  it('are there once, and go again', async () => {
    const id = await service.candidate();
    expect(await link('candidate', id, 'doc')).toMatchObject({
      status: 200,
      body: { item_type: 'candidate', item_id: id, created_by: 'sales_1' },
    });
    await link('candidate', id, 'doc');
    expect(await service.done('GET', `/api/workstream/links/candidate/${id}`)).toMatchObject({
      data: [{ link_type: 'doc' }],
    });
    expect(await link('candidate', id, 'doc', 'DELETE')).toEqual({ status: 200, body: { deleted: 1 } });
    expect(await link('candidate', id, 'doc', 'DELETE')).toMatchObject({ status: 404 });
    expect(await link('candidate', 999_999, 'doc')).toMatchObject({ status: 404 });
    expect(await link('deal', id, 'doc')).toMatchObject({ status: 400 });
  });
});

describe('conflicts about who somebody is (R001-19, R001-53)', () => {
  interface Signal {
    signal_id: number;
    cluster_id: number;
  }
  const signal = (more: object) =>
    service.done<Signal>('POST', '/api/signals', { source_type: 'call', problem_phrase: `${Math.random()}`, ...more });
  const cluster = async (id: number) => (await service.done<Signal>('GET', `/api/signals/${id}`)).cluster_id;
  const resolve = (id: number, resolution: string) =>
    service.ask('POST', `/api/workstream/identity-conflicts/${id}/resolve`, { resolution });

  it('are decided by people, and a merge can be taken back', async () => {
    const mail = await signal({ contact_email: 'dee@example.com' });
    const phone = await signal({ contact_phone: '555 0123 456' });
    const torn = await signal({ contact_email: 'dee@example.com', contact_phone: '555 0123 456' });
    const { data } = await service.done<{ data: { conflict_id: number }[] }>(
      'GET',
      '/api/workstream/identity-conflicts?status=open',
    );
    expect(data).toMatchObject([
      { signal_id: torn.signal_id, cluster_id: mail.cluster_id, other_cluster_id: phone.cluster_id },
    ]);
    const id = data[0]?.conflict_id ?? 0;

    expect(await resolve(id, 'merge')).toMatchObject({
      status: 200,
      body: { status: 'merged', resolved_by: 'sales_1', merge_id: expect.any(Number) },
    });
    expect(await cluster(phone.signal_id)).toBe(mail.cluster_id);
    expect((await signal({ contact_phone: '5550123456' })).cluster_id).toBe(mail.cluster_id);
    expect(await resolve(id, 'merge')).toMatchObject({ status: 409 });
    expect(await service.done('GET', '/api/workstream/identity-status')).toMatchObject({
      clusters: 1,
      open_conflicts: 0,
      merges: 1,
    });

    expect(await service.ask('POST', `/api/workstream/identity-conflicts/${id}/rollback`)).toMatchObject({
      status: 200,
      body: { status: 'open' },
    });
    expect(await cluster(phone.signal_id)).toBe(phone.cluster_id);
    expect(await service.ask('POST', `/api/workstream/identity-conflicts/${id}/rollback`)).toMatchObject({
      status: 404,
    });
    expect(await resolve(id, 'keep_apart')).toMatchObject({
      status: 200,
      body: { status: 'kept_apart', merge_id: null },
    });
    expect(await service.done('GET', '/api/workstream/identity-status')).toMatchObject({
      signals: 4,
      identified: 4,
      clusters: 2,
      keys: { email: 1, phone: 1, domain: 0 },
    });
  });
});

it('shows what is configured to whoever asks the database (R001-17)', async () => {
  await service.done(
    'POST',
    '/api/workstream/config',
    { config_type: 'ranking_rule', config_key: 'bands', config_value: { high: 1 } },
    'admin',
  );
  await service.done(
    'POST',
    '/api/workstream/config',
    { config_type: 'ranking_rule', config_key: 'bands', config_value: { high: 2 } },
    'admin',
  );
  expect(
    await service.rows(
      `select org_id, config_value from app.v_active_config where config_type = 'ranking_rule' and config_key = 'bands'`,
    ),
  ).toEqual([{ org_id: 1, config_value: { high: 2 } }]);
  expect(await service.rows('select reason_code from app.lost_reason order by 1')).toHaveLength(5);
});

describe('lists and boards (R001-45, R001-46)', () => {
  it.each([
    ['/api/signals', 'signal_id'],
    ['/api/candidates', 'candidate_id'],
    ['/api/pursuits', 'pursuit_id'],
    ['/api/workstream/signals', 'signal_id'],
    ['/api/workstream/candidates', 'id'],
    ['/api/workstream/pursuits', 'id'],
  ])('%s is read on behind a cursor, every row once, while others come', async (path, id) => {
    for (let n = 0; n < 3; n++) {
      await service.signal();
      const pursuit = await service.pursuit();
      if (n === 1) await service.done('PUT', `/api/pursuits/${pursuit}`, { due_date: '2030-05-01' });
    }
    type Board = { data: Record<string, number>[]; pagination: { total: number }; nextCursor: string | null };
    const all = await service.done<Board>('GET', `${path}?limit=200`);
    expect(all).toMatchObject({ nextCursor: null, pagination: { total: all.data.length } });
    const seen: unknown[] = [];
    let cursor: string | null = '';
    for (let pages = 0; cursor !== null; pages++) {
      const page: Board = await service.done<Board>(
        'GET',
        `${path}?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`,
      );
      expect(pages).toBeLessThan(all.data.length);
      seen.push(...page.data.map((row) => row[id]));
      cursor = page.nextCursor;
      // A row that comes in meanwhile is before the cursor or behind it, and moves no other.
      if (pages === 0) await service.pursuit();
      if (pages === 0) await service.signal();
    }
    const before = all.data.map((row) => row[id]);
    expect(seen.filter((row) => before.includes(row as number))).toEqual(before);
    expect(new Set(seen).size).toBe(seen.length);
  });

  it('refuse a cursor that is of no page of theirs', async () => {
    const { nextCursor } = await service.done<{ nextCursor: string }>('GET', '/api/workstream/pursuits?limit=1');
    for (const cursor of ['abc', `${nextCursor}x`, 'x'.repeat(600)])
      expect(await service.ask('GET', `/api/workstream/pursuits?cursor=${cursor}`)).toMatchObject({
        status: 400,
        body: { errors: [{ field: 'cursor' }] },
      });
    expect(await service.ask('GET', `/api/signals?cursor=${nextCursor}`)).toMatchObject({ status: 400 });
    for (const wrong of ['page=0', 'limit=201', 'limit=0', 'page=x'])
      expect(await service.ask('GET', `/api/workstream/signals?${wrong}`)).toMatchObject({ status: 400 });
  });
});
