import { ensureTenant } from '../../src/auth/api-keys.js';
import { Tokens } from '../../src/auth/tokens.js';
import { Database } from '../../src/platform/database.js';
import { liveService, type LiveService } from '../support/live.js';

const service = liveService();
let live: LiveService;
let stranger: string;

beforeAll(async () => {
  live = await service();
  await live.app.get(Database).system((tx) => ensureTenant(tx, 'other'));
  const identity = { tenant: 'other', userId: 'stranger', roles: ['admin'] as const };
  stranger = (await live.app.get(Tokens).mint(identity, 3_600)).token;
});

const post = (path: string, body?: object) => live.call('POST', `/api/spotlights${path}`, body);
const get = (path: string) => live.call('GET', `/api/spotlights${path}`);

/** What has to succeed. */
async function made(path: string, body: object): Promise<Record<string, unknown>> {
  const { status, body: answer } = await post(path, body);
  if (status >= 300) throw new Error(`${path}: ${status} ${JSON.stringify(answer)}`);
  return answer;
}

let domains = 0;
/** A domain of its own with the fields `industry`, `employees` and `remote`, and a spotlight that looks at them. */
async function spotlight(more: object = {}): Promise<{ id: number; domain: string; fields: Record<string, number> }> {
  const domain = `domain_${++domains}`;
  const fields: Record<string, number> = {};
  const definitions = [
    { field_name: 'industry', field_type: 'enum', enum_values: ['saas', 'retail'] },
    { field_name: 'employees', field_type: 'number' },
    { field_name: 'remote', field_type: 'boolean' },
  ];
  for (const definition of definitions) {
    const { field_id, field_name } = await made('/fields', { domain, ...definition });
    fields[String(field_name)] = Number(field_id);
  }
  const { industry, employees, remote } = fields;
  const { spotlight_id } = await made('', {
    name: 'Tech Companies',
    domain,
    field_values: { [`${industry}`]: 'saas', [`${remote}`]: false },
    field_rules: { [`${employees}`]: [{ operator: '>=', value: 50 }] },
    ...more,
  });
  return { id: Number(spotlight_id), domain, fields };
}

const events = async (id: number): Promise<string[]> => {
  const { rows } = await live.owner.query<{ type: string }>(
    `select params ->> 'type' as type from engine.outbox where kind = 'emit' and params ->> 'item_type' = 'spotlight' and (params ->> 'item_id')::bigint = $1 order by id`,
    [id],
  );
  return rows.map(({ type }) => type);
};

