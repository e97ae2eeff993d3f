import { UsageReports } from '../../src/automation/accounts/usage.reports.js';
import { executionPolicies } from '../../src/automation/executions/execution.lifecycle.js';
import { Scheduling } from '../../src/automation/workflows/scheduling.js';
import { Retention } from '../../src/automation/retention.js';
import { Config } from '../../src/platform/config.js';
import { Pipeline } from '../support/events.js';
import { step, Workflows, type Audit } from '../support/workflows.js';
import { workstream } from '../support/workstream.js';

const service = workstream();
const workflows = new Workflows(service);
const pipeline = new Pipeline(service);
const MONITORING = '/api/automation/monitoring';
interface Figures {
  data: {
    events: { total: number; uniqueTypes: number; uniqueUsers: number };
    workflows: { total: number; enabled: number; totalExecutions: number };
    executions: { total: number; completed: number; failed: number; running: number; avgDuration: number | null };
    errors: { total: number; affectedWorkflows: number };
  };
}

describe('the dashboard', () => {
  it('tells what happened in a time, and of one’s own account only (R002-74, R002-75)', async () => {
    await service.done('POST', '/api/events', { payload: { type: 'user.signup', user_id: 'u1' } });
    await service.done('POST', '/api/events', { payload: { type: 'user.login', user_id: 'u1' } });
    await workflows.run([step.transform('only', '1')]);
    await workflows.run([step.transform('only', '1 / 0')]);
    await workflows.started(await workflows.made([step.delay('only', '7d')], { enabled: true }));
    await workflows.made([step.transform('only', '1')], { enabled: false });
    const { data } = await service.done<Figures>('GET', `${MONITORING}/dashboard?timeRange=1h`);
    expect(data).toMatchObject({
      timeRange: '1h',
      events: { total: 2, uniqueTypes: 2, uniqueUsers: 1 },
      workflows: { total: 4, enabled: 3, totalExecutions: 1 },
      executions: { total: 3, completed: 1, failed: 1, running: 1 },
      errors: { total: 1, affectedWorkflows: 1 },
    });
    expect(data.executions.avgDuration).toBeGreaterThanOrEqual(0);
    expect((await service.ask('GET', `${MONITORING}/dashboard?accountId=other`)).status).toBe(404);
    expect((await service.ask('GET', `${MONITORING}/dashboard?timeRange=91d`)).status).toBe(400);
    await workflows.pass('2h');
    expect((await service.done<Figures>('GET', `${MONITORING}/dashboard?timeRange=1h`)).data).toMatchObject({
      events: { total: 0 },
      executions: { total: 0, avgDuration: null },
    });
  });
});

/** The text that Prometheus reads. */
async function figures(): Promise<string> {
  const key = service.live.app.get(Config).sandboxKeys['admin'];
  const answer = await fetch(`${service.live.url}/metrics`, { headers: { authorization: `Bearer ${key}` } });
  return answer.text();
}
/** A figure by its name and labels; 0 before it was counted. */
const figure = (text: string, name: string): number =>
  Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.split(' ')[1] ?? 0,
  );

