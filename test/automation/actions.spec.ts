import { RuleSealing } from '../../src/automation/rules/rule.sealing.js';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { isOutside } from '../../src/integrations/http/outbound.js';
import { createHmac } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { Automation } from '../support/automation.js';
import { workstream } from '../support/workstream.js';

// Hosts inside may be called by their names only; this one is the receiver of this file.
const service = workstream({ WEBHOOK_INSIDE_HOSTS: '127.0.0.1' });
const automation = new Automation(service);

/** A rule that does one thing when `demo.do` happens, and what became of it. */
async function doing(type: string, params: object, payload: object = {}, role: 'sales' | 'operator' = 'sales') {
  const name = `demo.do${++number}`;
  const made = await service.ask(
    'POST',
    '/api/automation/rules',
    { name, trigger: { event_types: [name] }, actions: [{ type, params }] },
    role,
  );
  expect(made.status).toBe(201);
  const id = Number(made.body['rule_id']);
  await automation.event(name, payload);
  await service.work();
  const [job] = await automation.jobs(id);
  if (!job) throw new Error(`${type} was not asked for`);
  return { id, job };
}
let number = 0;

describe('the catalogue', () => {
  it('is a table of everything that rules can have done, each with its permission (R001-76, R001-78)', async () => {
    const { data } = await service.done<{
      data: { action_type: string; permission: string; roles: string[]; kind: string; params: object }[];
    }>('GET', '/api/automation/actions');
    expect(data.map(({ action_type }) => action_type)).toEqual([
      'ai_named_entity_recognition',
      'ai_sentiment_analysis',
      'ai_text_generation',
      'automation.ask_assistant',
      'automation.call_webhook',
      'automation.emit_event',
      'automation.schedule_followup',
      'classify_text',
      'comms.escalate',
      'comms.send_email',
      'create_crm_record',
      'create_ticket',
      'db_insert',
      'db_query',
      'db_update',
      'docs.render_template',
      'engagements.create_task',
      'http_request',
      'kv_get',
      'kv_set',
      'log_event',
      'people.create_assignment',
      'r2_get',
      'r2_put',
      'schedule_meeting',
      'send_email',
      'send_slack_message',
      'send_sms',
      'send_webhook',
      'transform_data',
      'update_crm_record',
      'validate_data',
      'workstream.create_candidate',
      'workstream.move_candidate',
      'workstream.move_pursuit',
      'workstream.promote_to_pursuit',
    ]);
    expect(data.every(({ permission, roles }) => permission !== '' && roles.length > 0)).toBe(true);
    expect(data.find(({ action_type }) => action_type === 'comms.send_email')).toMatchObject({
      kind: 'email',
      permission: 'comms.send',
      params: { to: { required: true }, subject: { required: true }, body: { required: true } },
    });
    const rows = await service.rows<{ action_type: string }>(
      'select action_type from app.automation_action_catalog order by 1',
    );
    expect(rows.map(({ action_type }) => action_type)).toEqual(data.map(({ action_type }) => action_type));
  });
});

