import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Calling } from '../../src/automation/executions/calling.js';
import { OutboxWorker } from '../../src/engine/workers/outbox.worker.js';
import { step, Workflows } from '../support/workflows.js';
import { workstream } from '../support/workstream.js';

// Hosts inside may be called by their names only; this one is the receiver of this file.
const service = workstream({ WEBHOOK_INSIDE_HOSTS: '127.0.0.1' });
const workflows = new Workflows(service);

interface Seen {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
}
const seen: Seen[] = [];
/** How the receiver answers, by path; 200 with an empty object unless said otherwise. */
const answers = new Map<string, (response: ServerResponse, times: number) => void>();
let server: Server;
let url: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      seen.push({ method, path, headers, body: Buffer.concat(chunks).toString() });
      const times = seen.filter((other) => other.path === path).length;
      const answer = answers.get(path);
      if (answer) answer(response, times);
      else response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const webhook = (id: string, path: string, more: object = {}, next?: string) => ({
  id,
  type: 'webhook',
  webhook: { url: `${url}${path}`, method: 'POST', ...more },
  ...(next !== undefined && { next }),
});
const request = (id: string, path: string, more: object = {}) =>
  step.action(id, 'http_request', { url: `${url}${path}` }, more);
const of = (path: string) => seen.filter((one) => one.path === path);
const status =
  (code: number, headers: object = {}) =>
  (response: ServerResponse) =>
    void response.writeHead(code, { ...headers }).end('no');
const audits = async (id: string) =>
  service.rows<{
    step_id: string;
    status: string;
    attempt: number;
    error: { code: string } | null;
    action_config: object;
  }>(
    'select step_id, status, attempt, error, action_config from automation.action_audit where execution_id = $1 order by audit_id',
    id,
  );

