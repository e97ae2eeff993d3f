import pg from 'pg';
import { COUNT_TODAY, pageOfToday } from '../../src/workstream/today/today.sql.js';
import { testDatabase, type TestDatabase } from '../support/database.js';

/** 100,000 items of one organisation, and as many of another. */
const CANDIDATES = 60_000;
const PURSUITS = 20_000;
const SIGNALS = 20_000;

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Sort Method'?: string;
  'Heap Fetches'?: number;
  Plans?: PlanNode[];
}

let database: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  database = await testDatabase();
  client = new pg.Client(database.url);
  await client.connect();
  await client.query(`insert into workstream.orgs (tenant) values ('demo'), ('other')`);
  for (const tenant of ['demo', 'other']) {
    await client.query(
      `insert into workstream.candidates (tenant, workflow_instance_id, title, value_band, status, owner_user_id, last_touch_at, promoted_at, created_at, updated_at)
       select $1, 'wf_c' || n, 'Candidate ' || n, (array['low', 'med', 'high'])[1 + n % 3], case when n <= $3 then 'promoted' else (array['triaged', 'nurture', 'on_hold', 'archived'])[1 + n % 4] end,
              'owner_' || n % 97, now() - n % 400 * interval '1 hour', case when n <= $3 then now() end, now() - n * interval '1 second', now()
         from generate_series(1, $2::int) n`,
      [tenant, CANDIDATES, PURSUITS],
    );
    await client.query(
      `insert into workstream.pursuits (tenant, workflow_instance_id, candidate_id, due_date, capture_lead_id, pursuit_stage, compliance_score, forecast_value_usd, last_touch_at, created_at, updated_at)
       select c.tenant, 'wf_p' || c.candidate_id, c.candidate_id, current_date + (c.candidate_id % 60)::int - 20, c.owner_user_id, (array['qual', 'pink', 'red', 'submit', 'won', 'lost'])[1 + c.candidate_id % 6],
              c.candidate_id % 10, c.candidate_id % 150 * 1000, now() - c.candidate_id % 300 * interval '1 hour', c.created_at, now()
         from workstream.candidates c where c.tenant = $1 and c.status = 'promoted'`,
      [tenant],
    );
    await client.query(
      `insert into workstream.signals (tenant, workflow_instance_id, source_type, ts, dedupe_key, request_hash, status, created_at, updated_at)
       select $1, 'wf_s' || n, 'email', now(), 'key_' || n, '', 'new', now() - n * interval '1 second', now() from generate_series(1, $2::int) n`,
      [tenant, SIGNALS],
    );
    await client.query(
      `with clock as (insert into workstream.sla_clocks (tenant, workflow_instance_id, rule_id, rule_revision, calendar, metric, item_type, item_id, state, started_at, warn_at, due_at)
         select c.tenant, 'wf_k' || c.candidate_id, (select rule_id from workstream.sla_rules r where r.tenant = $1 and metric = 'proposal_sla'), 1, '', 'proposal_sla', 'candidate', c.candidate_id, 'breached', now(), now(), now()
           from workstream.candidates c where c.tenant = $1 and c.candidate_id % 20 = 0 returning *)
       insert into workstream.sla_breaches (tenant, item_type, item_id, rule_id, clock_id, breached_at, reason_code)
       select tenant, item_type, item_id, rule_id, clock_id, now(), 'unsubmitted' from clock`,
      [tenant],
    );
  }
  await client.query('vacuum analyze');
});

afterAll(async () => {
  await client.end();
  await database.drop();
});

/** Runs a statement as the service does, and answers what the database did for it. */
async function explain(sql: string, params: readonly unknown[]): Promise<{ nodes: PlanNode[]; ms: number }> {
  await client.query(`begin; set local role statewright_app; set local engine.tenant = 'demo'`);
  try {
    const { rows } = await client.query<{ 'QUERY PLAN': { Plan: PlanNode; 'Execution Time': number }[] }>(
      `explain (analyze, format json) ${sql}`,
      [...params],
    );
    const [plan] = rows[0]?.['QUERY PLAN'] ?? [];
    if (!plan) throw new Error('no plan');
    return { nodes: all(plan.Plan), ms: plan['Execution Time'] };
  } finally {
    await client.query('rollback');
  }
}
const all = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(all)];