describe('the pipeline, by rules', () => {
  it('refuses to submit a pursuit whose list is not done, and names each missing item (R001-28, R001-78)', async () => {
    const pursuit = await service.pursuit();
    await service.advance(pursuit, 'red');
    const move = { pursuit_id: '{{ payload.pursuit_id }}', to: 'submit' };
    const refused = await doing('workstream.move_pursuit', move, { pursuit_id: pursuit });
    expect(refused.job).toMatchObject({ status: 'failed', attempts: 1, error: { code: 'GATE_BLOCKED' } });
    for (const item of ['proposal_reviewed', 'pricing_approved', 'legal_terms_agreed', 'delivery_plan_finalized'])
      expect(refused.job.error?.message).toContain(item);
    expect(await service.stage(pursuit)).toBe('red');
    expect((await automation.logs(refused.id)).at(-1)).toMatchObject({
      outcome: 'failed',
      detail: { action: 'workstream.move_pursuit', error: { code: 'GATE_BLOCKED' } },
    });

    await service.clear(pursuit, 'red_to_submit', ['proposal_reviewed', 'pricing_approved', 'legal_terms_agreed']);
    const nearly = await doing('workstream.move_pursuit', move, { pursuit_id: pursuit });
    expect(nearly.job.error?.message).toBe('The gate is closed, missing: delivery_plan_finalized.');

    await service.clear(pursuit, 'red_to_submit');
    const done = await doing('workstream.move_pursuit', move, { pursuit_id: pursuit });
    expect(done.job).toMatchObject({ status: 'succeeded', result: { stage: 'submit' } });
    expect(await service.stage(pursuit)).toBe('submit');
    const history = await service.rows<{ actor: string }>(
      `select h.actor from engine.history h join workstream.pursuits p on p.workflow_instance_id = h.instance_id where p.pursuit_id = $1 and h.type = 'submit'`,
      pursuit,
    );
    expect(history).toEqual([{ actor: `system:rule:${done.id}` }]);
  });

  it('makes a candidate, moves and promotes it, as people would (R001-78)', async () => {
    const signal = await service.signal();
    const made = await doing(
      'workstream.create_candidate',
      { title: 'From {{ payload.from }}', signal_ids: ['{{ payload.signal }}'], owner_user_id: 'sally' },
      { from: 'a fair', signal },
    );
    expect(made.job).toMatchObject({ kind: 'crm', status: 'succeeded' });
    const candidate = Number(made.job.result?.['candidate_id']);
    expect(await service.done('GET', `/api/candidates/${candidate}`)).toMatchObject({
      title: 'From a fair',
      owner_user_id: 'sally',
    });
    expect(await service.done('GET', `/api/signals/${signal}`)).toMatchObject({ status: 'linked' });
    const early = await doing('workstream.promote_to_pursuit', { candidate_id: candidate });
    expect(early.job).toMatchObject({ status: 'failed', error: { code: 'INVALID_TRANSITION' } });
    expect((await doing('workstream.move_candidate', { candidate_id: candidate, to: 'triaged' })).job.status).toBe(
      'succeeded',
    );
    const promoted = await doing('workstream.promote_to_pursuit', { candidate_id: candidate });
    expect(promoted.job).toMatchObject({ status: 'succeeded', result: { pursuit_id: candidate } });
    expect(
      (await doing('people.create_assignment', { item_type: 'pursuit', item_id: candidate, user_id: 'bob' })).job
        .status,
    ).toBe('succeeded');
    expect(await service.done('GET', `/api/pursuits/${candidate}`)).toMatchObject({ capture_lead_id: 'bob' });
    const nobody = await doing('workstream.promote_to_pursuit', { candidate_id: 987_654 });
    expect(nobody.job).toMatchObject({ status: 'failed', error: { code: 'NOT_FOUND' } });
  });

  it('says what is wrong with parameters that only the event has made wrong', async () => {
    const { job } = await doing('workstream.promote_to_pursuit', { candidate_id: '{{ payload.id }}' }, { id: 'seven' });
    expect(job).toMatchObject({ status: 'failed', error: { code: 'WF006' } });
    expect(job.error?.message).toContain('params.candidate_id');
  });
});