describe('spotlights over HTTP (R001-68)', () => {
  it('are written as in the quick start', async () => {
    const { status, body } = await post('', { org_id: 1, name: 'Tech Companies', domain: 'technology' });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      org_id: 1,
      name: 'Tech Companies',
      domain: 'technology',
      is_active: true,
      field_count: 0,
    });
    expect(await events(Number(body['spotlight_id']))).toEqual(['spotlight.created']);
  });

  it('of another organisation are refused (R001-21)', async () => {
    expect(await post('', { org_id: 2, name: 'T', domain: 'd' })).toMatchObject({
      status: 403,
      body: { code: 'WF005' },
    });
    expect(await get('?org_id=2')).toMatchObject({ status: 403 });
  });

  it('are shown with what they look for', async () => {
    const { id, domain, fields } = await spotlight();
    expect(await get(`/${id}`)).toMatchObject({
      status: 200,
      body: {
        domain,
        field_count: 3,
        fields: [
          { field_id: fields['industry'], value: 'saas', rules: [], component: 'industry_match' },
          {
            field_id: fields['employees'],
            value: null,
            rules: [{ operator: '>=', value: '50' }],
            component: 'company_size_fit',
          },
          { field_id: fields['remote'], value: 'false', rules: [], component: null },
        ],
      },
    });
  });

  it('are listed with true totals', async () => {
    const { domain } = await spotlight();
    for (const name of ['B', 'C']) await made('', { name, domain });
    await made('', { name: 'D', domain, is_active: false });
    expect((await get(`?domain=${domain}&limit=2`)).body).toMatchObject({
      data: [{ name: 'D', field_count: 0 }, { name: 'C' }],
      pagination: { page: 1, limit: 2, total: 4 },
    });
    expect((await get(`?domain=${domain}&active=true&page=2&limit=2`)).body).toMatchObject({
      data: [{ name: 'Tech Companies', field_count: 3 }],
      pagination: { page: 2, total: 3 },
    });
    expect((await get('?limit=201')).status).toBe(400);
  });

  it('are changed field by field, and say so', async () => {
    const { id, fields } = await spotlight();
    const change = (body: object) => live.call('PUT', `/api/spotlights/${id}`, body);
    expect(await change({})).toMatchObject({ status: 400, body: { detail: 'At least one field required' } });
    const industry = String(fields['industry']);
    expect((await change({ name: 'Shops', field_values: { [industry]: 'retail' } })).body).toMatchObject({
      name: 'Shops',
      field_count: 3,
      fields: [{ value: 'retail' }, {}, {}],
    });
    expect((await change({ field_values: { [industry]: null } })).body).toMatchObject({ field_count: 2 });
    expect((await change({ is_active: false })).body).toMatchObject({ is_active: false });
    expect(await events(id)).toEqual([
      'spotlight.created',
      'spotlight.updated',
      'spotlight.updated',
      'spotlight.updated',
    ]);
  });

  it.each([
    ['a field of nowhere', { '999999': 'x' }],
    ['a field that is no number', { abc: 'x' }],
    ['a value that is none', { '1': { nested: true } }],
  ])('do not look for %s', async (_, field_values) => {
    const { id } = await spotlight();
    const answer = await live.call('PUT', `/api/spotlights/${id}`, { field_values });
    expect(answer).toMatchObject({ status: 400, body: { code: 'WF006' } });
  });

  it('look only for what a field can be', async () => {
    const { id, fields } = await spotlight();
    for (const [field, value] of [
      ['industry', 'mining'],
      ['employees', 'many'],
      ['remote', 'perhaps'],
    ] as const) {
      const answer = await live.call('PUT', `/api/spotlights/${id}`, {
        field_values: { [String(fields[field])]: value },
      });
      expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: String(fields[field]) }] } });
    }
  });

  it('are deleted once', async () => {
    const { id } = await spotlight();
    expect(await live.call('DELETE', `/api/spotlights/${id}`)).toMatchObject({ status: 200, body: { deleted: 1 } });
    expect(await live.call('DELETE', `/api/spotlights/${id}`)).toMatchObject({ status: 404 });
    expect((await get(`/${id}`)).status).toBe(404);
    expect((await events(id)).at(-1)).toBe('spotlight.deleted');
  });

  it('are cloned with fields, rules and components', async () => {
    const { id } = await spotlight();
    await made(`/${id}/score-components`, { components: [{ name: 'industry_match', weight: 2, points: 12 }] });
    const { status, body } = await post(`/${id}/clone`, { name: 'Again' });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      name: 'Again',
      field_count: 3,
      fields: [{ value: 'saas' }, { rules: [{ value: '50' }] }, {}],
    });
    expect((await get(`/${String(body['spotlight_id'])}/score-components`)).body).toMatchObject({
      is_default: false,
      data: [{ name: 'industry_match', weight: 2, points: 12 }],
    });
  });

  it('are made once for one Idempotency-Key', async () => {
    const body = { name: 'Once', domain: 'keys' };
    const send = (more = {}) =>
      live.call('POST', '/api/spotlights', { ...body, ...more }, undefined, { 'idempotency-key': 'spot-1' });
    const [first, second] = [await send(), await send()];
    expect(second.body['spotlight_id']).toBe(first.body['spotlight_id']);
    expect(await send({ name: 'Other' })).toMatchObject({ status: 422 });
  });

  it('have fields that are named once', async () => {
    const { domain } = await spotlight();
    expect(await post('/fields', { domain, field_name: 'industry', field_type: 'text' })).toMatchObject({
      status: 409,
      body: { code: 'IN_USE' },
    });
    expect(await post('/fields', { domain, field_name: 'x', field_type: 'enum' })).toMatchObject({ status: 400 });
    expect((await get(`/fields?domain=${domain}&limit=1`)).body).toMatchObject({
      data: [{ field_name: 'industry' }],
      pagination: { total: 3 },
    });
    const { body } = await get('/domains');
    expect(body['data']).toContainEqual({ domain, spotlights: 1, active_spotlights: 1, fields: 3 });
  });

  it('belong to their tenant alone', async () => {
    const { id, fields } = await spotlight();
    const as = (method: string, path: string, body?: object) =>
      live.call(method, `/api/spotlights${path}`, body, stranger);
    for (const [method, path, body] of [
      ['GET', `/${id}`],
      ['PUT', `/${id}`, { name: 'Mine' }],
      ['DELETE', `/${id}`],
      ['POST', `/${id}/clone`, { name: 'Mine' }],
      ['POST', `/${id}/evaluate`, { signal_data: {} }],
      ['POST', `/${id}/rescore`],
      ['GET', `/${id}/performance`],
      ['GET', `/${id}/score-components`],
      ['POST', `/${id}/score-components`, { components: [] }],
    ] as const)
      expect([method, path, (await as(method, path, body)).status]).toEqual([method, path, 404]);
    expect((await as('GET', '')).body).toMatchObject({ data: [], pagination: { total: 0 } });
    expect((await as('GET', '/domains')).body).toEqual({ data: [] });
    expect((await as('GET', '/fields')).body).toMatchObject({ data: [] });
    const own = await as('POST', '', {
      name: 'T',
      domain: 'domain_1',
      field_values: { [String(fields['industry'])]: 'saas' },
    });
    expect(own).toMatchObject({ status: 400, body: { code: 'WF006' } });
  });
});

