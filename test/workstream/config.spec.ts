import { workstream } from '../support/workstream.js';

const service = workstream();
const write = (config_type: string, config_key: string, config_value: unknown, more: object = {}) =>
  service.ask('POST', '/api/workstream/config', { config_type, config_key, config_value, ...more }, 'admin');
const valueOf = async (config_key: string, query = '') => {
  const { data } = await service.done<{ data: { config_value: unknown; is_default: boolean }[] }>(
    'GET',
    `/api/workstream/config?config_key=${config_key}${query}`,
  );
  return data.map(({ config_value, is_default }) => ({ config_value, is_default }));
};

it('shows what holds without configuration (R001-30)', async () => {
  expect(await valueOf('submit_requirements')).toEqual([
    {
      config_value: ['proposal_reviewed', 'pricing_approved', 'legal_terms_agreed', 'delivery_plan_finalized'],
      is_default: true,
    },
  ]);
  expect(await valueOf('pursuit_transitions')).toEqual([
    {
      config_value: { qual: ['pink'], pink: ['red', 'qual'], red: ['submit', 'pink'], submit: ['won', 'lost'] },
      is_default: true,
    },
  ]);
});

it('leaves pursuits that are under way what they began with (R001-31)', async () => {
  const before = await service.pursuit();
  expect(await write('gate_rule', 'pink_to_red', [{ key: 'nda_signed', label: 'The NDA is signed' }])).toMatchObject({
    status: 201,
    body: { config_type: 'gate_rule', created_by: 'admin_1', is_default: false },
  });
  const after = await service.pursuit();
  const keys = async (id: number) =>
    (await service.done<{ data: { gate: string; item_key: string }[] }>('GET', `/api/pursuits/${id}/checklist`)).data
      .filter(({ gate }) => gate === 'pink_to_red')
      .map(({ item_key }) => item_key);
  expect(await keys(before)).toHaveLength(4);
  expect(await keys(after)).toEqual(['nda_signed']);
  await service.advance(after, 'pink');
  expect(await service.ask('POST', `/api/pursuits/${after}/stage`, { to: 'red' })).toMatchObject({
    body: { missing_items: ['nda_signed'] },
  });
  await service.advance(before, 'red');
});

it('opens a gate that asks for nothing, and keeps one closed whose rows are gone (R001-31)', async () => {
  await write('gate_rule', 'pink_to_red', []);
  const free = await service.pursuit();
  await service.done('POST', `/api/pursuits/${free}/stage`, { to: 'pink' });
  expect(await service.ask('POST', `/api/pursuits/${free}/stage`, { to: 'red' })).toMatchObject({ status: 200 });
  await service.live.owner.query('delete from workstream.checklist_items where pursuit_id = $1', [free]);
  expect(await service.ask('POST', `/api/pursuits/${free}/submit`)).toMatchObject({
    status: 409,
    body: { code: 'GATE_BLOCKED', missing_items: expect.arrayContaining(['proposal_reviewed']) },
  });
});

it('keeps the value there is when another is not valid (R001-17)', async () => {
  const before = await valueOf('pursuit_transitions');
  for (const [key, value] of [
    ['pursuit_transitions', { qual: ['done'] }],
    ['pursuit_transitions', { won: ['qual'] }],
    ['pursuit_transitions', ['qual']],
    ['pursuit_transitions', '{"qual": ["pink"'],
    ['candidate_transitions', { promoted: ['new'] }],
    ['candidate_transitions', { new: ['new'] }],
  ] as const)
    expect(await write('state_machine', key, value)).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'config_value' }] },
    });
  for (const value of [['Not A Key'], ['a', 'a'], [{ label: 'no key' }], [{ key: 'a', color: 'red' }], {}, 7])
    expect(await write('gate_rule', 'submit_requirements', value)).toMatchObject({ status: 400 });
  expect(await valueOf('pursuit_transitions')).toEqual(before);
});

it('holds from its day to its day, and the newest holds (R001-17)', async () => {
  await write('ranking_rule', 'bands', { high: 30 }, { effective_from: '2020-01-01', effective_to: '2021-01-01' });
  await write('ranking_rule', 'bands', { high: 40 }, { effective_from: '2020-06-01' });
  await write('ranking_rule', 'bands', { high: 50 }, { effective_from: '2999-01-01' });
  expect(await valueOf('bands', '&at=2020-03-01')).toEqual([{ config_value: { high: 30 }, is_default: false }]);
  expect(await valueOf('bands')).toEqual([{ config_value: { high: 40 }, is_default: false }]);
  expect(await valueOf('bands', '&at=2999-06-01')).toEqual([{ config_value: { high: 50 }, is_default: false }]);
  expect(await write('ranking_rule', 'bands', {}, { effective_to: '2001-01-01' })).toMatchObject({ status: 400 });
  expect(
    await service.rows(
      `select actor, details ->> 'value' as value from engine.audit where action = 'configure' and target = 'ranking_rule/bands'`,
    ),
  ).toHaveLength(3);
});

