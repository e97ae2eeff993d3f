import { Scheduling } from '../../src/automation/workflows/scheduling.js';
import { Retention } from '../../src/automation/retention.js';
import { Config } from '../../src/platform/config.js';
import { step, Workflows, type Audit } from '../support/workflows.js';
import { workstream } from '../support/workstream.js';

const service = workstream();
const workflows = new Workflows(service);
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
    const key = service.live.app.get(Config).sandboxKeys['admin'];
    const figures = await fetch(`${service.live.url}/metrics`, { headers: { authorization: `Bearer ${key}` } });
    expect(await figures.text()).toContain('statewright_action_executed_total{action="kv_get",status="success"} 1');
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
  afterAll(() => service.rows('delete from automation.accounts'));

  it('has as many workflows as it may, and executions a month, and is told what it has used up (R002-7)', async () => {
    const id = await workflows.made([step.transform('only', '1')]);
    const [count] = await service.rows<{ workflows: number; executions: number }>(
      `select (select count(*)::int from automation.workflows where deleted_at is null) as workflows,
              (select count(*)::int from automation.executions where started_at >= date_trunc('month', engine.now(), 'UTC')) as executions`,
    );
    await service.rows(
      `insert into automation.accounts (tenant, max_workflows, max_executions_per_month) values ('demo', $1, $2)`,
      count?.workflows,
      (count?.executions ?? 0) + 1,
    );
    const body = { name: 'x', steps: [step.transform('only', '1')], startStep: 'only' };
    expect(await service.ask('POST', '/api/automation/workflows', body)).toMatchObject({
      status: 429,
      body: { code: 'QUOTA_EXCEEDED', quota: 'workflows', limit: count?.workflows, resetsAt: null },
    });
    await workflows.started(id);
    expect(await service.ask('POST', `/api/automation/workflows/${id}/execute`, {})).toMatchObject({
      status: 429,
      body: { code: 'QUOTA_EXCEEDED', quota: 'executions', resetsAt: expect.stringMatching(/-01T00:00:00.000Z$/) },
    });
    await workflows.pass('31d');
    await workflows.started(id);
  });
});
