import { AppModule } from '../../src/app.module.js';
import { engineApi } from '../api/engine.app.js';
import { builtApi, type Operation } from '../support/built.js';

const running = engineApi((config) => [AppModule.with(config)]);
const OURS = /^\/api\/(signals|candidates|pursuits|workstream|sla|spotlights)(\/|$)/;

/** In the order in which rows lean on each other. */
const TABLES = [
  'engine.instances',
  'engine.history',
  'workstream.config_registry',
  'workstream.signal_imports',
  'workstream.signal_import_errors',
  'workstream.signal_clusters',
  'workstream.signals',
  'workstream.canonical_identity_keys',
  'workstream.identity_resolution_conflicts',
  'workstream.contact_merge_history',
  'workstream.problem_taxonomy',
  'workstream.solution_catalog',
  'workstream.candidates',
  'workstream.candidate_signals',
  'workstream.drip_schedules',
  'workstream.pursuits',
  'workstream.proposals',
  'workstream.cos_entries',
  'workstream.pursuit_role_estimates',
  'workstream.work_item_links',
  'workstream.checklist_items',
  'workstream.pursuit_responses',
  'workstream.gate_passages',
  'workstream.sla_rules',
  'workstream.sla_clocks',
  'workstream.sla_breaches',
  'workstream.spotlights',
  'workstream.spotlight_fields',
  'workstream.spotlight_values',
  'workstream.spotlight_score_components',
  'workstream.spotlight_evaluations',
  'workstream.spotlight_scores',
  'workstream.spotlight_scoring_history',
];

const BODIES: Readonly<Record<string, object>> = {
  'POST /api/signals': { source_type: 'note', dedupe_key: 'another' },
  'POST /api/signals/import': { csv: 'snippet\nanother\n' },
  'POST /api/signals/bulk': { signals: [{ source_type: 'note', dedupe_key: 'another' }] },
  'PUT /api/signals/{signal_id}': { snippet: 'changed' },
  'POST /api/signals/{signal_id}/archive': { reason: 'spam' },
  'POST /api/candidates': { title: 'another' },
  'PUT /api/candidates/{candidate_id}': { title: 'changed' },
  'POST /api/candidates/bulk/status': { ids: [1], to: 'triaged' },
  'POST /api/candidates/{candidate_id}/status': { to: 'triaged' },
  'POST /api/candidates/{candidate_id}/signals': { signal_ids: [1] },
  'POST /api/pursuits': { candidate_id: 1 },
  'PUT /api/pursuits/{pursuit_id}': { forecast_value_usd: 7 },
  'POST /api/pursuits/bulk/stage': { ids: [1], to: 'pink' },
  'POST /api/pursuits/{pursuit_id}/stage': { to: 'pink' },
  'POST /api/pursuits/{pursuit_id}/lost': { reason: 'fit' },
  'POST /api/pursuits/{pursuit_id}/cos': { role: 'writer', hours: 1, rate: 1 },
  'PUT /api/pursuits/{pursuit_id}/estimates/{role}': {
    optimistic_hours: 1,
    most_likely_hours: 2,
    pessimistic_hours: 3,
  },
  'PATCH /api/pursuits/{pursuit_id}/checklist/{item_id}': { is_done: true },
  'POST /api/pursuits/{pursuit_id}/checklist/{item_id}/waive': { reason: 'not here' },
  'POST /api/workstream/links/{item_type}/{item_id}': { link_type: 'doc', target_type: 'drive', target_ref: 'another' },
  'DELETE /api/workstream/links/{item_type}/{item_id}': {
    link_type: 'doc',
    target_type: 'drive',
    target_ref: 'demo-doc',
  },
  'POST /api/workstream/identity-conflicts/{conflict_id}/resolve': { resolution: 'merge' },
  'POST /api/workstream/problems': { name: 'another' },
  'PUT /api/workstream/problems/{problem_id}': { description: 'changed' },
  'POST /api/workstream/solutions': { name: 'another' },
  'PUT /api/workstream/solutions/{solution_id}': { description: 'changed' },
  'POST /api/candidates/{candidate_id}/drips': { template_id: 'news', cadence_days: 1 },
  'POST /api/sla/rules': { item_type: 'signal', metric: 'triage_sla', threshold_hrs: 5, is_active: true },
  'PUT /api/sla/rules/{rule_id}': { threshold_hrs: 5 },
  'POST /api/sla/clocks/{clock_id}/pause': { reason: 'not here' },
  'PUT /api/sla/calendar': { zone: 'Europe/Berlin' },
  'POST /api/spotlights': { name: 'another', domain: 'd' },
  'PUT /api/spotlights/{spotlight_id}': { description: 'changed' },
  'POST /api/spotlights/fields': { domain: 'd', field_name: 'another', field_type: 'text' },
  'POST /api/spotlights/{spotlight_id}/clone': { name: 'another' },
  'POST /api/spotlights/{spotlight_id}/score-components': { components: [{ name: 'x', weight: 1 }] },
  'POST /api/workstream/config': { config_type: 'ranking_rule', config_key: 'x', config_value: {} },
};

