import { Functions, workflow } from '../support/functions.js';
import { workstream } from '../support/workstream.js';

const service = workstream();
const functions = new Functions(service);
const calls: string[] = [];

beforeAll(() => {
  const { actions } = functions;
  actions.registerSimpleAction(
    'load_invoice',
    'An invoice',
    [{ name: 'id', type: 'number', required: true }],
    async ({ id }, { idempotencyKey }) => {
      calls.push(idempotencyKey);
      return { id: id ?? null, total: 90 };
    },
  );
  let failures = 0;
  actions.registerSimpleAction('shaky', 'Fails twice', [], async () => {
    if (++failures <= 2) throw new Error('busy');
    return 'at last';
  });
  actions.registerSimpleAction('hopeless', 'Fails', [], async () => Promise.reject(new Error('down')), {
    maxRetries: 1,
  });
  functions.register(
    workflow('approval', async ({ actions: does, events, setState, data, input }) => {
      setState('LOADING');
      data.set('invoice', await does['loadInvoice']?.({ id: input['id'] }));
      setState('AWAITING_DECISION');
      const { name, payload, user_id } = await events.waitFor(['Approve', 'Reject'], { timeoutMs: 86_400_000 });
      data.set('decision', { name, payload, user_id });
      setState(name === '__timeout__' ? 'EXPIRED' : 'DECIDED');
    }),
  );
  functions.register(
    workflow('errors', async ({ actions: does, data }) => {
      data.set('shaky', await does['shaky']?.());
      await does['hopeless']?.().catch((error: object) => data.set('hopeless', { ...error }));
      await does['load_invoice']?.({ id: 'x' }).catch((error: object) => data.set('invalid', { ...error }));
      await does['load_invoice']?.({ id: 1, more: 1 });
    }),
  );
});

