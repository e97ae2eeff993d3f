import { Pulse } from '../../src/engine/workers/pulse.js';
import { OutboxWorker } from '../../src/engine/workers/outbox.worker.js';
import { ActionExecutors } from '../../src/functions/actions/action.executor.js';
import { Config } from '../../src/platform/config.js';
import { Database } from '../../src/platform/database.js';
import { Functions, workflow } from '../support/functions.js';
import { workstream } from '../support/workstream.js';

const service = workstream();
const functions = new Functions(service);
const UUID = expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-a[\da-f]{3}-[\da-f]{12}$/) as string;
const MOMENT = expect.any(Date) as Date;

beforeAll(() => {
  const note = [{ name: 'as', type: 'string', required: true }] as const;
  functions.actions.registerSimpleAction('note', 'Answers what it is given', note, async ({ as }) => as ?? null);
  functions.actions.registerSimpleAction('break', 'Fails', note, async ({ as }) =>
    Promise.reject(new Error(String(as))),
  );
  functions.register(
    workflow('order', async ({ actions, data, events, setState }) => {
      setState('NOTING');
      data.set('noted', await actions['note']?.({ as: 'it' }));
      setState('WAITING');
      await events.waitFor('Paid', { timeoutMs: 3_600_000 });
      setState('PAID');
    }),
  );
});

/** A run that waits for an event. */
const waiting = async (): Promise<string> => {
  const id = await functions.start('order', { n: 1 });
  await functions.work();
  return id;
};
/** What the tenant's own role sees. */
const asTenant = <Row extends object>(sql: string, values: unknown[] = [], tenant = 'demo'): Promise<Row[]> =>
  service.live.app.get(Database).transaction(tenant, (tx) => tx.query<Row>(sql, values));