describe('what the service counts', () => {
  it('has the names of the requirement at /metrics (R002-76)', async () => {
    const names = [
      'statewright_event_ingested_total',
      'statewright_pattern_matched_total{type="event"}',
      'statewright_workflow_started_total{trigger="pattern"}',
      'statewright_workflow_completed_total',
      'statewright_workflow_failed_total',
      'statewright_step_executed_total',
      'statewright_action_executed_total{action="kv_get",status="success"}',
      'statewright_action_executed_total{action="http_request",status="failure"}',
      'statewright_error_occurred_total{of="action"}',
      'statewright_error_occurred_total{of="workflow"}',
    ];
    const before = await figures();
    const workflowId = await workflows.made([
      step.loop('each', '{{input.keys}}', ['get'], 'last'),
      step.action('get', 'kv_get', { key: '{{item}}' }),
      step.action('last', 'http_request', { url: 'https://10.0.0.1/' }),
    ]);
    const pattern = { name: 'x', workflowId, pattern: { type: 'event', eventType: 'counted' } };
    await service.done('POST', '/api/automation/patterns', pattern);
    await pipeline.send({ type: 'counted', keys: ['a', 'b'] });
    await workflows.run([step.transform('only', '1')]);
    await pipeline.work();
    const after = await figures();
    expect(names.map((name) => [name, figure(after, name) - figure(before, name)])).toEqual([
      [names[0], 1],
      [names[1], 1],
      [names[2], 1],
      [names[3], 1],
      [names[4], 1],
      [names[5], 5],
      [names[6], 2],
      [names[7], 1],
      [names[8], 1],
      [names[9], 1],
    ]);
  });

  it('is found under a name, a version and addresses (R002-14, R002-15)', async () => {
    const overview = await service.done<{ endpoints: Record<string, string> }>('GET', '/api/automation');
    expect(overview).toMatchObject({
      name: 'Event-Driven Automation Platform',
      version: expect.any(String),
      status: 'healthy',
    });
    expect(Object.keys(overview.endpoints)).toEqual(['ingestion', 'patterns', 'workflows', 'monitoring']);
    for (const part of ['patterns', 'workflows']) {
      const path = overview.endpoints[part] ?? '';
      expect((await service.ask('GET', path)).status).toBe(200);
      // The prefix stands once in an address.
      expect((await service.ask('GET', `${path}/${part}`)).status).toBe(404);
    }
  });
});

describe('what was given up', () => {
  const DLQ = `${MONITORING}/dlq`;
  interface Dead {
    id: number;
    queue: string;
    type: string;
    instanceId: string;
    error: unknown;
  }
  const dead = async (query = '') =>
    (await service.done<{ data: Dead[] }>('GET', `${DLQ}${query}`, undefined, 'admin')).data;

  it('of events and of workflows is listed with why, and done after all when it is replayed (R002-23, R002-24)', async () => {
    // Ten at once, and five tries after the first.
    expect(executionPolicies['automation.step']).toMatchObject({ batch: 10, attempts: 6 });
    const id = await workflows.made([step.action('only', 'kv_set', { key: 'late', value: 1 })]);
    const pattern = { name: 'x', workflowId: id, pattern: { type: 'event', eventType: 'given.up' } };
    await service.done('POST', '/api/automation/patterns', pattern);
    await pipeline.send({ type: 'given.up' });
    await pipeline.work();
    // As if the tries of telling the pattern had run out before anything came of them.
    await service.rows('delete from automation.pattern_matches');
    await service.rows('update automation.pattern_events set matched_at = null');
    await service.rows('update automation.executions set start_key = null');
    await service.rows(
      `update engine.outbox set status = 'dead', attempts = 8, last_error = '{"code":"ATTEMPTS_EXHAUSTED"}' where type in ('patterns.match', 'automation.step')`,
    );
    const [match] = await dead('?queue=events-dlq');
    const [call] = await dead('?queue=workflows-dlq');
    expect(match).toMatchObject({ type: 'patterns.match', error: { code: 'ATTEMPTS_EXHAUSTED' }, attempts: 8 });
    expect(call).toMatchObject({ type: 'automation.step', queue: 'workflows-dlq' });
    expect((await dead()).length).toBeGreaterThanOrEqual(2);
    expect((await service.ask('GET', DLQ)).status).toBe(403);
    const replay = () => service.ask('POST', `${DLQ}/${match?.id}/replay`, { reason: 'the database is back' }, 'admin');
    expect(await replay()).toMatchObject({
      status: 200,
      body: { success: true, data: { id: match?.id, status: 'replaying' } },
    });
    expect((await replay()).status).toBe(404);
    await pipeline.work();
    const executions = await service.rows(
      'select triggered_by from automation.executions where workflow_id = $1 and start_key is not null',
      id,
    );
    expect(executions).toHaveLength(1);
    expect((await dead('?queue=events-dlq')).map(({ id: dead }) => dead)).not.toContain(match?.id);
  });

  it('has nothing of other parts of the service', async () => {
    await service.rows(`update engine.outbox set status = 'dead' where type = 'events.count'`);
    const [other] = await service.rows<{ id: number }>(`select id from engine.outbox where type = 'events.count'`);
    expect((await dead()).map(({ type }) => type)).not.toContain('events.count');
    expect((await service.ask('POST', `${DLQ}/${other?.id}/replay`, {}, 'admin')).status).toBe(404);
  });
});

