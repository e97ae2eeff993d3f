import { workstream } from '../support/workstream.js';

const service = workstream();

/** What is asked, and what counts how often it was done. */
interface Case {
  path: (pursuit: number, signal: number) => string;
  body: (signal: number) => object;
  role?: 'sales' | 'admin' | 'operator';
  count: string;
}
const CASES: Readonly<Record<string, Case>> = {
  'an entry of the cost of sale': {
    path: (id) => `/api/pursuits/${id}/cos`,
    body: () => ({ role: 'writer', hours: 2, rate: 80 }),
    count: 'workstream.cos_entries',
  },
  'an answer of a prospect': {
    path: (id) => `/api/pursuits/${id}/responses`,
    body: () => ({ note: 'They like it' }),
    count: 'workstream.pursuit_responses',
  },
  'a value of the configuration': {
    path: () => '/api/workstream/config',
    body: () => ({ config_type: 'ranking_rule', config_key: 'x', config_value: { a: 1 } }),
    role: 'admin',
    count: 'workstream.config_registry',
  },
  'a field of a domain': {
    path: () => '/api/spotlights/fields',
    body: () => ({ domain: 'd', field_name: 'f', field_type: 'text' }),
    count: 'workstream.spotlight_fields',
  },
  'an entry of a catalogue': {
    path: () => '/api/workstream/problems',
    body: () => ({ name: 'Slow website' }),
    role: 'operator',
    count: 'workstream.problem_taxonomy',
  },
  'a file of signals': {
    path: () => '/api/signals/import',
    body: () => ({ csv: 'snippet\nx\n' }),
    count: 'workstream.signal_imports',
  },
  'a link of signals': {
    path: (id) => `/api/candidates/${id}/signals`,
    body: (signal) => ({ signal_ids: [signal] }),
    count: `(select from engine.history where type = 'link')`,
  },
  'a look over all clocks': {
    path: () => '/api/sla/reconcile',
    body: () => ({}),
    role: 'operator',
    count: `(select from engine.instances where lifecycle = 'bulk' and keys ->> 'task' = 'sla.reconcile')`,
  },
  'moves of many': {
    path: () => '/api/pursuits/bulk/stage',
    body: () => ({ ids: [], to: 'pink' }),
    count: `(select from engine.history where type = 'start-pink')`,
  },
};

const amount = async (of: string): Promise<number> =>
  Number((await service.rows<{ count: string }>(`select count(*) from ${of} as counted`))[0]?.count);

describe('under one Idempotency-Key', () => {
  it.each(Object.keys(CASES))('%s is written once, also by twins, and answered the same', async (name) => {
    const { path, body, role = 'sales', count } = CASES[name] as Case;
    const [pursuit, signal] = [await service.pursuit(), await service.signal()];
    const request = { ...body(signal) } as { ids?: number[] };
    if (request.ids) request.ids = [pursuit];
    const before = await amount(count);
    const ask = () =>
      service.ask('POST', path(pursuit, signal), request, role, { 'idempotency-key': `key-${pursuit}` });
    const [one, two] = await Promise.all([ask(), ask()]);
    expect(one.status).toBeLessThan(300);
    expect(two).toEqual(one);
    expect(await ask()).toEqual(one);
    expect(await amount(count)).toBe(before + 1);
  });

  it('another request is refused', async () => {
    const pursuit = await service.pursuit();
    const ask = (hours: number) =>
      service.ask('POST', `/api/pursuits/${pursuit}/cos`, { role: 'writer', hours, rate: 80 }, 'sales', {
        'idempotency-key': 'one',
      });
    expect((await ask(1)).status).toBe(201);
    expect(await ask(2)).toMatchObject({ status: 422, body: { code: 'IDEMPOTENCY_KEY_REUSED' } });
  });
});