describe('a run, under the names of the original tables', () => {
  it('is a row of workflow_executions, with its data, its version and its type (R004-10, R004-12)', async () => {
    const id = await waiting();
    expect(await asTenant('select * from app.workflow_executions where execution_id = $1', [id])).toMatchObject([
      {
        tenant: 'demo',
        workflow_name: 'order',
        workflow_version: '1.0.0',
        version_id: 'order@1.0.0',
        workflow_type: 'system',
        current_state: 'WAITING',
        status: 'active',
        context_data: { noted: 'it' },
        correlation_id: expect.any(String) as string,
        created_at: MOMENT,
        updated_at: MOMENT,
      },
    ]);
    expect(await asTenant('select from app.workflow_executions', [], 'elsewhere')).toEqual([]);
  });

  it('has its events in workflow_events, in a dense order and under uuids, as its address tells them (R004-13, R004-18)', async () => {
    const id = await waiting();
    await functions.tell(id, 'Paid', { cents: 1 });
    const rows = await asTenant<{ event_id: string; sequence: number }>(
      `select event_id, sequence::int, event_name, event_type, from_state, to_state, user_id, created_at
         from app.workflow_events where execution_id = $1 order by sequence`,
      [id],
    );
    expect(rows).toMatchObject([
      {
        event_id: UUID,
        sequence: 1,
        event_name: 'workflow.started',
        event_type: 'workflow',
        from_state: null,
        to_state: 'NOTING',
      },
      { event_id: UUID, sequence: 2, event_type: 'action', from_state: 'NOTING', to_state: 'WAITING', user_id: null },
      { event_id: UUID, sequence: 3, event_name: 'Paid', event_type: 'event', from_state: 'WAITING', to_state: 'PAID' },
    ]);
    const { data } = await service.done<{ data: { event_id: string }[] }>(
      'GET',
      `/api/workflow-executions/${id}/events`,
      undefined,
      'admin',
    );
    expect(data.map(({ event_id }) => event_id)).toEqual(rows.map(({ event_id }) => event_id));
  });

  it('has its actions in workflow_action_results, with one result for each key (R004-14)', async () => {
    const id = await waiting();
    expect(await asTenant('select * from app.workflow_action_results where execution_id = $1', [id])).toMatchObject([
      {
        action_name: 'note',
        parameters: { as: 'it' },
        result: 'it',
        success: true,
        idempotency_key: `${id}:1:note`,
        ready_to_execute: true,
        started_at: MOMENT,
        completed_at: MOMENT,
      },
    ]);
    const columns = service.rows(
      `select from pg_indexes where schemaname = 'functions' and tablename = 'workflow_action_results' and indexdef like 'CREATE UNIQUE%(tenant, idempotency_key)'`,
    );
    expect(await columns).toHaveLength(1);
  });

  it('has what many actions wait for, and how far their join points are (R004-14, R004-47)', async () => {
    const of = (id: string, more: object = {}) => ({ id, name: 'note', params: { as: id }, ...more });
    await service.live.app
      .get(ActionExecutors)
      .createActionExecutor({ errorStrategy: 'continue' })
      .executeActions(
        [
          of('a', { syncPoint: 'loaded', path: 'import/a', group: 'first' }),
          of('b', { syncPoint: 'loaded' }),
          of('c', { dependsOn: ['loaded'], syncPoint: 'broken', name: 'break' }),
          of('d', { dependsOn: ['a', 'first'] }),
        ],
        { event_id: 'evt', execution_id: 'wf_plan' },
        'demo',
      );
    expect(
      await asTenant(
        `select action_id, depends_on_id, dependency_type from app.workflow_action_dependencies where execution_id = 'wf_plan' order by 1, 2`,
      ),
    ).toEqual([
      { action_id: 'c', depends_on_id: 'a', dependency_type: 'sync_point' },
      { action_id: 'c', depends_on_id: 'b', dependency_type: 'sync_point' },
      { action_id: 'd', depends_on_id: 'a', dependency_type: 'action' },
    ]);
    expect(
      await asTenant(
        `select sync_point, sync_type, status, total_actions, completed_actions from app.workflow_sync_points where execution_id = 'wf_plan' order by 1`,
      ),
    ).toEqual([
      { sync_point: 'broken', sync_type: 'join', status: 'failed', total_actions: 1, completed_actions: 0 },
      { sync_point: 'loaded', sync_type: 'join', status: 'completed', total_actions: 2, completed_actions: 2 },
    ]);
    expect(
      await asTenant(
        `select action_path, action_group, error_message from app.workflow_action_results where execution_id = 'wf_plan' and idempotency_key like '%:a'`,
      ),
    ).toEqual([{ action_path: 'import/a', action_group: 'first', error_message: null }]);
  });

  it('has its timer, its newest snapshot and what is done for it (R004-11, R004-15)', async () => {
    const id = await functions.start('order');
    const processing = () =>
      asTenant(
        'select work, status, attempt_count, error_message from app.workflow_event_processing where execution_id = $1',
        [id],
      );
    // Written down together with what it is about; nobody has looked at it yet (R004-52).
    expect(await processing()).toEqual([
      { work: 'functions.perform', status: 'published', attempt_count: 0, error_message: null },
    ]);
    await functions.work();
    expect(await processing()).toMatchObject([{ status: 'completed', attempt_count: 1 }]);
    expect(
      await asTenant(
        `select state_name, extract(epoch from duration)::int as seconds, recurrence, fire_time > start_time as ahead
           from app.workflow_timers where execution_id = $1 and status = 'active'`,
        [id],
      ),
    ).toEqual([{ state_name: 'waitingEvent', seconds: 3_600, recurrence: null, ahead: true }]);
    expect(
      await asTenant('select version::int, current_state, data from app.workflow_snapshots where execution_id = $1', [
        id,
      ]),
    ).toEqual([{ version: 2, current_state: 'WAITING', data: { noted: 'it' } }]);
  });

  it('stands beside the kinds of tasks and the forms under their names; each has its tenant as text (R004-10, R004-17)', async () => {
    const names = [
      'workflow_executions',
      'workflow_events',
      'workflow_action_results',
      'workflow_timers',
      'workflow_action_dependencies',
      'workflow_sync_points',
      'workflow_event_processing',
      'system_workflow_task_definitions',
      'workflow_task_definitions',
      'workflow_tasks',
      'system_workflow_form_definitions',
      'workflow_form_definitions',
    ];
    const rows = await service.rows<{ name: string; type: string | null }>(
      `select v.viewname as name, (select data_type from information_schema.columns c where c.table_schema = 'app' and c.table_name = v.viewname and c.column_name = 'tenant') as type
         from pg_views v where v.schemaname = 'app' and v.viewname = any ($1)`,
      names,
    );
    expect(Object.fromEntries(rows.map(({ name, type }) => [name, type]))).toEqual(
      Object.fromEntries(names.map((name) => [name, name.startsWith('system_') ? null : 'text'])),
    );
  });

  it('keeps definitions that something stands on: they are retired, not deleted (R004-19)', async () => {
    for (const table of ['tasks.system_forms', 'functions.system_workflow_registrations'])
      await expect(service.rows(`delete from ${table}`)).rejects.toMatchObject({ code: '23001' });
  });
});