describe('what was done', () => {
  it('is listed, narrowed by execution, workflow and action, page by page (R002-6, R002-75)', async () => {
    const { id, workflowId } = await workflows.run([
      step.action('first', 'kv_set', { key: 'a', value: 1 }, {}, 'second'),
      step.action('second', 'kv_get', { key: 'a' }),
    ]);
    const ask = (query: string) =>
      service.done<{ data: Audit[]; metadata: object }>('GET', `${MONITORING}/audit?${query}`);
    const { data } = await ask(`executionId=${id}`);
    expect(data).toMatchObject([
      { stepId: 'second', actionType: 'kv_get', status: 'success', result: { key: 'a', value: 1 } },
      { stepId: 'first', actionType: 'kv_set', status: 'success', actionConfig: { key: 'a', value: 1 } },
    ]);
    expect((await ask(`workflowId=${workflowId}&actionType=kv_set`)).data).toHaveLength(1);
    expect(await ask(`workflowId=${workflowId}&limit=1`)).toMatchObject({
      metadata: { limit: 1, total: 2, hasMore: true },
    });
    expect((await service.ask('GET', `${MONITORING}/audit?limit=201`)).status).toBe(400);
    expect(
      await service.done('GET', `${MONITORING}/executions?workflowId=${workflowId}&status=completed`),
    ).toMatchObject({
      data: [{ id, status: 'completed' }],
    });
  });

  it('is kept for EVENT_RETENTION_DAYS, and what is running stays (R002-22)', async () => {
    const { id: old } = await workflows.run([
      step.action('only', 'kv_set', { key: 'brief', value: 1, expirationTtl: 60 }),
    ]);
    await workflows.pass('89d');
    const running = await workflows.started(await workflows.made([step.delay('only', '7d')]));
    const left = async () => {
      while (await service.live.app.get(Retention).turn());
      const rows = await service.rows<{ id: string }>(
        'select execution_id as id from automation.executions where execution_id in ($1, $2)',
        old,
        running,
      );
      return rows.map(({ id }) => id);
    };
    expect((await left()).sort()).toEqual([old, running].sort());
    await workflows.pass('2d');
    expect(await left()).toEqual([running]);
    expect(await service.rows('select 1 from automation.action_audit where execution_id = $1', old)).toEqual([]);
    expect(await service.rows(`select 1 from automation.kept_values where key = 'brief'`)).toEqual([]);
  });
});

describe('a workflow with a schedule', () => {
  const hourly = { triggers: [{ type: 'schedule', cron: '0 * * * *' }] };
  const executions = async (id: string) =>
    (await service.done<{ data: { triggeredBy: object }[] }>('GET', `/api/automation/workflows/${id}/executions`)).data;
  const pass = async (time: string) => {
    await workflows.pass(time);
    while (await service.live.app.get(Scheduling).turn());
    await service.work();
  };

  it('starts when it is time, once for many times that went by while nobody worked (R002-79)', async () => {
    const id = await workflows.made([step.transform('only', 'input.dueAt')], hourly);
    await pass('1h');
    expect(await executions(id)).toMatchObject([{ triggeredBy: { type: 'schedule' }, status: 'completed' }]);
    await pass('10h');
    expect(await executions(id)).toHaveLength(2);
    await pass('1h');
    expect(await executions(id)).toHaveLength(3);
    await service.done('PATCH', `/api/automation/workflows/${id}`, { enabled: false });
    await pass('2h');
    expect(await executions(id)).toHaveLength(3);
    await service.done('DELETE', `/api/automation/workflows/${id}`);
  });

  it('starts once though several workers look at the same moment (R002-79)', async () => {
    const id = await workflows.made([step.transform('only', '1')], hourly);
    await service.done('POST', '/admin/clock', { advance: '1h' }, 'admin');
    const scheduling = service.live.app.get(Scheduling);
    await Promise.all([scheduling.turn(), scheduling.turn(), scheduling.turn()]);
    expect(await executions(id)).toHaveLength(1);
    await service.done('DELETE', `/api/automation/workflows/${id}`);
  });

  it('is refused when its time is none', async () => {
    const body = { name: 'x', steps: [step.transform('only', '1')], startStep: 'only' };
    const triggers = [{ type: 'schedule', cron: '99 * * * *' }];
    const answer = await service.ask('POST', '/api/automation/workflows', { ...body, triggers });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'triggers.0' }] } });
  });
});

