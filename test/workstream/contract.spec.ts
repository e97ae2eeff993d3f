import { workstream } from '../support/workstream.js';

const service = workstream();

/** What the tables have to show, by the names of the original service. */
const TABLES: Readonly<Record<string, readonly [string, string]>> = {
  'R001-2': [
    'signal',
    'signal_id org_id source_type source_ref snippet contact_id client_id ts problem_phrase solution_hint urgency_score dedupe_key cluster_id idempotency_key owner_user_id created_at updated_at contact_email contact_phone company_domain normalized_keys_json',
  ],
  'R001-5': ['signal_cluster', 'cluster_id org_id algo params_json'],
  'R001-6': [
    'candidate',
    'candidate_id org_id client_id contact_id problem_id solution_id title one_liner_scope confidence value_band next_step status owner_user_id last_touch_at created_at updated_at promoted_at',
  ],
  'R001-7': [
    'pursuit',
    'pursuit_id org_id candidate_id due_date capture_lead_id proposal_mgr_id pursuit_stage compliance_score forecast_value_usd cos_hours cos_amount created_at updated_at',
  ],
  'R001-9': ['proposal', 'proposal_id org_id pursuit_id version doc_id status sent_at created_at'],
  'R001-12': [
    'work_event',
    'work_event_id org_id item_type item_id event_name payload_json happened_at actor_user_id claimed_at claimed_by processed_at dead_letter_at retry_count max_attempts correlation_id dedupe_key created_at next_attempt_at last_error',
  ],
  'R001-13': ['drip_schedule', 'org_id candidate_id template_id next_run_at cadence_days status last_sent_at'],
  'R001-14': ['sla_rule', 'rule_id org_id item_type stage metric threshold_hrs active_from active_to is_active'],
  'R001-15': ['sla_breach', 'breach_id org_id item_type item_id rule_id breached_at reason_code resolved_at'],
  'R001-16': [
    'pursuit_checklist',
    'item_id org_id pursuit_id gate item_key label is_required is_done done_at done_by note',
  ],
  'R001-17': [
    'config_registry',
    'config_id org_id config_type config_key config_value effective_from effective_to is_active created_by',
  ],
  'R001-18': ['spotlights', 'spotlight_id org_id name domain description is_active created_at updated_at'],
  'R001-19': ['identity_resolution_conflicts', 'conflict_id org_id signal_id cluster_id other_cluster_id status'],
};

describe('what looks almost right', () => {
  it.each([
    ['POST', '/api/signals', { source_type: 'ad', urgency_score: 1e-7 }, 'urgency_score'],
    ['POST', '/api/signals', { source_type: 'ad', urgency_score: 1e-320 }, 'urgency_score'],
    ['POST', '/api/candidates', { title: 'A website', confidence: 0.125 }, 'confidence'],
    ['POST', '/api/candidates', { title: '\u200b\u202e' }, 'title'],
    ['POST', '/api/pursuits', { candidate_id: 1, due_date: '2026-02-30' }, 'due_date'],
    ['POST', '/api/pursuits', { candidate_id: 1, due_date: '2026-03-31T00:00' }, 'due_date'],
    ['POST', '/api/spotlights/1/score-components', { components: [[]] }, 'components'],
    ['POST', '/api/workstream/spotlight-scores/signal/1/rescore', { override: [] }, 'override'],
    ['POST', '/api/automation/rules', { name: 'R', trigger: { event_types: ['a.b'] }, actions: [[]] }, 'actions'],
    ['POST', '/api/automation/rules', { name: 'R', trigger: { schedule: [] }, actions: [] }, 'trigger.schedule'],
  ])('is refused by %s %s with its name: %j', async (method, path, body, field) => {
    const answer = await service.ask<{ errors?: { field: string }[] }>(method, path, body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'WF006' } });
    expect(answer.body.errors?.map((error) => error.field)).toContain(field);
  });
});