describe('the state of a run', () => {
  it('is read without its function, which this process may not even have (R004-9, R004-28)', async () => {
    const id = await waiting();
    await service.rows(`update functions.workflow_executions set version_id = 'order@0.1' where execution_id = $1`, id);
    expect(await functions.read(id)).toMatchObject({ executionId: id, currentState: 'WAITING', isComplete: false });
  });

  it('can be waited for (R004-28)', async () => {
    const id = await waiting();
    const wait = () => service.ask('GET', `/api/instances/${id}/wait?for=completed&timeout=30s`, undefined, 'admin');
    const [waited] = await Promise.all([wait(), functions.tell(id, 'Paid')]);
    expect(waited).toMatchObject({ status: 200 });
    expect(await functions.read(id)).toMatchObject({ isComplete: true });
  });

  it('moves when an event is worked off, not when it is taken in: what it sets off is done afterwards (R004-51)', async () => {
    functions.register(
      workflow('eager', async ({ actions, data, events }) => {
        await events.waitFor('go');
        data.set('noted', await actions['note']?.({ as: 'late' }));
      }),
    );
    const id = await functions.start('eager');
    expect((await functions.tell(id, 'go')).status).toBe(202);
    expect(await functions.read(id)).toMatchObject({ state: 'waitingAction', data: {} });
    await functions.work();
    expect(await functions.read(id)).toMatchObject({ state: 'completed', data: { noted: 'late' } });
  });

  it('does not move when what it sets off cannot be written down (R004-52)', async () => {
    functions.register(
      workflow('whole', async ({ actions, events }) => {
        await events.waitFor('go');
        await actions['note']?.({ as: 'x' });
      }),
    );
    const id = await functions.start('whole');
    await service.rows(
      `create function public.no_work() returns trigger language plpgsql as $$ begin raise exception 'no work'; end $$`,
    );
    await service.rows(
      `create trigger no_work before insert on engine.outbox for each row when (new.instance_id = '${id}') execute function public.no_work()`,
    );
    expect((await functions.tell(id, 'go')).status).toBe(500);
    await service.rows('drop trigger no_work on engine.outbox');
    expect(await functions.read(id)).toMatchObject({ state: 'waitingEvent' });
    expect((await functions.tell(id, 'go')).status).toBe(202);
    expect(await functions.read(id)).toMatchObject({ state: 'waitingAction' });
  });
});

describe('a run whose function this process does not have', () => {
  it('waits for one that has it, however often it is looked at, and does not fail (R004-16, R004-60)', async () => {
    const definition = workflow('elsewhere', async ({ actions, data }) => {
      data.set('noted', await actions['note']?.({ as: 'it' }));
      data.set('again', await actions['note']?.({ as: 'again' }));
    });
    functions.register(definition);
    const id = await functions.start('elsewhere');
    await service.rows(
      `update functions.workflow_executions set version_id = 'elsewhere@9' where execution_id = $1`,
      id,
    );
    const worker = service.live.app.get(OutboxWorker);
    for (let look = 0; look < 20; look++) {
      while (await worker.turn());
      await service.rows('update engine.outbox set next_attempt_at = engine.now() where instance_id = $1', id);
    }
    const [row] = await service.rows(
      'select status, attempts, last_error from engine.outbox where instance_id = $1',
      id,
    );
    expect(row).toMatchObject({ status: 'pending', attempts: 0, last_error: { code: 'NOT_HERE' } });
    expect(await functions.read(id)).toMatchObject({ status: 'active', state: 'waitingAction' });
    await service.rows(
      `update functions.workflow_executions set version_id = 'elsewhere@1.0.0' where execution_id = $1`,
      id,
    );
    await functions.work();
    expect(await functions.read(id)).toMatchObject({ status: 'completed', data: { noted: 'it', again: 'again' } });
  });
});

describe('the lifecycle of runs', () => {
  it('is drawn from its machine, with the way that a run has gone (R004-82)', async () => {
    const id = await waiting();
    for (const path of ['/api/lifecycles/function/diagram.svg', `/api/instances/${id}/diagram.svg`]) {
      const headers = { authorization: `Bearer ${service.live.app.get(Config).sandboxKeys['admin']}` };
      const answer = await fetch(`${service.live.url}${path}`, { headers });
      expect(answer.status).toBe(200);
      expect(await answer.text()).toContain('waitingEvent');
    }
  });
});