describe('outcomes', () => {
  it('are rows of one outbox with their kind: email, task, crm, report (R001-80)', async () => {
    const mail = await doing(
      'comms.send_email',
      { to: '{{ payload.to }}', subject: 'Hi\n{{ payload.name }}', body: 'Welcome' },
      { to: 'ann@example.com', name: 'Ann' },
    );
    const task = await doing('engagements.create_task', { assignee_id: 'sales-team', title: 'Call Ann' });
    const report = await doing(
      'docs.render_template',
      { title: 'Report', body: '## Sums\nAnn has {{ payload.n }} orders' },
      { n: 3 },
    );
    for (const { job } of [mail, task, report]) expect(job).toMatchObject({ status: 'succeeded' });
    const kinds = await service.rows<{ kind: string }>(
      `select kind from app.automation_job where org_id = 1 and job_id = any($1) order by job_id`,
      [mail, task, report].map(({ job }) => job.job_id),
    );
    expect(kinds.map(({ kind }) => kind)).toEqual(['email', 'task', 'report']);
    const key = service.live.app.get((await import('../../src/platform/config.js')).Config).sandboxKeys['sales'] ?? '';
    const document = await fetch(`${service.live.url}/api/automation/jobs/${report.job.job_id}/document`, {
      headers: { authorization: `Bearer ${key}` },
    });
    expect(document.status).toBe(200);
    expect(
      Buffer.from(await document.arrayBuffer())
        .subarray(0, 5)
        .toString(),
    ).toBe('%PDF-');
    expect((await service.ask('GET', `/api/automation/jobs/${mail.job.job_id}/document`)).status).toBe(404);
  });

  it('are tasks that people answer, where somebody is given one; and rules hear of the answer (R001-78, R004-65)', async () => {
    const heard = await automation.rule({ trigger: { event_types: ['task.completed'] } });
    const { job } = await doing('engagements.create_task', {
      assignee_id: 'sales-team',
      title: 'Call Ben',
      due_at: '2099-01-01',
    });
    expect(job).toMatchObject({ status: 'failed', error: { code: 'WF006' } });
    const { job: right } = await doing('engagements.create_task', { assignee_id: 'sales-team', title: 'Call Ben' });
    const { task_id } = right.result as { task_id: string };
    expect(await service.done('GET', `/api/tasks/${task_id}`)).toMatchObject({
      title: 'Call Ben',
      task_type: 'to_do',
      status: 'pending',
      assigned_roles: ['sales'],
    });
    await service.done('POST', `/api/tasks/${task_id}/complete`, { formData: { outcome: 'He will think about it' } });
    await service.work();
    expect((await automation.logs(heard)).map(({ outcome }) => outcome)).toContain('fired');
  });

  it('are tried three times, and then given up as dead (R001-76)', async () => {
    await service.live.breakDown('smtp');
    const { id, job } = await doing('comms.send_email', { to: 'down@example.com', subject: 's', body: 'b' });
    expect(job).toMatchObject({ status: 'queued', attempts: 1 });
    await automation.pass('5m');
    expect((await automation.jobs(id))[0]).toMatchObject({ status: 'queued', attempts: 2 });
    await automation.pass('5m');
    expect((await automation.jobs(id))[0]).toMatchObject({
      status: 'dead',
      attempts: 3,
      error: { code: 'ATTEMPTS_EXHAUSTED' },
    });
    expect((await automation.logs(id)).map(({ outcome }) => outcome)).toEqual(['fired', 'dead']);
    await service.live.repair();
  });

  it('that fail hold up none of the others of their rule, and the firing can be stopped', async () => {
    const id = await automation.rule({
      trigger: { event_types: ['several.things'] },
      actions: [
        { type: 'workstream.promote_to_pursuit', params: { candidate_id: 987_654 } },
        { type: 'automation.emit_event', params: { event_type: 'several.done' } },
      ],
    });
    await automation.event('several.things');
    await service.work();
    expect((await automation.jobs(id)).map(({ status }) => status)).toEqual(['failed', 'succeeded']);
    await automation.event('several.things');
    const stopped = (await automation.jobs(id)).slice(2);
    const instance = stopped[0]?.workflow_instance_id ?? '';
    expect(
      await service.ask('POST', `/api/instances/${instance}/events`, { type: 'firing.stop' }, 'operator'),
    ).toMatchObject({ status: 200, body: { state: 'stopped' } });
    await service.work();
    expect((await automation.jobs(id)).slice(2).map(({ status }) => status)).toEqual(['dead', 'dead']);
  });
});