/** Rows of a table that were fetched from the table itself, not from an index alone. */
const fetched = (nodes: readonly PlanNode[], table: string): number =>
  nodes
    .filter((node) => node['Relation Name'] === table && node['Node Type'] !== 'Index Only Scan')
    .reduce((sum, node) => sum + node['Actual Rows'] * node['Actual Loops'], 0);

describe('100,000 items', () => {
  const page = (more: unknown[] = [null, null, null, null]) => ['2026-01-01', ...more, 50, 0];

  it.each(['priority', 'badge'] as const)(
    'are put in the order of %s from the indexes of open items; only the page is fetched',
    async (order) => {
      const { nodes, ms } = await explain(pageOfToday(order), page());
      console.log(`today by ${order}: ${ms.toFixed(0)} ms`);
      expect(
        nodes.filter(
          (node) =>
            node['Node Type'] === 'Seq Scan' && ['candidates', 'pursuits'].includes(node['Relation Name'] ?? ''),
        ),
      ).toEqual([]);
      const used = new Set(nodes.map((node) => node['Index Name']));
      expect(used).toContain('candidates_open');
      expect(used).toContain('pursuits_open');
      expect(fetched(nodes, 'candidates')).toBeLessThanOrEqual(50);
      expect(fetched(nodes, 'pursuits')).toBeLessThanOrEqual(50);
      // The order is kept for as many rows as are asked for, not for all.
      expect(nodes.map((node) => node['Sort Method'])).toContain('top-N heapsort');
    },
  );

  it('are counted from the same indexes', async () => {
    const { nodes, ms } = await explain(COUNT_TODAY, page().slice(0, 5));
    console.log(`today counted: ${ms.toFixed(0)} ms`);
    expect(fetched(nodes, 'candidates')).toBe(0);
    expect(fetched(nodes, 'pursuits')).toBe(0);
  });

  it('of one owner are read alone', async () => {
    const { nodes, ms } = await explain(pageOfToday('priority'), page(['owner_7', null, null, null]));
    console.log(`today of one owner: ${ms.toFixed(0)} ms`);
    expect(fetched(nodes, 'candidates')).toBeLessThanOrEqual(50);
  });

  it.each([
    [
      'candidates',
      'coalesce(last_touch_at, created_at), candidate_id',
      `now() - interval '100 hours', 30000`,
      'candidates_left_alone',
    ],
    ['pursuits', `coalesce(due_date, 'infinity'), pursuit_id`, 'current_date + 20, 15000', 'pursuits_by_due_date'],
  ])(
    'of the board of %s are read from the middle of the index on, and nothing before it (R001-45)',
    async (table, keys, behind, index) => {
      const { nodes } = await explain(
        `select * from workstream.${table} where tenant = engine.tenant() and (${keys}) > (${behind}) order by ${keys} limit $1 offset $2`,
        [51, 0],
      );
      expect(nodes.map((node) => node['Index Name'])).toContain(index);
      expect(fetched(nodes, table)).toBeLessThanOrEqual(51);
    },
  );

  it.each([
    ['signals', 'signal_id', 'signals_newest'],
    ['candidates', 'candidate_id', 'candidates_newest'],
    ['pursuits', 'pursuit_id', 'pursuits_newest'],
  ])('of %s are paged along an index, no further than the page', async (table, id, index) => {
    const { nodes } = await explain(
      `select * from workstream.${table} where tenant = engine.tenant() order by created_at desc, ${id} desc limit $1 offset $2`,
      [50, 100],
    );
    expect(nodes.map((node) => node['Index Name'])).toContain(index);
    expect(fetched(nodes, table)).toBeLessThanOrEqual(150);
  });
});