describe('a webhook step', () => {
  it('sends what it says, with its references filled, and has the answer as JSON or text (R002-48)', async () => {
    answers.set('/json', (response) => response.end('{"ok":[1]}'));
    answers.set('/text', (response) => response.end('plain'));
    const { output } = await workflows.run(
      [
        webhook('json', '/json', { headers: { 'X-Who': '{{input.who}}' }, body: { list: ['{{input.who}}'] } }, 'text'),
        webhook('text', '/text', { method: 'GET' }),
      ],
      { who: 'Ines' },
    );
    expect(output).toEqual({ json: { ok: [1] }, text: 'plain' });
    expect(of('/json')).toMatchObject([{ method: 'POST', body: '{"list":["Ines"]}', headers: { 'x-who': 'Ines' } }]);
  });

  it.each<[string, object, object]>([
    ['bearer', { token: 'secret-1' }, { authorization: 'Bearer secret-1' }],
    [
      'basic',
      { username: 'u', password: 'secret-2' },
      { authorization: `Basic ${Buffer.from('u:secret-2').toString('base64')}` },
    ],
    ['api_key', { header: 'X-Key', key: 'secret-3' }, { 'x-key': 'secret-3' }],
  ])(
    'shows who it is by %s, and neither the audit nor the database tells with what (R002-48, R002-6)',
    async (type, config, headers) => {
      const { id } = await workflows.run([webhook('only', `/auth/${type}`, { auth: { type, config } })]);
      expect(of(`/auth/${type}`)).toMatchObject([{ headers }]);
      const [audit] = await audits(id);
      expect(JSON.stringify(audit)).toContain('(hidden)');
      const [everything] = await service.rows<{ text: string }>(
        `select (select string_agg(a::text, '') from automation.action_audit a) || (select string_agg(i.snapshot::text, '') from engine.instances i)
           || (select string_agg(v::text, '') from automation.workflow_versions v) || (select string_agg(o.params::text, '') from engine.outbox o)
           || (select string_agg(h.payload::text, '') from engine.history h) as text`,
      );
      expect(everything?.text).not.toMatch(/secret-\d/);
    },
  );

  it('is not tried again after a plain no, and is after a fault, a throttle or silence (R002-48)', async () => {
    answers.set('/no', status(404));
    expect(await workflows.run([webhook('only', '/no')])).toMatchObject({
      status: 'failed',
      error: { code: 'HTTP_404' },
    });
    expect(of('/no')).toHaveLength(1);
    answers.set('/busy', (response, times) => response.writeHead(times === 1 ? 503 : 200).end('{}'));
    const id = await workflows.started(await workflows.made([webhook('only', '/busy')]));
    await service.work();
    expect(await workflows.execution(id)).toMatchObject({ status: 'running', currentStep: 'only' });
    await workflows.pass('5s');
    expect(await workflows.execution(id)).toMatchObject({ status: 'completed' });
    expect(of('/busy').map(({ headers }) => headers['idempotency-key'])).toEqual(Array(2).fill(`demo:${id}:only:0`));
  });

  it('follows three redirects, takes no secrets to another house, and never leads into ours (R002-48)', async () => {
    const away = url.replace('127.0.0.1', '127.0.0.2');
    answers.set('/r1', status(307, { location: '/r2' }));
    answers.set('/r2', status(307, { location: '/r3' }));
    answers.set('/r3', status(307, { location: '/r4' }));
    answers.set('/r4', status(307, { location: '/r5' }));
    answers.set('/inside', status(302, { location: `${away}/never` }));
    const auth = { type: 'bearer', config: { token: 'x' } };
    expect(await workflows.run([webhook('only', '/r1', { auth })])).toMatchObject({ error: { code: 'HTTP_307' } });
    expect(of('/r4')).toMatchObject([{ headers: { authorization: 'Bearer x' } }]);
    expect(of('/r5')).toEqual([]);
    expect(await workflows.run([webhook('only', '/inside')])).toMatchObject({ error: { code: 'ADDRESS_FORBIDDEN' } });
    expect(of('/never')).toEqual([]);
  });

  it.each([
    'http://127.0.0.2/',
    'https://10.0.0.1/',
    'https://[::1]/',
    'https://169.254.169.254/latest',
    'http://example.com/',
  ])('does not call %s (R002-48)', async (address) => {
    expect(await workflows.run([webhook('only', '', { url: address })])).toMatchObject({
      error: { code: 'ADDRESS_FORBIDDEN' },
    });
  });

  it('fails when the answer is too large to be kept', async () => {
    answers.set('/large', (response) => response.end('x'.repeat(2_000_000)));
    expect(await workflows.run([webhook('only', '/large')])).toMatchObject({ error: { code: 'RESULT_TOO_LARGE' } });
  });

  it('takes nothing over from an answer that reaches for prototypes', async () => {
    answers.set('/proto', (response) => response.end('{"__proto__":{"admin":true},"a":1}'));
    expect(await workflows.run([webhook('only', '/proto')])).toMatchObject({
      status: 'completed',
      output: { only: { a: 1 } },
    });
  });
});