describe('an account with limits', () => {
  const limit = (limits: { workflows?: number; executions?: number; events?: number }) =>
    service.rows(
      `insert into automation.accounts (tenant, plan, email, max_workflows, max_executions_per_month, max_events_per_month)
       values ('demo', 'starter', 'ines@example.com', $1, $2, $3)`,
      limits.workflows ?? 1_000,
      limits.executions ?? 1_000,
      limits.events ?? 1_000,
    );
  const account = async () =>
    (await service.done<{ data: Record<string, unknown> }>('GET', '/api/automation/account')).data;
  const nextMonth = expect.stringMatching(/-01T00:00:00.000Z$/);
  afterEach(() => service.rows('delete from automation.accounts'));

  it('has as many workflows as it may, and executions a month, and is told what it has used up (R002-7)', async () => {
    const id = await workflows.made([step.transform('only', '1')]);
    const { currentWorkflows, currentExecutions } = await account();
    await limit({ workflows: Number(currentWorkflows), executions: Number(currentExecutions) + 1 });
    const body = { name: 'x', steps: [step.transform('only', '1')], startStep: 'only' };
    expect(await service.ask('POST', '/api/automation/workflows', body)).toMatchObject({
      status: 429,
      body: { code: 'QUOTA_EXCEEDED', quota: 'workflows', limit: currentWorkflows, resetsAt: null },
    });
    await workflows.started(id);
    expect(await service.ask('POST', `/api/automation/workflows/${id}/execute`, {})).toMatchObject({
      status: 429,
      body: { code: 'QUOTA_EXCEEDED', quota: 'executions', resetsAt: nextMonth },
    });
    await workflows.pass('31d');
    await workflows.started(id);
  });

  it('has as many events a month as it may; what is sent twice counts once, and a batch comes in whole or not at all (R002-7)', async () => {
    await limit({ events: 5 });
    const first = { event_id: 'quota:1', payload: { n: 1 } };
    await pipeline.batch([first, { payload: { n: 2 } }, { event_id: 'no id' }]);
    expect((await pipeline.batch([first])).body.data.events).toMatchObject([{ status: 'duplicate' }]);
    await pipeline.send({ n: 3 });
    expect(await account()).toMatchObject({ currentEvents: 3, maxEventsPerMonth: 5 });
    const many = Array.from({ length: 3 }, (_, n) => ({ event_id: `quota:many:${n}`, payload: { n } }));
    expect(await pipeline.batch(many)).toMatchObject({
      status: 429,
      body: { code: 'QUOTA_EXCEEDED', quota: 'events', limit: 5, resetsAt: nextMonth },
    });
    expect(await pipeline.row('quota:many:0')).toBeUndefined();
    // Two are left, however many come at the same moment.
    const answers = await Promise.all(Array.from({ length: 6 }, () => pipeline.post({ payload: { at: 'once' } })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 429, 429, 429, 429]);
    expect(answers.find(({ status }) => status === 429)?.body).toMatchObject({ code: 'QUOTA_EXCEEDED', limit: 5 });
    await pipeline.work();
    expect(await account()).toMatchObject({ currentEvents: 5 });
  });

  it('is charged for events for rules from the same account, once each, and one too many sets nothing off (R002-7)', async () => {
    const { currentEvents } = (await limit({ events: 0 }), await account());
    await service.rows('update automation.accounts set max_events_per_month = $1', Number(currentEvents) + 2);
    const submit = (n: number) =>
      service.ask('POST', '/api/automation/events', { event_type: 'quota.rule', dedupe_key: `quota:rule:${n}` });
    expect([(await submit(1)).status, (await submit(1)).status]).toEqual([202, 200]);
    await pipeline.send({ n: 1 });
    expect(await submit(2)).toMatchObject({
      status: 429,
      body: { code: 'QUOTA_EXCEEDED', quota: 'events', resetsAt: nextMonth },
    });
    const kept = await service.rows(`select given_type from automation.events where type = 'quota.rule'`);
    expect(kept).toHaveLength(1);
    expect(await account()).toMatchObject({ currentEvents: Number(currentEvents) + 2 });
  });

  it('has what a pattern could not start written down with the match, and tells whoever wrote the workflow, once (R002-7)', async () => {
    const workflowId = await workflows.made([step.transform('only', '1')]);
    const body = { name: 'x', workflowId, pattern: { type: 'event', eventType: 'too.much' } };
    const { data } = await service.done<{ data: { id: string } }>('POST', '/api/automation/patterns', body, 'admin');
    await limit({ executions: 0 });
    await pipeline.send({ type: 'too.much' });
    await pipeline.send({ type: 'too.much' });
    await pipeline.work();
    const matches = await service.done('GET', `/api/automation/patterns/${data.id}/matches`);
    expect(matches).toMatchObject({
      data: [
        { outcome: 'quota_exceeded', executionId: null },
        { outcome: 'quota_exceeded', executionId: null },
      ],
    });
    const told = await service.done<{ data: { type: string }[] }>('GET', '/api/notifications', undefined, 'admin');
    expect(told.data.filter(({ type }) => type === 'quota_exceeded')).toMatchObject([
      {
        subject: 'The account has used up its executions',
        body: expect.stringContaining(`The workflow ${workflowId} was to start`),
      },
    ]);
  });

  it('has a report of each month, made before counting begins anew, with what comes in late (R002-77)', async () => {
    await limit({});
    const reportsOf = async (month: unknown) => {
      await service.live.app.get(UsageReports).turn();
      const { data } = await service.done<{ data: { month: string }[] }>('GET', '/api/automation/account/usage');
      return data.filter((one) => one.month === month);
    };
    await workflows.pass('31d');
    await pipeline.send({ n: 1 });
    await pipeline.send({ n: 2 });
    await workflows.run([step.transform('only', '1')]);
    await workflows.run([step.transform('only', '1 / 0')]);
    const { currentEvents, currentExecutions, currentWorkflows, month } = await account();
    expect({ currentEvents, currentExecutions }).toEqual({ currentEvents: 2, currentExecutions: 2 });
    expect(await reportsOf(month)).toEqual([]);
    await workflows.pass('31d');
    const report = {
      month,
      plan: 'starter',
      events: 2,
      executions: 2,
      completed: 1,
      failed: 1,
      workflows: currentWorkflows,
    };
    expect(await reportsOf(month)).toMatchObject([report]);
    expect(await account()).toMatchObject({ currentEvents: 0, currentExecutions: 0, plan: 'starter' });
    expect(await reportsOf(month)).toHaveLength(1);
    await service.rows(
      `insert into automation.usage (tenant, month, events, last_at) values ('demo', ($1 || '-01')::date, 1, now())`,
      month,
    );
    expect(await reportsOf(month)).toMatchObject([{ ...report, events: 3 }]);
  });
});