describe('the data of the pipeline (R001-6, R001-18)', () => {
  it.each(Object.keys(TABLES))('is there as %s asks for it', async (item) => {
    const [table, columns] = TABLES[item] ?? ['', ''];
    const rows = await service.rows<{ column_name: string }>(
      `select column_name from information_schema.columns where table_schema = 'app' and table_name = $1`,
      table,
    );
    expect(rows.map(({ column_name }) => column_name)).toEqual(expect.arrayContaining(columns.split(' ')));
  });

  it('keeps its own promises, whoever writes (R001-2, R001-7, R001-15, R001-16)', async () => {
    const unique = async (table: string) =>
      (
        await service.rows<{ definition: string }>(
          `select pg_get_indexdef(indexrelid) as definition from pg_index where indrelid = $1::regclass and indisunique`,
          table,
        )
      ).map(({ definition }) => definition.replace(/^.* USING btree /, ''));
    expect(await unique('workstream.signals')).toContain('(tenant, dedupe_key)');
    expect(await unique('workstream.pursuits')).toContain('(tenant, candidate_id)');
    expect(await unique('workstream.proposals')).toContain('(tenant, pursuit_id, version)');
    expect(await unique('workstream.checklist_items')).toContain('(tenant, pursuit_id, gate, item_key)');
    expect(await unique('workstream.spotlight_fields')).toContain('(tenant, domain, field_name)');
    expect(await unique('workstream.sla_breaches')).toContain(
      '(tenant, item_type, item_id, rule_id) WHERE (resolved_at IS NULL)',
    );
  });
});

describe('the five verbs (R001-34, R001-35)', () => {
  const bodies: Readonly<Record<string, object>> = {
    signal: { source_type: 'note', dedupe_key: 'verbs' },
    candidate: { title: 'Verbs' },
    pursuit: {},
  };
  it.each([
    ['signal', 'signals', { snippet: 'changed' }],
    ['candidate', 'candidates', { next_step: 'changed' }],
    ['pursuit', 'pursuits', { proposal_mgr_id: 'changed' }],
  ])('make, list, show, change and delete a %s', async (kind, path, change) => {
    const more = kind === 'pursuit' ? { candidate_id: await service.candidate() } : {};
    const made = await service.ask('POST', `/api/${path}`, { ...bodies[kind], ...more, org_id: 1 });
    expect(made).toMatchObject({ status: 201, body: { org_id: 1 } });
    const id = Number(made.body[`${kind}_id`]);
    expect(await service.done('GET', `/api/${path}?page=1&limit=200`)).toMatchObject({
      data: expect.arrayContaining([expect.objectContaining({ [`${kind}_id`]: id })]),
      pagination: { page: 1, limit: 200, total: expect.any(Number) },
    });
    expect(await service.ask('PUT', `/api/${path}/${id}`, change)).toMatchObject({ status: 200, body: change });
    expect(await service.done('GET', `/api/${path}/${id}`)).toMatchObject(change);
    expect(await service.ask('PUT', `/api/${path}/${id}`, {})).toMatchObject({
      status: 400,
      body: { detail: 'At least one field required' },
    });
    expect(await service.ask('DELETE', `/api/${path}/${id}`)).toEqual({ status: 200, body: { deleted: 1 } });
    expect((await service.ask('GET', `/api/${path}/${id}`)).status).toBe(404);
  });

  it('begin a candidate as new and a pursuit in qual, and nowhere else', async () => {
    expect(await service.ask('POST', '/api/candidates', { title: 'x', status: 'triaged' })).toMatchObject({
      status: 400,
    });
    const candidate_id = await service.candidate();
    expect(await service.ask('POST', '/api/pursuits', { candidate_id, pursuit_stage: 'red' })).toMatchObject({
      status: 400,
    });
    expect(await service.ask('POST', '/api/pursuits', {})).toMatchObject({ status: 400 });
  });
});

it('moves a candidate, keeps what was said, and tells of it (R001-36)', async () => {
  const id = await service.candidate();
  expect(await service.done('GET', `/api/candidates/${id}`)).toMatchObject({ last_touch_at: null });
  const move = { to: 'triaged', note: 'Looks good' };
  expect(await service.ask('POST', `/api/candidates/${id}/status`, move)).toEqual({
    status: 200,
    body: { ok: true, status: 'triaged' },
  });
  expect(await service.done('GET', `/api/candidates/${id}`)).toMatchObject({ last_touch_at: expect.any(String) });
  expect((await service.events('candidate', id)).at(-1)).toEqual({
    name: 'candidate.status.triaged',
    payload: { note: 'Looks good' },
  });
});