describe('a step is tried again', () => {
  it.each([
    ['exponential', [5, 10, 20]],
    ['linear', [5, 10, 15]],
  ])('at %s distances, and after its last try the execution fails (R002-42)', async (backoff, pauses) => {
    const path = `/fails/${backoff}`;
    answers.set(path, status(500));
    const id = await workflows.started(
      await workflows.made([request('only', path, { retries: { limit: 3, delay: '5s', backoff } })]),
    );
    await service.work();
    for (const [index, seconds] of pauses.entries()) {
      expect(of(path)).toHaveLength(index + 1);
      const [timer] = await service.rows<{ seconds: number }>(
        `select round(extract(epoch from due_at - armed.at))::int as seconds from engine.timers t,
           lateral (select max(h.at) as at from engine.history h where h.instance_id = t.instance_id) armed
          where t.instance_id = $1 and t.timer_id like '%PAUSE%' and t.fired_at is null`,
        id,
      );
      expect(timer?.seconds).toBe(seconds);
      await workflows.pass(`${seconds}s`);
    }
    expect(await workflows.execution(id)).toMatchObject({
      status: 'failed',
      error: { step: 'only', code: 'TEMPORARY_FAILURE' },
    });
    expect(await audits(id)).toMatchObject(
      [1, 2, 3, 4].map((attempt) => ({
        step_id: 'only',
        attempt,
        status: 'retry',
        error: { code: 'TEMPORARY_FAILURE' },
      })),
    );
  });

  it('also after a plain no where the workflow says retry, and then stops (R002-56)', async () => {
    answers.set('/stubborn', status(400));
    const config = { errorHandling: { onError: 'retry' } };
    const retries = { limit: 1, delay: '1s' };
    const id = await workflows.started(await workflows.made([request('only', '/stubborn', { retries })], { config }));
    await service.work();
    await workflows.pass('2s');
    expect(await workflows.execution(id)).toMatchObject({ status: 'failed', error: { code: 'HTTP_400' } });
    expect(of('/stubborn')).toHaveLength(2);
  });

  it('when it takes longer than it may (R002-42)', async () => {
    answers.set('/silent', () => undefined);
    const { id, workflowId } = await workflows.run([request('only', '/quick', { timeout: '7s' })]);
    const [asked] = await service.rows<{ ms: number }>(
      `select (params #>> '{calls,0,timeoutMs}')::int as ms from engine.outbox where instance_id = $1 and type = 'automation.step'`,
      id,
    );
    expect(asked?.ms).toBe(7_000);
    // The same call to somebody who never answers: how long is waited for him is no matter.
    const call = { stepId: 'only', key: `${id}:only:1`, type: 'action' as const, timeoutMs: 1, attempt: 1 };
    const config = { url: `${url}/silent` };
    const owner = { id: 'admin_1', roles: ['admin'] };
    const run = {
      tenant: 'demo',
      instanceId: id,
      key: 'silent',
      attempt: 1,
      begun: 1,
      since: 0,
      correlationId: 'silent',
    };
    const job = { workflowId, calls: [{ ...call, action: 'http_request', config }], firstIsEnough: false, owner };
    const { signal } = new AbortController();
    expect(await service.live.app.get(Calling).perform(job, { ...run, signal })).toMatchObject({
      output: { only: { kind: 'failed', isPassing: true, message: 'it took longer than 1 ms' } },
    });
    expect((await audits(id)).at(-1)).toMatchObject({ status: 'retry', error: { code: 'TEMPORARY_FAILURE' } });
  });

  it('only as far as it has not succeeded: of steps at the same time, those that did are left alone (R002-45, R002-72)', async () => {
    answers.set('/second', (response, times) => response.writeHead(times === 1 ? 500 : 200).end('{}'));
    const retries = { retries: { limit: 1, delay: '1s' } };
    const id = await workflows.started(
      await workflows.made([
        step.parallel('both', ['first', 'second']),
        request('first', '/first', retries),
        request('second', '/second', retries),
      ]),
    );
    await service.work();
    await workflows.pass('2s');
    expect(await workflows.execution(id)).toMatchObject({
      status: 'completed',
      output: { both: { first: {}, second: {} } },
    });
    expect([of('/first').length, of('/second').length]).toEqual([1, 2]);
  });

  it('not as a call that has succeeded, when the worker died before it could say so (R002-72)', async () => {
    const id = await workflows.started(await workflows.made([request('only', '/once')]));
    await service.live.app.get(OutboxWorker).turn();
    expect(await workflows.execution(id)).toMatchObject({ status: 'completed' });
    // The same job once more, as a worker would find it after the one before had died.
    await service.rows(
      `insert into engine.outbox (tenant, instance_id, seq, idx, kind, type, params, key, ordered, next_attempt_at, correlation_id, created_at)
       select tenant, instance_id, seq, 9, 'command', type, params, key || ':again', false, now(), correlation_id, now()
         from engine.outbox where instance_id = $1 and type = 'automation.step'`,
      id,
    );
    await service.work();
    const again = await service.rows(
      `select status from engine.outbox where instance_id = $1 and key like '%:again'`,
      id,
    );
    expect(again).toEqual([{ status: 'done' }]);
    expect(of('/once')).toHaveLength(1);
    expect(await audits(id)).toMatchObject([{ status: 'success' }]);
  });
});

describe('several at the same time', () => {
  it('of which the first is enough: the others are given up, and how they end is no matter (R002-45)', async () => {
    answers.set('/slow', () => undefined);
    const execution = await workflows.run([
      step.parallel('any', ['slow', 'fast'], undefined, false),
      request('slow', '/slow', { timeout: '60s' }),
      request('fast', '/fast'),
    ]);
    expect(execution).toMatchObject({ status: 'completed', output: { any: { fast: {} } } });
    expect(await audits(execution.id)).toMatchObject([{ step_id: 'fast', status: 'success' }]);
  });
});