describe('a request that is refused', () => {
  it('says why by the code of the requirement, with its status, and nothing of the inside (R002-13)', async () => {
    const path = '/api/automation';
    const steps = [step.transform('only', '1 +')];
    const answers = [
      await service.ask('POST', `${path}/workflows`, { name: 'x', steps, startStep: 'only' }),
      await service.ask('POST', `${path}/patterns`, { name: 'x', workflowId: 'x', pattern: { type: 'none' } }),
      await service.ask('POST', '/api/events/query', { query: 'drop table events' }),
      await service.ask('GET', `${path}/workflows/none`),
      await service.ask('GET', `${path}/monitoring/dashboard?timeRange=x`),
      await service.ask('POST', `${path}/workflows`, { name: 'x', steps: [], startStep: 'x' }, 'viewer'),
    ];
    expect(answers.map(({ status, body }) => [status, body['code']])).toEqual([
      [400, 'WORKFLOW_ERROR'],
      [400, 'PATTERN_ERROR'],
      [400, 'QUERY_ERROR'],
      [404, 'NOT_FOUND'],
      [400, 'WF006'],
      [403, 'WF005'],
    ]);
    expect(JSON.stringify(answers)).not.toMatch(/node_modules|\.ts:|\.js:|select \*/);
  });
});