it('moves a pursuit by its stage as by its own commands (R001-33, R001-38)', async () => {
  const id = await service.pursuit();
  expect(await service.ask('POST', `/api/pursuits/${id}/stage`, { to: 'pink' })).toEqual({
    status: 200,
    body: { ok: true, stage: 'pink' },
  });
  expect(await service.ask('POST', `/api/pursuits/${id}/stage`, {})).toMatchObject({ status: 400 });
  expect(await service.ask('POST', '/api/pursuits/999999/stage', { to: 'pink' })).toMatchObject({ status: 404 });
  await service.clear(id, 'pink_to_red');
  await service.done('POST', `/api/pursuits/${id}/stage`, { to: 'red' });
  await service.clear(id, 'red_to_submit');
  await service.done('POST', `/api/pursuits/${id}/stage`, { to: 'submit' });
  // The stage has sent the proposal, as the command would have.
  const names = (await service.events('pursuit', id)).map(({ name }) => name);
  expect(names).toEqual([
    'pursuit.created',
    'pursuit.stage.pink',
    'pursuit.stage.red',
    'pursuit.stage.submit',
    'pursuit.submit',
    'proposal.sent',
  ]);
});

describe('the organisation of a request (R001-21)', () => {
  const asks = (pursuit: number, signal: number): [string, string, object?][] => [
    ['POST', `/api/candidates/${pursuit}/status`, { to: 'triaged' }],
    ['POST', `/api/candidates/${pursuit}/promote`],
    ['POST', `/api/pursuits/${pursuit}/stage`, { to: 'pink' }],
    ['POST', `/api/pursuits/${pursuit}/cos`, { role: 'writer', hours: 1, rate: 1 }],
    ['POST', `/api/workstream/links/pursuit/${pursuit}`, { link_type: 'doc', target_type: 'drive', target_ref: 'x' }],
    ['GET', `/api/pursuits/${pursuit}/checklist`],
    ['GET', '/api/sla/calendar'],
    ['DELETE', `/api/signals/${signal}`],
  ];

  it('may be named at every route, and is refused when it is another', async () => {
    const id = await service.candidate();
    const signal = await service.signal();
    for (const [method, path, body] of asks(id, signal)) {
      const other = { org_id: 2 };
      expect({ path, ...(await service.ask(method, `${path}?org_id=2`, body)) }).toMatchObject({ path, status: 403 });
      if (body)
        expect({ path, ...(await service.ask(method, path, { ...body, ...other })) }).toMatchObject({
          path,
          status: 403,
        });
      for (const wrong of ['', 'a b', 'x'.repeat(70)])
        expect({
          path,
          ...(await service.ask(method, `${path}?org_id=${encodeURIComponent(wrong)}`, body)),
        }).toMatchObject({
          path,
          status: 400,
        });
    }
    for (const [method, path, body] of asks(id, signal)) {
      const answer = await service.ask(method, `${path}?org_id=1`, body && { ...body, org_id: 'demo' });
      expect({ path, ok: answer.status < 300, body: answer.body }).toMatchObject({ path, ok: true });
    }
  });
});

it('takes whatever people write for words, never for statements (R001-86)', async () => {
  const words = `'; drop table workstream.signals; -- " \\ $1 %s {{ 1 | times: 2 }} \u2028`;
  const signal = await service.done<{ signal_id: number }>('POST', '/api/signals', {
    source_type: 'note',
    snippet: words,
    problem_phrase: words,
    source_ref: words,
    dedupe_key: words,
  });
  const candidate = await service.candidate({ title: words, one_liner_scope: words, next_step: words });
  await service.done('POST', `/api/candidates/${candidate}/status`, { to: 'triaged', note: words });
  expect(await service.done('GET', `/api/signals/${signal.signal_id}`)).toMatchObject({
    snippet: words,
    dedupe_key: words,
  });
  expect(await service.done('GET', `/api/candidates/${candidate}`)).toMatchObject({ title: words, next_step: words });
  const { data } = await service.done<{ data: { label: string }[] }>('GET', '/api/workstream/today');
  expect(data.map(({ label }) => label)).toContain(words);
  for (const query of ['owner_user_id', 'status', 'cursor'])
    expect((await service.ask('GET', `/api/workstream/candidates?${query}=${encodeURIComponent(words)}`)).status).toBe(
      400,
    );
});