describe('a follow-up', () => {
  it('comes back by a durable timer, with the event it was made with (R001-78)', async () => {
    const id = await automation.rule({ trigger: { event_types: ['check.again'] } });
    const { job } = await doing(
      'automation.schedule_followup',
      { in: '3d', event_type: 'Check.Again', payload: { who: '{{ payload.who }}' } },
      { who: 'ann' },
    );
    expect(job).toMatchObject({ kind: 'task', status: 'succeeded' });
    await automation.pass('71h');
    expect(await automation.logs(id)).toEqual([]);
    await automation.pass('1h');
    expect(await automation.logs(id)).toMatchObject([
      { outcome: 'fired', event_type: 'check.again' },
      { outcome: 'succeeded' },
    ]);
    const [event] = await service.rows(
      `select source, payload, depth from automation.events where type = 'check.again'`,
    );
    expect(event).toEqual({ source: 'followup', payload: { who: 'ann' }, depth: 1 });
    const soon = await doing('automation.schedule_followup', { in: '1s' });
    expect(soon.job).toMatchObject({ status: 'failed', error: { code: 'WF006' } });
  });
});

describe('a webhook', () => {
  let server: Server;
  const received: { headers: IncomingMessage['headers']; body: string }[] = [];
  let status = 200;

  beforeAll(async () => {
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
        response.writeHead(status, status === 302 ? { location: 'http://127.0.0.1:1/elsewhere' } : {}).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const here = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  const call = (params: object, payload: object = {}) => doing('automation.call_webhook', params, payload, 'operator');

  it('carries a body that only we can have signed (R001-78)', async () => {
    status = 200;
    const { job } = await call({ url: here(), body: { won: '{{ payload.n }}' } }, { n: 7 });
    expect(job).toMatchObject({ kind: 'webhook', status: 'succeeded', result: { status: 200 } });
    const last = received.at(-1);
    expect(last?.body).toBe('{"won":7}');
    const { secrets } = await service.done<{ secrets: string[] }>(
      'GET',
      '/api/automation/webhook-secrets',
      undefined,
      'admin',
    );
    const [, time, signature] =
      /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(last?.headers['statewright-signature'])) ?? [];
    expect(
      createHmac('sha256', secrets[0] ?? '')
        .update(`${time}.${last?.body}`)
        .digest('hex'),
    ).toBe(signature);
    expect((await service.ask('GET', '/api/automation/webhook-secrets', undefined, 'operator')).status).toBe(403);
  });

  it('tells its address and its body to nobody who may not call it, wherever they are looked for (R001-78)', async () => {
    status = 200;
    const secret = `${here()}?token=very-secret`;
    const { id, job } = await call({ url: secret, body: { password: 'very-secret' } });
    expect(job.status).toBe('succeeded');
    expect(received.at(-1)?.body).toBe('{"password":"very-secret"}');
    const instance = `/api/instances/${job.workflow_instance_id}`;
    const places = [`/api/automation/rules/${id}`, '/api/automation/rules?limit=200', '/api/automation/jobs'];
    for (const role of ['sales', 'viewer', 'legal', 'admin'] as const)
      for (const place of [...places, instance, `${instance}/history`, `${instance}/effects`]) {
        const { status, body } = await service.ask('GET', place, undefined, role);
        expect(status).toBe(200);
        // Those who may call it see the rule as it was written; what is kept of a firing is sealed for everybody.
        if (role !== 'admin' || place === instance) expect(JSON.stringify(body)).not.toContain('very-secret');
      }
    const trial = { rule_id: id, event: { event_type: `demo.do${number}` } };
    const tried = (role: 'sales' | 'operator') => service.done('POST', '/api/automation/test', trial, role);
    expect(await tried('sales')).toMatchObject({ actions: [{ params: { url: '(hidden)', body: '(hidden)' } }] });
    expect(await tried('operator')).toMatchObject({ actions: [{ params: { url: secret } }] });
    expect(await service.rows(`select 1 from engine.history where payload::text like '%very-secret%'`)).toEqual([]);
    expect(await service.rows(`select 1 from engine.outbox where params::text like '%very-secret%'`)).toEqual([]);
    const tables = await service.rows<{ name: string }>(
      `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind = 'r' and n.nspname in ('engine', 'automation', 'notifications')`,
    );
    for (const { name } of tables)
      expect([name, await service.rows(`select 1 from ${name} t where t::text like '%very-secret%'`)]).toEqual([
        name,
        [],
      ]);
  });

  it('of a rule from before rules were sealed is sealed, and called as before', async () => {
    status = 200;
    const { id } = await call({ url: here(), body: { n: 1 } });
    const actions = [{ type: 'automation.call_webhook', params: { url: `${here()}?old-secret`, body: { n: 2 } } }];
    const kept = async () => {
      const [row] = await service.rows<{ text: string; revision: number }>(
        'select actions::text as text, revision from automation.rules where rule_id = $1',
        id,
      );
      return row;
    };
    await service.rows('update automation.rules set actions = $2 where rule_id = $1', id, JSON.stringify(actions));
    const shown = () => service.done('GET', `/api/automation/rules/${id}`, undefined, 'operator');
    expect(await shown()).toMatchObject({ actions });
    const before = await kept();
    await service.live.app.get(RuleSealing).turn();
    const after = await kept();
    expect(before?.text).toContain('old-secret');
    expect(after?.text).not.toContain('old-secret');
    expect(after?.revision).toBe(before?.revision);
    expect(await shown()).toMatchObject({ actions });
    // Written back as it was shown, it is the same; another body is another.
    const changed = [{ ...actions[0], params: { ...actions[0]?.params, body: { n: 3 } } }];
    await service.done('PATCH', `/api/automation/rules/${id}`, { actions: changed }, 'operator');
    expect((await kept())?.text).not.toContain('old-secret');
    await service.done('POST', '/api/automation/events', { event_type: `demo.do${number}`, payload: {} });
    await service.work();
    expect(received.at(-1)?.body).toBe('{"n":3}');
  });

  it('is not taken away with its rule by somebody who may not call it', async () => {
    const { id } = await call({ url: here() });
    const remove = (role: 'sales' | 'operator') =>
      service.ask('DELETE', `/api/automation/rules/${id}`, undefined, role);
    expect(await remove('sales')).toMatchObject({ status: 403, body: { code: 'WF005' } });
    expect(await remove('operator')).toMatchObject({ status: 200, body: { deleted: 1 } });
  });

  it('is tried again under the same delivery when the receiver is down, not when it says no, and follows no redirect', async () => {
    status = 503;
    const { id, job } = await call({ url: here() });
    expect(job).toMatchObject({ status: 'queued', attempts: 1 });
    status = 204;
    await automation.pass('2m');
    expect((await automation.jobs(id))[0]).toMatchObject({ status: 'succeeded', attempts: 2 });
    const [first, second] = received.slice(-2);
    expect(first?.headers['statewright-delivery']).toBe(second?.headers['statewright-delivery']);
    status = 422;
    expect((await call({ url: here() })).job).toMatchObject({ status: 'failed', error: { code: 'HTTP_422' } });
    status = 302;
    expect((await call({ url: here() })).job).toMatchObject({ status: 'failed', error: { code: 'HTTP_302' } });
  });

  it.each([
    'https://localhost/x',
    'https://[::1]/x',
    'https://10.0.0.8/x',
    'https://169.254.169.254/latest',
    'https://167772161/x',
    'http://example.com/x',
  ])('does not go to %s (R001-78)', async (url) => {
    const { job } = await call({ url });
    expect(job).toMatchObject({ status: 'failed', error: { code: 'ADDRESS_FORBIDDEN' } });
  });

  it('knows which addresses are out there for everybody', () => {
    const inside = [
      '127.0.0.1',
      '10.1.2.3',
      '172.31.0.1',
      '192.168.1.1',
      '169.254.169.254',
      '100.64.0.1',
      '0.0.0.0',
      '224.0.0.1',
      '::1',
      'fe80::1',
      'fc00::1',
      '::ffff:127.0.0.1',
      '2002:7f00:1::',
      '64:ff9b::7f00:1',
    ];
    expect(inside.filter(isOutside)).toEqual([]);
    const outside = ['1.1.1.1', '93.184.216.34', '2606:4700:4700::1111'];
    expect(outside.filter((address) => !isOutside(address))).toEqual([]);
  });
});