describe('an execution that is called off', () => {
  it('lets what is being done end, and takes no notice of it (R002-59)', async () => {
    let finish = (): void => undefined;
    const reached = new Promise<void>((resolve) => {
      answers.set('/held', (response) => {
        finish = () => response.end('{}');
        resolve();
      });
    });
    const id = await workflows.started(await workflows.made([request('only', '/held')]));
    const worked = service.work();
    await reached;
    expect((await service.ask('POST', `/api/automation/executions/${id}/cancel`, {})).status).toBe(200);
    finish();
    await worked;
    expect(await workflows.execution(id)).toMatchObject({ status: 'cancelled', completedSteps: [], output: null });
    expect(await audits(id)).toMatchObject([{ status: 'success' }]);
  });
});

describe('the time that steps may take', () => {
  it('ends an execution that is busy for longer, tries again included (R002-58)', async () => {
    answers.set('/never-good', status(500));
    const more = { retries: { limit: 10, delay: '1h', backoff: 'linear' } };
    const config = { maxExecutionTime: '90m' };
    const id = await workflows.started(await workflows.made([request('only', '/never-good', more)], { config }));
    await service.work();
    await workflows.pass('1h');
    expect(await workflows.execution(id)).toMatchObject({ status: 'running' });
    await workflows.pass('31m');
    expect(await workflows.execution(id)).toMatchObject({
      status: 'failed',
      error: { step: 'only', code: 'MAX_EXECUTION_TIME_EXCEEDED' },
    });
  });
});