let operations: Operation[];
let ids: Record<string, string | number>;
let nobody: string;

beforeAll(async () => {
  operations = (await builtApi(running().databaseUrl)).operations.filter(({ path }) => OURS.test(path));
  ids = await fill();
  for (const table of TABLES) await copy(table);
  // The tenants' own words, so that it shows whose row came back.
  for (const tenant of ['demo', 'elsewhere'])
    for (const [table, column] of [
      ['signals', 'snippet'],
      ['candidates', 'title'],
      ['pursuits', 'capture_lead_id'],
      ['proposals', 'doc_id'],
      ['cos_entries', 'source'],
      ['checklist_items', 'note'],
      ['work_item_links', 'created_by'],
      ['signal_imports', 'created_by'],
      ['signal_import_errors', 'message'],
      ['problem_taxonomy', 'description'],
      ['solution_catalog', 'description'],
      ['drip_schedules', 'message'],
      ['pursuit_responses', 'note'],
      ['config_registry', 'created_by'],
      ['sla_rules', 'updated_by'],
      ['sla_clocks', 'reason'],
      ['spotlights', 'description'],
      ['spotlight_evaluations', 'evaluated_by'],
      ['spotlight_scores', 'scored_by'],
      ['spotlight_scoring_history', 'scored_by'],
    ])
      await running().owner.query(`update workstream.${table} set ${column} = $1 || '-words' where tenant = $1`, [
        tenant,
      ]);
  nobody = await running().keyOf('nobody', 'admin');
});

/** One of everything, for the tenant demo. */
async function fill(): Promise<Record<string, string | number>> {
  const post = async (path: string, body?: object) =>
    (await running().post('admin', path, body)).json as Record<string, number>;
  const { signal_id } = await post('/api/signals', {
    source_type: 'email',
    contact_email: 'a@example.com',
    snippet: 'x',
  });
  const { candidate_id } = await post('/api/candidates', { title: 'x', signal_ids: [signal_id] });
  const { drip_id } = await post(`/api/candidates/${candidate_id}/drips`, { template_id: 'check_in', cadence_days: 7 });
  const { problem_id } = await post('/api/workstream/problems', { name: 'x' });
  const { solution_id } = await post('/api/workstream/solutions', { name: 'x', problem_id });
  await post(`/api/candidates/${candidate_id}/status`, { to: 'triaged' });
  const { pursuit_id } = await post(`/api/candidates/${candidate_id}/promote`);
  const { entry_id } = await post(`/api/pursuits/${pursuit_id}/cos`, { role: 'writer', hours: 2, rate: 80 });
  await running().ask('PUT', `/api/pursuits/${pursuit_id}/estimates/writer`, {
    as: 'admin',
    body: BODIES['PUT /api/pursuits/{pursuit_id}/estimates/{role}'] ?? {},
  });
  const { import_id } = (await running().post('admin', '/api/signals/import', { csv: 'urgency_score\nhigh\n' })).json;
  await post(`/api/pursuits/${pursuit_id}/responses`, { note: 'x' });
  await post('/api/workstream/config', { config_type: 'ranking_rule', config_key: 'x', config_value: {} });
  const looked = await lookedAt(Number(signal_id));
  const conflict_id = await torn();
  const { rule_id } = await post('/api/sla/rules', BODIES['POST /api/sla/rules'] ?? {});
  const [clock] = await running().rows<{ clock_id: number }>(
    `select clock_id from workstream.sla_clocks where ended_at is null limit 1`,
  );
  await running().work();
  const link = { link_type: 'doc', target_type: 'drive', target_ref: 'demo-doc' };
  await post(`/api/workstream/links/pursuit/${pursuit_id}`, link);
  const checklist = (await running().get('admin', `/api/pursuits/${pursuit_id}/checklist`)).json as {
    data: { item_id: number }[];
  };
  return {
    ...looked,
    conflict_id,
    rule_id: Number(rule_id),
    clock_id: Number(clock?.clock_id),
    drip_id: Number(drip_id),
    problem_id: Number(problem_id),
    solution_id: Number(solution_id),
    import_id: String(import_id),
    signal_id: Number(signal_id),
    candidate_id: Number(candidate_id),
    pursuit_id: Number(pursuit_id),
    proposal_id: Number(pursuit_id) * 10_000 + 1,
    entry_id: Number(entry_id),
    item_id: checklist.data[0]?.item_id ?? 0,
    role: 'writer',
    item_type: 'pursuit',
  };
}

