import { OutboxWorker } from '../../src/engine/workers/outbox.worker.js';
import { Bus } from '../../src/functions/bus/bus.js';
import { Functions, workflow, type Execution } from '../support/functions.js';
import { workstream } from '../support/workstream.js';

const service = workstream();
const functions = new Functions(service);

interface Accepted {
  eventId: string;
  processingId: string | null;
  executionIds: string[];
  code?: string;
}

const ask = <Body = Record<string, unknown>>(method: string, path: string, body?: object, headers = {}) =>
  service.ask<Body>(method, `/api/${path}`, body, 'admin', headers);
const submit = (body: object, headers = {}) => ask<Accepted>('POST', 'workflow-events', body, headers);
const kind = (type: string, payload_schema?: object) =>
  service.done('PUT', `/api/workflow-event-types/${type}`, payload_schema ? { payload_schema } : {}, 'admin');
/** Registers a function and a workflow of the tenant's own for it; answers its registration. */
async function own(name: string, execute: Parameters<typeof workflow>[1], more = {}): Promise<string> {
  functions.register(workflow(`${name}-function`, execute, more));
  const body = { name, version: 'a', module: `${name}-function@1.0.0` };
  const { registration_id } = await service.done<{ registration_id: string }>(
    'POST',
    '/api/workflow-registrations',
    body,
    'admin',
  );
  return registration_id;
}
const attach = (event_type: string, workflow_id: string) =>
  ask<{ attachment_id: string; code?: string }>('POST', 'workflow-attachments', { event_type, workflow_id });

describe('an event', () => {
  it('starts one run of each workflow that is attached to its type, which finds it in its input (R004-1, R004-20, R004-22)', async () => {
    await kind('order.placed');
    const seen = async ({ data, input }: Parameters<Parameters<typeof workflow>[1]>[0]) => data.set('input', input);
    const [left, right] = [await own('left', seen), await own('right', seen)];
    for (const id of [left, right]) expect((await attach('order.placed', id)).status).toBe(201);
    const { status, body } = await submit({ event_type: 'order.placed', payload: { n: 1 }, event_id: 'evt-1' });
    expect(status).toBe(202);
    expect(body.executionIds).toHaveLength(2);
    const runs = await Promise.all(body.executionIds.map((id) => functions.read(id)));
    expect(runs.map(({ workflowName }) => workflowName).sort()).toEqual(['left', 'right']);
    expect(runs[0]?.data['input']).toMatchObject({
      eventId: 'evt-1',
      eventType: 'order.placed',
      eventPayload: { n: 1 },
      triggerEvent: { id: 'evt-1', type: 'order.placed', name: 'order.placed', payload: { n: 1 }, user_id: 'admin_1' },
    });
    // Told again: the same event, the same runs (R004-24).
    expect((await submit({ event_type: 'order.placed', payload: { n: 1 }, event_id: 'evt-1' })).body).toEqual(body);
    const processed = await service.rows(`select 1 from functions.workflow_event_processing where event_id = 'evt-1'`);
    expect(processed).toHaveLength(2);
  });

  it('answers the same to the same Idempotency-Key, and starts nothing twice (R004-24)', async () => {
    const again = () => submit({ event_type: 'order.placed', payload: { n: 2 } }, { 'idempotency-key': 'once' });
    const first = await again();
    expect(first.body.executionIds).toHaveLength(2);
    expect((await again()).body).toEqual(first.body);
    expect((await submit({ event_type: 'order.placed' }, { 'idempotency-key': 'once' })).body.code).toBe(
      'IDEMPOTENCY_KEY_REUSED',
    );
  });

  it('has to be of a known type, and to fit it (R004-23, R004-24)', async () => {
    await kind('sized', { type: 'object', properties: { size: { type: 'number' } }, required: ['size'] });
    expect(await submit({ event_type: 'nobody.knows' })).toMatchObject({ status: 400, body: { code: 'WF006' } });
    expect(await submit({ event_type: 'sized', payload: { size: 'L' } })).toMatchObject({
      status: 422,
      body: { code: 'OUT_OF_RANGE', errors: [{ field: 'size' }] },
    });
    expect(await submit({ event_type: 'sized', payload: { size: 1 } })).toMatchObject({ status: 202 });
    // Without a type it is of the usual one.
    expect((await submit({ payload: 1 })).status).toBe(202);
  });

  it('with the id of a run is for that run only (R004-23)', async () => {
    functions.register(
      workflow('hears', async ({ events, data }) => data.set('got', (await events.waitFor('ping')).payload)),
    );
    const id = await functions.start('hears');
    const { status, body } = await submit({ event_type: 'ping', payload: 7, execution_id: id });
    expect({ status, ids: body.executionIds }).toEqual({ status: 202, ids: [] });
    expect(body.processingId).toBe(`${id}:2`);
    expect(await functions.read(id)).toMatchObject({ status: 'completed', data: { got: 7 } });
    expect((await submit({ event_type: 'ping', execution_id: 'wf_nothing' })).status).toBe(404);
  });

  it('that a run tells everybody starts what is attached to it, ten deep at most (R004-35)', async () => {
    await kind('echo');
    const id = await own('echoing', async ({ events, data, input }) => {
      data.set('eventId', input['eventId'] ?? null);
      events.emit('echo', { again: true }, { scope: 'bus' });
    });
    await attach('echo', id);
    const { body } = await submit({ event_type: 'echo' });
    await functions.work();
    const rows = await service.rows<{ depth: number; status: string }>(
      `select depth, status from functions.workflow_executions where workflow_name = 'echoing' order by depth`,
    );
    expect(rows).toEqual(Array.from({ length: 10 }, (_, n) => ({ depth: n + 1, status: 'completed' })));
    const chain = await service.rows(
      `select distinct correlation_id from functions.workflow_executions where workflow_name = 'echoing'`,
    );
    expect(chain).toHaveLength(1);
    expect(body.executionIds).toHaveLength(1);
  });

  it('that a run tells twice because its worker died is told once', async () => {
    const { live } = service;
    const publication = { seq: 1, name: 'order.placed', payload: { n: 3 }, userId: null };
    const run = {
      tenant: 'demo',
      instanceId: 'wf_dead',
      key: 'demo:wf_dead:1:0',
      attempt: 1,
      begun: 1,
      since: 0,
      correlationId: 'c',
    };
    for (let attempt = 0; attempt < 2; attempt++)
      await live.app.get(Bus).tell(publication, { ...run, signal: new AbortController().signal });
    const started = await service.rows(
      `select 1 from functions.workflow_event_processing where event_id = $1`,
      run.key,
    );
    expect(started).toHaveLength(2);
  });
});