describe('a run of a function', () => {
  it('has its action done, waits, is told, and completes (R004-25, R004-27, R004-31)', async () => {
    const id = await functions.start('approval', { id: 7 });
    expect(await functions.read(id)).toMatchObject({
      state: 'waitingAction',
      currentState: 'LOADING',
      status: 'active',
    });
    await functions.work();
    expect(await functions.read(id)).toMatchObject({ state: 'waitingEvent', data: { invoice: { id: 7, total: 90 } } });
    expect(await functions.tell(id, 'Approve', { by: 'hand' })).toMatchObject({
      status: 202,
      body: { eventId: expect.stringMatching(/^[\da-f-]{36}$/) as string, processingId: `${id}:3` },
    });
    expect(await functions.read(id)).toMatchObject({
      state: 'completed',
      status: 'completed',
      isComplete: true,
      currentState: 'DECIDED',
      data: { decision: { name: 'Approve', payload: { by: 'hand' } } },
    });
    expect(await functions.tell(id, 'Approve')).toMatchObject({ status: 409, body: { code: 'WF002' } });
    expect(calls).toContain(`${id}:1:load_invoice`);
    await service.live.prove(id);
  });

  it('lets its wait end when its time is over (R004-34)', async () => {
    const id = await functions.start('approval', { id: 7 });
    await functions.work();
    await functions.pass('25h');
    expect(await functions.read(id)).toMatchObject({ status: 'completed', currentState: 'EXPIRED' });
  });

  it('takes the same event once, under the key of the event or of the request (R004-27, R004-81 b)', async () => {
    const id = await functions.start('approval', { id: 7 });
    const first = await functions.tell(id, 'Reject', 1, { idempotency_key: 'k1' });
    expect(await functions.tell(id, 'Reject', 1, { idempotency_key: 'k1' })).toEqual(first);
    expect((await functions.tell(id, 'Reject', 2, { idempotency_key: 'k1' })).body.code).toBe('IDEMPOTENCY_KEY_REUSED');
    const { data } = await service.done<{ data: { event_name: string }[] }>(
      'GET',
      `/api/workflow-executions/${id}/events`,
      undefined,
      'admin',
    );
    expect(data.filter(({ event_name }) => event_name === 'Reject')).toHaveLength(1);
  });

  it('is started once for each key (R004-25)', async () => {
    const ask = () =>
      service.ask('POST', '/api/workflow-executions', { workflowName: 'approval', initialData: { id: 1 } }, 'admin', {
        'idempotency-key': 'start-once',
      });
    expect(await ask()).toEqual(await ask());
  });

  it('tells what happened to it with the states it was in, and what it was at any time (R004-3, R004-26, R004-29)', async () => {
    const id = await functions.start('approval', { id: 7 });
    await functions.work();
    const between = await service.rows<{ now: string }>(
      `select to_char(engine.now() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as now`,
    );
    await functions.pass('1m');
    await functions.tell(id, 'Approve');
    const events = await service.done<{ data: object[]; nextCursor: string | null }>(
      'GET',
      `/api/workflow-executions/${id}/events`,
      undefined,
      'admin',
    );
    expect(events.data).toMatchObject([
      { sequence: 1, event_name: 'workflow.started', from_state: null, to_state: 'LOADING', payload: { id: 7 } },
      {
        sequence: 2,
        event_type: 'action',
        from_state: 'LOADING',
        to_state: 'AWAITING_DECISION',
        payload: { total: 90 },
      },
      { sequence: 3, event_name: 'Approve', event_type: 'event', from_state: 'AWAITING_DECISION', to_state: 'DECIDED' },
    ]);
    const at = (time: string) => service.ask('GET', `/api/workflow-executions/${id}?at=${time}`, undefined, 'admin');
    expect(await at(String(between[0]?.now))).toMatchObject({
      status: 200,
      body: { currentState: 'AWAITING_DECISION', status: 'active', state: 'waitingEvent', isComplete: false },
    });
    expect((await at('2020-01-01T00:00:00Z')).status).toBe(404);
  });

  it('has a shaky action tried again, and sees the error of one that stays broken (R004-42, R004-45, R004-50)', async () => {
    const id = await functions.start('errors');
    await functions.work();
    const { data, status, error } = await functions.read(id);
    expect(data).toMatchObject({
      shaky: 'at last',
      hopeless: { name: 'Error', code: 'ERROR', category: 'unknown', attempts: 2 },
      invalid: { code: 'INVALID_PARAMETERS', category: 'permanent', attempts: 1, details: { field: 'id' } },
    });
    expect({ status, error }).toMatchObject({ status: 'failed', error: { code: 'INVALID_PARAMETERS' } });
  });

  it('can be called off and ended; what is pending then is not done any more (R004-6)', async () => {
    const [called, ended] = [
      await functions.start('approval', { id: 1 }),
      await functions.start('approval', { id: 2 }),
    ];
    const post = (path: string, body: object, role: 'admin' | 'operator' | 'viewer') =>
      service.ask('POST', `/api/workflow-executions/${path}`, body, role);
    expect((await post(`${called}/cancel`, {}, 'viewer')).status).toBe(403);
    expect((await post(`${called}/cancel`, { reason: 'not needed' }, 'operator')).status).toBe(200);
    expect((await post(`${ended}/terminate`, { reason: 'stop' }, 'operator')).status).toBe(403);
    expect((await post(`${ended}/terminate`, { reason: 'stop' }, 'admin')).status).toBe(200);
    const before = calls.length;
    await functions.work();
    expect(calls.length).toBe(before);
    expect(await functions.read(called)).toMatchObject({ status: 'cancelled', isComplete: true });
    expect(await functions.read(ended)).toMatchObject({ status: 'terminated' });
  });

  it('keeps the version that it started with, while new ones start with the new one (R004-16, R004-81 j)', async () => {
    const says = (text: string, version: string) =>
      workflow(
        'versions',
        async ({ events, setState }) => {
          await events.waitFor('go');
          setState(text);
        },
        { version },
      );
    functions.register(says('old', '1.0.0'));
    const old = await functions.start('versions');
    functions.register(says('new', '2.0.0'));
    const fresh = await functions.start('versions');
    const pinned = await functions.start('versions', {}, { version: '1.0.0' });
    for (const id of [old, fresh, pinned]) await functions.tell(id, 'go');
    const states = await Promise.all([old, fresh, pinned].map((id) => functions.read(id)));
    expect(states.map(({ currentState }) => currentState)).toEqual(['old', 'new', 'old']);
  });

  it('is listed by state and workflow, page by page; and is nobody else’s (R004-29, R004-81 f)', async () => {
    const list = (query: string, role: 'admin' | 'sales' = 'admin') =>
      service.done<{ data: { executionId: string }[]; nextCursor: string | null }>(
        'GET',
        `/api/workflow-executions?${query}`,
        undefined,
        role,
      );
    const first = await list('workflow_name=versions&limit=2');
    const second = await list(`workflow_name=versions&limit=2&cursor=${first.nextCursor}`);
    expect([first.data.length, second.data.length, second.nextCursor]).toEqual([2, 1, null]);
    expect((await list('status=terminated')).data).toHaveLength(1);
    // Who oversees nothing sees what he has started himself: nothing.
    expect((await list('', 'sales')).data).toEqual([]);
    const [one] = first.data;
    expect((await service.ask('GET', `/api/workflow-executions/${one?.executionId}`, undefined, 'sales')).status).toBe(
      404,
    );
  });

  it('is not started by a name or a version that there is not', async () => {
    for (const body of [{ workflowName: 'nothing' }, { workflowName: 'versions', version: '9' }])
      expect(await service.ask('POST', '/api/workflow-executions', body, 'admin')).toMatchObject({
        status: 400,
        body: { code: 'WF006' },
      });
  });
});