/** A spotlight that has been asked and that has scored, and the job that does so for all signals. */
async function lookedAt(signal_id: number): Promise<{ spotlight_id: number; job_id: string }> {
  const post = async (path: string, body?: object) => (await running().post('admin', path, body)).json;
  const { field_id } = await post('/api/spotlights/fields', { domain: 'd', field_name: 'snippet', field_type: 'text' });
  const body = { name: 'x', domain: 'd', field_values: { [String(field_id)]: 'x' } };
  const spotlight_id = Number((await post('/api/spotlights', body))['spotlight_id']);
  await post(`/api/spotlights/${spotlight_id}/score-components`, { components: [{ name: 'x', weight: 1 }] });
  await post(`/api/spotlights/${spotlight_id}/evaluate`, { signal_id });
  await post(`/api/workstream/spotlight-scores/signal/${signal_id}/rescore`, { spotlight_id });
  const { job_id } = await post(`/api/spotlights/${spotlight_id}/rescore`);
  return { spotlight_id, job_id: String(job_id) };
}

/** A conflict about who somebody is. */
async function torn(): Promise<number> {
  const keys = [{ contact_email: 'b@example.com' }, { contact_phone: '555 0100 200' }];
  for (const key of [...keys, Object.assign({}, ...keys) as object])
    await running().post('admin', '/api/signals', {
      source_type: 'call',
      problem_phrase: Object.keys(key).join(),
      ...key,
    });
  const [row] = await running().rows<{ conflict_id: number }>(
    'select conflict_id from workstream.identity_resolution_conflicts',
  );
  return Number(row?.conflict_id);
}

/** The same rows, ids and all, for another tenant. */
async function copy(table: string): Promise<void> {
  const [schema, name] = table.split('.');
  const rows = await running().rows<{ column_name: string }>(
    `select column_name from information_schema.columns where table_schema = $1 and table_name = $2 and is_generated = 'NEVER' and column_name <> 'tenant'`,
    [schema, name],
  );
  const columns = rows.map(({ column_name }) => `"${column_name}"`).join(', ');
  await running().owner.query(
    `insert into ${table} (tenant, ${columns}) select 'elsewhere', ${columns} from ${table} where tenant = 'demo'`,
  );
}

function addressOf({ path }: Operation): string {
  // An item of a checklist, an item with links and one with scores have different numbers under one name.
  const known = path.includes('/links/')
    ? { ...ids, item_id: ids['pursuit_id'] }
    : path.includes('/spotlight-scores/')
      ? { ...ids, item_type: 'signal', item_id: ids['signal_id'] }
      : ids;
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    String((known as Record<string, unknown>)[name] ?? 'unknown'),
  );
}

const ask = (operation: Operation, as: string) => {
  const body = BODIES[operation.name] ?? (operation.method === 'POST' ? {} : undefined);
  return running().ask(operation.method, addressOf(operation), { as, ...(body && { body }) });
};

/** Every row of a tenant. */
async function everything(tenant: string): Promise<string> {
  const parts: string[] = [];
  for (const table of TABLES) {
    const [row] = await running().rows<{ content: string }>(
      `select coalesce(md5(string_agg(t::text, '|' order by t::text)), '') as content from ${table} t where tenant = $1`,
      [tenant],
    );
    parts.push(`${table} ${row?.content}`);
  }
  return parts.join('\n');
}

const reads = () => operations.filter(({ method }) => method === 'GET');
const writes = () => operations.filter(({ method }) => method !== 'GET');

describe('two tenants with the same ids', () => {
  it('each see their own rows, and not a word of the other’s, by whatever route (S1, R001-1, R001-21)', async () => {
    const wrong: unknown[] = [];
    for (const operation of reads())
      for (const [as, other] of [
        ['admin', 'elsewhere-words'],
        ['stranger', 'demo-words'],
      ] as const) {
        const { status, text } = await ask(operation, as);
        // A document is drawn from words that are not shown as text.
        if (status !== 200 && !operation.path.endsWith('/document')) wrong.push([operation.name, as, status, text]);
        if (text.includes(other)) wrong.push([operation.name, as, text]);
      }
    expect(wrong).toEqual([]);
  });

  it('change their own rows, and none of the other’s', async () => {
    const before = await everything('demo');
    for (const operation of writes()) await ask(operation, 'stranger');
    expect(await everything('demo')).toBe(before);
    expect((await running().get('admin', `/api/candidates/${ids['candidate_id']}`)).json).toMatchObject({
      title: 'demo-words',
    });
  });
});

describe('a tenant without rows', () => {
  it('is told of every number that there is nothing', async () => {
    const wrong: unknown[] = [];
    for (const operation of operations.filter(({ path }) => path.includes('{'))) {
      const { status, text } = await ask(operation, nobody);
      if (status !== 404 || /words/.test(text)) wrong.push([operation.name, status, text]);
    }
    expect(wrong).toEqual([]);
    for (const path of ['/api/signals', '/api/candidates', '/api/pursuits'])
      expect((await running().ask('GET', path, { as: nobody })).json).toEqual({
        data: [],
        pagination: { page: 1, limit: 50, total: 0 },
        nextCursor: null,
      });
  });

  it('has a number of its own', async () => {
    expect((await running().ask('GET', '/api/workstream/config?org_id=1', { as: nobody })).status).toBe(403);
    expect((await running().ask('GET', '/api/workstream/config?org_id=nobody', { as: nobody })).status).toBe(200);
  });
});