describe('an attachment', () => {
  it('is made once for a type and a workflow that there are, switched off and on, and taken off, once for each key (R004-21)', async () => {
    await kind('lamp');
    const id = await own('light', async () => undefined);
    const { body } = await attach('lamp', id);
    expect(await attach('lamp', id)).toMatchObject({ status: 409, body: { code: 'WF007' } });
    for (const [type, workflow] of [
      ['nothing', id],
      ['lamp', 'reg_nothing'],
    ] as const)
      expect(await attach(type, workflow)).toMatchObject({ status: 400, body: { code: 'WF006' } });
    const started = async () => (await submit({ event_type: 'lamp' })).body.executionIds.length;
    expect(await started()).toBe(1);
    await service.done('PATCH', `/api/workflow-attachments/${body.attachment_id}`, { is_active: false }, 'admin');
    expect(await started()).toBe(0);
    await service.done('PATCH', `/api/workflow-attachments/${body.attachment_id}`, { is_active: true }, 'admin');
    expect(await started()).toBe(1);
    const detach = () => {
      const path = `/api/workflow-attachments/${body.attachment_id}`;
      return service.ask('DELETE', path, undefined, 'admin', { 'idempotency-key': 'off' });
    };
    expect([(await detach()).status, (await detach()).status]).toEqual([204, 204]);
    expect((await ask('DELETE', `workflow-attachments/${body.attachment_id}`)).status).toBe(404);
    expect(await started()).toBe(0);
  });
});