describe('an integration', () => {
  const PATH = '/api/automation/integrations';
  const body = (more: object = {}, config: object = {}) => ({
    name: 'The shop',
    type: 'api',
    config: {
      endpoint: `${url}/shop/v1`,
      auth: { type: 'bearer', config: { token: 'integration-secret-1' } },
      ...config,
    },
    ...more,
  });
  const ask = (method: string, path: string, given?: object, role: 'admin' | 'sales' = 'admin') =>
    service.ask<{ data: Record<string, unknown>; code?: string }>(method, `${PATH}${path}`, given, role);
  const through = (id: string, path: string, more: object = {}) =>
    workflows.run([step.action('only', 'http_request', { integration: id, url: path, ...more })]);

  it('is made, listed, changed and taken away, and shows its secrets to nobody (R002-1, R002-5)', async () => {
    const made = await ask(
      'POST',
      '',
      body({ id: 'shop' }, { headers: { 'x-team': 'integration-secret-2' }, settings: { region: 'eu' } }),
    );
    expect(made).toMatchObject({
      status: 201,
      body: {
        success: true,
        data: {
          id: 'shop',
          type: 'api',
          enabled: true,
          status: 'active',
          lastSync: null,
          config: {
            endpoint: `${url}/shop/v1`,
            auth: { type: 'bearer', config: { token: '(hidden)' } },
            headers: { 'x-team': '(hidden)' },
            settings: { region: 'eu' },
          },
        },
      },
    });
    expect(await ask('POST', '', body({ id: 'shop' }))).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
    expect(await ask('GET', '?type=api&limit=1', undefined, 'sales')).toMatchObject({
      status: 200,
      body: { data: [{ id: 'shop' }], metadata: { total: 1, hasMore: false } },
    });
    expect((await ask('POST', '', body(), 'sales')).status).toBe(403);
    const off = await ask('PATCH', '/shop', { enabled: false });
    expect(off.body.data).toMatchObject({ enabled: false, status: 'inactive', name: 'The shop' });
    const [row] = await service.rows<{ text: string }>(
      `select (select string_agg(a::text, '') from automation.integrations a) || (select string_agg(i::text, '') from engine.idempotency i)
         || (select string_agg(a::text, '') from engine.audit a) as text`,
    );
    expect(row?.text ?? '').not.toContain('integration-secret');
    expect((await ask('DELETE', '/shop')).body).toEqual({ success: true, data: { id: 'shop', deleted: true } });
    expect((await ask('GET', '/shop')).status).toBe(404);
  });

  it.each([
    ['an endpoint in the house', { endpoint: 'https://10.0.0.1/' }],
    ['an endpoint with a query', { endpoint: 'https://example.com/?a=b' }],
    ['a reference where a secret belongs', { auth: { type: 'bearer', config: { token: '{{input.token}}' } } }],
    ['a header of the transport', { headers: { host: 'example.com' } }],
    ['what it does not know', { password: 'x' }],
  ])('is refused with %s (R002-5)', async (_, config) => {
    expect(await ask('POST', '', body({}, config))).toMatchObject({ status: 400, body: { code: 'WF006' } });
  });

  it('has requests of workflows sent to where it is and as whom it says, and tells how the last one went (R002-5)', async () => {
    await ask('POST', '', body({ id: 'used' }));
    answers.set(
      '/shop/v1/orders?n=1',
      (response, times) =>
        void response.writeHead(times === 1 ? 200 : 401, { 'content-type': 'application/json' }).end('{"no":17}'),
    );
    const done = await through('used', '/orders?n=1');
    expect(done).toMatchObject({ status: 'completed', output: { only: { no: 17 } } });
    expect(of('/shop/v1/orders?n=1')[0]?.headers).toMatchObject({ authorization: 'Bearer integration-secret-1' });
    expect((await ask('GET', '/used')).body.data).toMatchObject({ status: 'active', lastSync: expect.any(String) });
    expect(await through('used', '/orders?n=1')).toMatchObject({ status: 'failed', error: { code: 'HTTP_401' } });
    expect((await ask('GET', '/used')).body.data).toMatchObject({
      status: 'error',
      lastError: 'the receiver answered 401',
    });
    const webhookStep = { id: 'only', type: 'webhook', webhook: { integration: 'used', url: '/hook', method: 'POST' } };
    expect(await workflows.run([webhookStep])).toMatchObject({ status: 'completed' });
    expect(of('/shop/v1/hook')[0]?.headers).toMatchObject({ authorization: 'Bearer integration-secret-1' });
    const [everything] = await service.rows<{ text: string }>(
      `select (select string_agg(a::text, '') from automation.action_audit a) || (select string_agg(i.snapshot::text, '') from engine.instances i)
         || (select string_agg(o.params::text, '') from engine.outbox o) as text`,
    );
    expect(everything?.text).not.toContain('integration-secret');
  });

  it('is left neither by a path that climbs, nor for another address with a secret that nobody has said again (R002-5)', async () => {
    await ask('POST', '', body({ id: 'bound' }));
    for (const path of ['/../../admin', '/%2e%2e/%2e%2e/admin', '/a/..%2f..%2f..%2fadmin', '/..\\..\\admin'])
      expect([path, await through('bound', path)]).toMatchObject([
        path,
        { error: { code: 'INTEGRATION_UNAVAILABLE' } },
      ]);
    expect(seen.filter(({ path }) => path.includes('admin'))).toEqual([]);
    const hidden = { auth: { type: 'bearer', config: { token: '(hidden)' } } };
    const moved = await ask('PATCH', '/bound', body({}, { ...hidden, endpoint: `${url}/elsewhere` }));
    expect(moved).toMatchObject({ status: 400, body: { code: 'WF006' } });
    expect((await ask('PATCH', '/bound', body({}, { ...hidden, settings: { a: 1 } }))).status).toBe(200);
    expect(await through('bound', '/kept')).toMatchObject({ status: 'completed' });
    expect(of('/shop/v1/kept')[0]?.headers).toMatchObject({ authorization: 'Bearer integration-secret-1' });
  });

  it('fails the step that needs it when it is switched off or gone, and shares it with no secrets of the step (R002-5)', async () => {
    await ask('POST', '', body({ id: 'off', enabled: false }));
    for (const id of ['off', 'nobody'])
      expect(await through(id, '/x')).toMatchObject({ status: 'failed', error: { code: 'INTEGRATION_UNAVAILABLE' } });
    const steps = (config: object) => ({
      name: 'x',
      startStep: 'a',
      steps: [step.action('a', 'http_request', config)],
    });
    for (const config of [
      { integration: 'off', url: 'https://example.com/' },
      { integration: 'off', url: '/x', headers: { a: 'b' } },
      { url: '/x' },
    ])
      expect(await service.ask('POST', '/api/automation/workflows', steps(config), 'admin')).toMatchObject({
        status: 400,
        body: { code: 'WORKFLOW_ERROR' },
      });
  });
});