describe('what was given up', () => {
  it('is listed with what it was and why, and set to work again (R004-53)', async () => {
    functions.register(
      workflow('tells', async ({ events }) => void events.emit('nobody.knows.this', { n: 1 }, { scope: 'bus' })),
    );
    const id = await functions.start('tells');
    await functions.work();
    const list = (type: string) =>
      service.done<{ data: { id: number; instance_id: string; key: string }[] }>(
        'GET',
        `/admin/dead-letters?type=${type}`,
        undefined,
        'admin',
      );
    const { data } = await list('functions.');
    expect(data).toMatchObject([
      {
        instance_id: id,
        type: 'functions.publish',
        params: { name: 'nobody.knows.this', payload: { n: 1 } },
        last_error: { code: 'WF006', message: expect.stringContaining('not valid') as string },
        key: `demo:${id}:1:0`,
        status: 'dead',
        finished_at: expect.any(String) as string,
      },
    ]);
    expect((await list('deals.')).data).toEqual([]);
    const kind = { description: 'By now somebody does' };
    await service.done('PUT', '/api/workflow-event-types/nobody.knows.this', kind, 'admin');
    const body = { reason: 'The kind of event is there by now' };
    await service.done('POST', `/admin/dead-letters/${data[0]?.id}/replay`, body, 'admin');
    await functions.work();
    expect((await list('functions.publish')).data).toEqual([]);
    expect(
      await service.rows(`select from functions.workflow_events where event_type = 'nobody.knows.this'`),
    ).toHaveLength(1);
  });
});

describe('the health of the workers', () => {
  const FIELDS = {
    workerCount: 1,
    healthyWorkers: 1,
    degradedWorkers: 0,
    unhealthyWorkers: 0,
    activeEvents: 0,
    timestamp: expect.stringMatching(/^\d{4}-.*Z$/) as string,
  };
  const health = () => service.live.call('GET', '/api/health/worker', undefined, '');

  it('is told of all processes, with what they have worked off, and is no secret (R004-58, R004-60)', async () => {
    expect(await health()).toMatchObject({
      status: 503,
      body: { code: 'NOT_READY', health: 'unhealthy', workerCount: 0 },
    });
    const pulse = service.live.app.get(Pulse);
    await pulse.beat();
    const { status, body } = await health();
    expect(status).toBe(200);
    const { eventsProcessed, eventsSucceeded, eventsFailed, ...others } = body;
    expect(others).toEqual({ status: 'healthy', ...FIELDS });
    expect(eventsProcessed).toBe(Number(eventsSucceeded) + Number(eventsFailed));
    expect(eventsSucceeded).toBeGreaterThan(0);
    expect(eventsFailed).toBeGreaterThan(0);
    await waiting();
    await pulse.beat();
    expect((await health()).body['eventsProcessed']).toBeGreaterThan(Number(eventsProcessed));
  });

  it('is degraded with an error in the last five minutes or without room, and bad without a sign of life (R004-58)', async () => {
    const pulse = service.live.app.get(Pulse);
    const { tally } = service.live.app.get(OutboxWorker);
    await pulse.beat();
    const put = (change: string) => service.rows(`update engine.workers set ${change}`);
    await put('active = capacity');
    expect((await health()).body).toMatchObject({ status: 'degraded', degradedWorkers: 1, activeEvents: 100 });
    tally.fault();
    await pulse.beat();
    expect(await health()).toMatchObject({
      status: 200,
      body: { status: 'degraded', healthyWorkers: 0, degradedWorkers: 1 },
    });
    await put(`faulted_at = clock_timestamp() - interval '6 minutes'`);
    expect((await health()).body).toMatchObject({ status: 'healthy' });
    await put(`seen_at = clock_timestamp() - interval '1 minute'`);
    expect(await health()).toMatchObject({ status: 503, body: { health: 'unhealthy', unhealthyWorkers: 1 } });
    await pulse.leave();
    expect((await health()).body).toMatchObject({ workerCount: 0 });
  });

  it('goes with figures of every action and every step, by name and never by id (R004-7, R004-59)', async () => {
    const id = await waiting();
    const text = await (await fetch(`${service.live.url}/metrics`)).text();
    expect(text).toMatch(/statewright_function_action_duration_seconds_count\{action="note",outcome="done"\} \d+/);
    expect(text).toMatch(/statewright_function_action_duration_seconds_count\{action="break",outcome="failed"\} 1/);
    expect(text).toMatch(/statewright_effect_duration_seconds_count\{type="functions.perform",outcome="done"\} \d+/);
    expect(text).toMatch(
      /statewright_transitions_total\{lifecycle="function",from="waitingAction",to="waitingEvent"\}/,
    );
    expect(text).not.toContain(id);
    expect(text).not.toContain('WAITING');
  });
});