describe('a workflow of the tenant’s own', () => {
  it('stands before one of the product of its name, in the version that is current; runs keep theirs (R004-16, R004-25, R004-39)', async () => {
    const says = (text: string) => async (context: Parameters<Parameters<typeof workflow>[1]>[0]) => {
      await context.events.waitFor('go');
      context.setState(text);
    };
    functions.register(workflow('greeting', says('product')));
    functions.register(workflow('greeting-2', says('second')));
    const id = await own('greeting', says('own'));
    const first = await functions.start('greeting');
    const path = `workflow-registrations/${id}/versions`;
    expect((await ask('POST', path, { version: 'b', module: 'greeting-2@1.0.0' })).status).toBe(201);
    expect(await ask('POST', path, { version: 'b', module: 'greeting-2@1.0.0' })).toMatchObject({ status: 409 });
    expect(await ask('POST', path, { version: 'c', module: 'nothing@1' })).toMatchObject({ status: 400 });
    const [second, pinned] = [
      await functions.start('greeting'),
      await functions.start('greeting', {}, { version: 'a' }),
    ];
    for (const run of [first, second, pinned]) await functions.tell(run, 'go');
    const runs: Execution[] = await Promise.all([first, second, pinned].map((run) => functions.read(run)));
    expect(runs.map(({ currentState, workflowVersion }) => [currentState, workflowVersion])).toEqual([
      ['own', 'a'],
      ['second', 'b'],
      ['own', 'a'],
    ]);
    expect(await service.done('GET', `/api/workflow-registrations/${id}`, undefined, 'admin')).toMatchObject({
      workflow_type: 'tenant',
      current_version: 'b',
      versions: [
        { version: 'a', module: 'greeting-function@1.0.0', is_current: false },
        { version: 'b', module: 'greeting-2@1.0.0', is_current: true },
      ],
    });
    expect(
      await ask('POST', 'workflow-registrations', { name: 'greeting', version: 'z', module: 'greeting-2@1.0.0' }),
    ).toMatchObject({
      status: 409,
      body: { code: 'WF007' },
    });
  });
});

describe('an event of the pipeline', () => {
  const deliver = async (body: object): Promise<string> => {
    const { data } = (await ask<{ data: { event_id: string } }>('POST', 'events', body)).body;
    while (await service.live.app.get(OutboxWorker).turn());
    return data.event_id;
  };
  const started = async (eventId: string): Promise<string[]> =>
    (
      await service.rows<{ execution_id: string }>(
        `select execution_id from functions.workflow_event_processing where event_id = $1`,
        eventId,
      )
    ).map(({ execution_id }) => execution_id);
  const told = async (eventId: string): Promise<number> =>
    (
      await service.rows(
        `select from engine.outbox where type = 'functions.feed' and params -> 'output' ->> 'event_id' = $1`,
        eventId,
      )
    ).length;

  it('starts what is attached to its type once it is delivered, once however often it is told; nobody is told without attachments (R004-20, R004-24)', async () => {
    await service.rows('update functions.workflow_event_attachments set is_active = false');
    expect(await told(await deliver({ type: 'parcel.sent', payload: { n: 0 } }))).toBe(0);
    await kind('parcel.sent', { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] });
    const id = await own('parcels', async ({ data, input }) => data.set('trigger', input.triggerEvent));
    await attach('parcel.sent', id);
    const eventId = await deliver({ type: 'parcel.sent', payload: { n: 1 }, userId: 'postman' });
    const [run, ...others] = await started(eventId);
    expect(others).toEqual([]);
    expect(await functions.read(String(run))).toMatchObject({
      status: 'completed',
      data: {
        trigger: { id: eventId, type: 'parcel.sent', name: 'parcel.sent', payload: { n: 1 }, user_id: 'postman' },
      },
    });
    await service.rows(
      `update engine.outbox set status = 'pending', finished_at = null, next_attempt_at = engine.now() where type = 'functions.feed'`,
    );
    while (await service.live.app.get(OutboxWorker).turn());
    expect(await started(eventId)).toEqual([run]);
    // Of another type: nothing; one that does not fit lies with the dead letters.
    expect(await started(await deliver({ type: 'parcel.lost', payload: { n: 1 } }))).toEqual([]);
    const unfit = await deliver({ type: 'parcel.sent', payload: { n: 'one' } });
    expect(await started(unfit)).toEqual([]);
    const { body } = await service.ask<{ data: { last_error: { code: string } }[] }>(
      'GET',
      '/admin/dead-letters?type=functions.feed',
      undefined,
      'admin',
    );
    expect(body.data.map(({ last_error }) => last_error.code)).toEqual(['OUT_OF_RANGE']);
  });
});