describe('evaluating a signal (R001-69 to R001-71)', () => {
  it('answers what matched', async () => {
    const { id } = await spotlight();
    const { status, body } = await post(`/${id}/evaluate`, {
      org_id: 1,
      signal_data: { industry: 'SaaS', employees: '80', remote: 'False', other: [1, 2] },
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      match_score: 1,
      matched_fields: ['industry', 'employees', 'remote'],
      total_fields: 3,
      recommendation: 'high_match',
    });
    expect((await post(`/${id}/evaluate`, { signal_data: { industry: 'saas', employees: 10 } })).body).toMatchObject({
      match_score: 0.3333,
      matched_fields: ['industry'],
      recommendation: 'no_match',
    });
    expect(await events(id)).toEqual(['spotlight.created', 'spotlight.evaluated', 'spotlight.evaluated']);
  });

  it('is refused while the spotlight is inactive, and leaves nothing behind', async () => {
    const { id } = await spotlight({ is_active: false });
    expect(await post(`/${id}/evaluate`, { signal_data: {} })).toMatchObject({ status: 409, body: { code: 'WF002' } });
    expect((await get(`/${id}/performance`)).body).toMatchObject({ total_evaluations: 0, average_match_score: null });
  });

  it('is remembered: the last ten, and the average of all', async () => {
    const { id } = await spotlight();
    for (let nth = 0; nth < 12; nth++)
      await made(`/${id}/evaluate`, { signal_data: nth < 6 ? { industry: 'saas' } : {} });
    const { body } = await get(`/${id}/performance`);
    expect(body).toMatchObject({ total_evaluations: 12, average_match_score: 0.1667 });
    expect(body['evaluations']).toHaveLength(10);
    const { body: analytics } = await get('/analytics');
    expect(analytics['data']).toContainEqual(
      expect.objectContaining({ spotlight_id: id, evaluations: 12, no_match: 12, high_match: 0, candidates: 0 }),
    );
  });
});