it('lets a tenant open ways of its own, for what begins from then on (R001-25)', async () => {
  const before = await service.candidate();
  await write('state_machine', 'candidate_transitions', {
    new: ['triaged', 'archived'],
    triaged: ['promoted'],
    promoted: ['archived'],
  });
  const after = await service.candidate();
  const archive = (id: number) => service.ask('POST', `/api/candidates/${id}/status`, { to: 'archived' });
  expect(await archive(before)).toMatchObject({ status: 422, body: { allowed_transitions: ['triaged'] } });
  expect(await archive(after)).toEqual({ status: 200, body: { ok: true, status: 'archived' } });

  await write('state_machine', 'pursuit_transitions', { qual: ['submit', 'lost'], submit: ['won', 'lost'] });
  const pursuit = await service.pursuit();
  // A way that skips stages leads through the gates in between.
  expect(await service.ask('POST', `/api/pursuits/${pursuit}/submit`)).toMatchObject({
    status: 409,
    body: { code: 'GATE_BLOCKED', gate_type: 'red_to_submit' },
  });
  expect(await service.ask('POST', `/api/pursuits/${pursuit}/stage`, { to: 'pink' })).toMatchObject({ status: 422 });
  expect(await service.ask('POST', `/api/pursuits/${pursuit}/lost`, { reason: 'timing' })).toMatchObject({
    status: 200,
  });
  expect(await service.ask('POST', `/api/candidates/${pursuit}/status`, { to: 'archived' })).toMatchObject({
    status: 200,
  });
});

it('is for administrators to write', async () => {
  expect(
    (
      await service.ask('POST', '/api/workstream/config', {
        config_type: 'sla_rule',
        config_key: 'x',
        config_value: {},
      })
    ).status,
  ).toBe(403);
});

describe('an item of a checklist', () => {
  it('keeps who ticked it, when, and what proves it (R001-42)', async () => {
    const id = await service.pursuit();
    const { data } = await service.done<{ data: { item_id: number; gate: string }[] }>(
      'GET',
      `/api/pursuits/${id}/checklist`,
    );
    const item = data.find(({ gate }) => gate === 'red_to_submit')?.item_id;
    const path = `/api/pursuits/${id}/checklist/${item}`;
    const ticked = await service.done<{ data: object[]; gates: object[] }>('PATCH', path, {
      is_done: true,
      note: 'agreed on the phone',
      document_ref: 'drive:1a2b',
      owner_user_id: 'sally',
    });
    expect(ticked.data).toContainEqual(
      expect.objectContaining({
        item_id: item,
        is_done: true,
        done_by: 'sales_1',
        done_at: expect.any(String),
        note: 'agreed on the phone',
        document_ref: 'drive:1a2b',
        owner_user_id: 'sally',
      }),
    );
    expect(ticked.gates).toContainEqual(
      expect.objectContaining({ gate: 'red_to_submit', done: 1, completion_percentage: 25 }),
    );
    expect((await service.done<{ data: object[] }>('PATCH', path, { is_done: false })).data).toContainEqual(
      expect.objectContaining({
        item_id: item,
        is_done: false,
        done_by: null,
        done_at: null,
        note: 'agreed on the phone',
      }),
    );
    expect((await service.ask('PATCH', `/api/pursuits/${id}/checklist/999999`, { is_done: true })).status).toBe(404);
    const stranger = await service.pursuit();
    expect((await service.ask('PATCH', `/api/pursuits/${stranger}/checklist/${item}`, { is_done: true })).status).toBe(
      404,
    );
  });

  it('is passed over by those who may, with a reason that the audit keeps', async () => {
    const id = await service.pursuit();
    const { data } = await service.done<{ data: { item_id: number; gate: string }[] }>(
      'GET',
      `/api/pursuits/${id}/checklist`,
    );
    const item = data.find(({ gate }) => gate === 'red_to_submit')?.item_id;
    const waive = (role: 'sales' | 'operator') =>
      service.ask(
        'POST',
        `/api/pursuits/${id}/checklist/${item}/waive`,
        { reason: 'No legal terms in this one' },
        role,
      );
    expect((await waive('sales')).status).toBe(403);
    expect(await waive('operator')).toMatchObject({
      status: 200,
      body: { gates: expect.arrayContaining([expect.objectContaining({ gate: 'red_to_submit', done: 1 })]) },
    });
    expect((await waive('operator')).status).toBe(409);
    expect(await service.rows(`select reason from engine.audit where action = 'waive-item'`)).toEqual([
      { reason: 'No legal terms in this one' },
    ]);
  });
});
