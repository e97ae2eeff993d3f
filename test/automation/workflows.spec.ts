import { step, Workflows } from '../support/workflows.js';
import { workstream } from '../support/workstream.js';

const service = workstream();
const workflows = new Workflows(service);
const PATH = '/api/automation/workflows';
const simple = [step.transform('only', '{ twice: input.n * 2 }')];
const body = (more: object = {}) => ({ name: 'Doubling', steps: simple, startStep: 'only', ...more });
interface Refusal {
  code: string;
  detail: string;
  errors: { field: string; message: string }[];
}
const refused = async (more: object, role: 'admin' | 'sales' = 'admin') => {
  const { status, body: said } = await service.ask<Refusal>('POST', PATH, body(more), role);
  return { status, code: said.code, errors: (said.errors ?? []).map(({ field, message }) => `${field}: ${message}`) };
};

describe('a workflow', () => {
  it('is made, read, listed, changed and taken away, in the envelope of the requirement (R002-2, R002-12, R002-38, R002-39)', async () => {
    const made = await service.ask<{ success: boolean; data: { id: string } }>('POST', PATH, body({ tags: ['sums'] }));
    expect(made).toMatchObject({
      status: 201,
      body: { success: true, data: { name: 'Doubling', enabled: true, version: 1, startStep: 'only', warnings: [] } },
    });
    const fields = [
      'id',
      'name',
      'description',
      'enabled',
      'steps',
      'startStep',
      'config',
      'tags',
      'createdAt',
      'updatedAt',
    ];
    expect(Object.keys(made.body.data)).toEqual(expect.arrayContaining(fields));
    expect(made.body.data).toMatchObject({ executionCount: 0, lastExecuted: null, tags: ['sums'] });
    const { id } = made.body.data;
    expect(await service.done('GET', `${PATH}/${id}`)).toMatchObject({ success: true, data: { id, steps: simple } });
    expect(await service.done('GET', `${PATH}?tag=sums&limit=1`)).toMatchObject({
      data: [{ id }],
      metadata: { page: 1, limit: 1, total: 1, hasMore: false },
    });
    expect(await service.done('PATCH', `${PATH}/${id}`, { name: 'Renamed' })).toMatchObject({
      data: { name: 'Renamed', version: 1 },
    });
    expect(await service.done('DELETE', `${PATH}/${id}`)).toMatchObject({ data: { id, deleted: true, cancelled: 0 } });
    expect((await service.ask('GET', `${PATH}/${id}`)).status).toBe(404);
    expect((await service.ask('POST', PATH, body({ id }))).body).toMatchObject({ code: 'CONFLICT' });
  });

  it('may bear an id of its writer’s choice, once (R002-10)', async () => {
    expect(await service.done('POST', PATH, body({ id: 'wf_doubling' }))).toMatchObject({
      data: { id: 'wf_doubling' },
    });
    expect((await service.ask('POST', PATH, body({ id: 'wf_doubling' }))).status).toBe(409);
    expect((await service.ask('POST', PATH, body({ id: 'no/id' }))).status).toBe(400);
  });

  it('made twice with one Idempotency-Key is one', async () => {
    const key = { 'idempotency-key': 'doubling-1' };
    const [first, second] = [
      await service.ask('POST', PATH, body(), 'sales', key),
      await service.ask('POST', PATH, body(), 'sales', key),
    ];
    expect(second.body).toEqual(first.body);
    expect((await service.ask('POST', PATH, body({ name: 'Other' }), 'sales', key)).status).toBe(422);
  });

  it('gets a new version when its steps change, and what is running goes on by the old one (R002-11)', async () => {
    const id = await workflows.made([step.delay('rest', '1h', 'say'), step.transform('say', '"old"')]);
    const running = await workflows.started(id);
    const steps = [step.delay('rest', '1h', 'say'), step.transform('say', '"new"')];
    expect(await service.done('PATCH', `${PATH}/${id}`, { steps })).toMatchObject({ data: { version: 2 } });
    const later = await workflows.started(id);
    await workflows.pass('1h');
    expect(await workflows.execution(running)).toMatchObject({ version: 1, output: { say: 'old' } });
    expect(await workflows.execution(later)).toMatchObject({ version: 2, output: { say: 'new' } });
    expect(await service.done('GET', `${PATH}/${id}/versions`)).toMatchObject({
      data: [{ version: 2 }, { version: 1 }],
      metadata: { total: 2 },
    });
  });

  it('is not taken away while executions are running, unless they are called off with it; what they did stays (R002-9)', async () => {
    const id = await workflows.made([step.delay('rest', '7d')]);
    const running = await workflows.started(id);
    expect(await service.ask('DELETE', `${PATH}/${id}`)).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
    expect(await service.done('DELETE', `${PATH}/${id}?force=true`)).toMatchObject({ data: { cancelled: 1 } });
    await service.work();
    expect(await workflows.execution(running)).toMatchObject({ status: 'cancelled', completedAt: expect.any(String) });
  });

  it('that is disabled, or is none, is not started (R002-36, R002-53)', async () => {
    const id = await workflows.made(simple, { enabled: false });
    expect(await service.ask('POST', `${PATH}/${id}/execute`, {})).toMatchObject({ status: 409 });
    expect(await service.ask('POST', `${PATH}/nowhere/execute`, {})).toMatchObject({ status: 404 });
  });

  it('is looked at by those who only read, and written by none of them', async () => {
    expect((await service.ask('GET', PATH, undefined, 'viewer')).status).toBe(200);
    expect((await service.ask('POST', PATH, body(), 'viewer')).status).toBe(403);
    expect((await service.ask('GET', PATH, undefined, 'investor')).status).toBe(403);
  });
});

describe('a definition is refused', () => {
  it.each<[string, object, RegExp]>([
    ['with a start that is nowhere', { startStep: 'gone' }, /startStep: there is no step gone/],
    ['with two steps of one id', { steps: [...simple, ...simple] }, /steps.1.id: only is there before/],
    ['with a way that leads nowhere', { steps: [step.transform('only', '1', 'gone')] }, /next: there is no step gone/],
    [
      'with a branch that leads nowhere',
      { steps: [step.condition('only', 'true', 'gone')] },
      /condition.onTrue: there is no step gone/,
    ],
    [
      'with a step of no known type',
      { steps: [{ id: 'only', type: 'magic', magic: {} }] },
      /steps.0.*: value of tag "type" must be in oneOf/,
    ],
    [
      'without the object of its type',
      { steps: [{ id: 'only', type: 'delay' }] },
      /steps.0: must have required property/,
    ],
    ['with an action that is none', { steps: [step.action('only', 'no_such', {})] }, /there is no action no_such/],
    [
      'with a configuration that the action does not take',
      { steps: [step.action('only', 'automation.emit_event', { nonsense: 1 })] },
      /config.event_type: /,
    ],
    [
      'with a reserved id (R002-52)',
      { steps: [step.transform('input', '1')], startStep: 'input' },
      /means something else/,
    ],
    ['with a duration that is none', { steps: [step.delay('only', 'soon')] }, /Invalid time window: soon/],
    ['with a duration of more than 30 days', { steps: [step.delay('only', '31d')] }, /Invalid time window/],
    ['with a reference to nobody', { steps: [step.delay('only', '{{nobody.x}}')] }, /nothing is called nobody/],
    ['with a reference that is not closed', { steps: [step.delay('only', '{{input.x')] }, /not closed/],
    [
      'with a loop within itself',
      { steps: [step.loop('only', '{{input.list}}', ['only'])] },
      /loops are nested deeper|is a step of only/,
    ],
    [
      'with a branch that leads out of its loop, or back in it',
      {
        steps: [
          step.loop('only', '{{input.list}}', ['first', 'is', 'last']),
          step.transform('first', '1', 'after'),
          step.condition('is', 'true', 'first', 'after'),
          step.transform('last', '1'),
          step.transform('after', '1'),
        ],
      },
      /steps.1.next: after is no step of only behind first\n.*onTrue: first is no step of only.*\n.*onFalse: after is no step/,
    ],
    [
      'with a delay beside others',
      { steps: [step.parallel('only', ['rest']), step.delay('rest', '1h')] },
      /cannot be done beside others/,
    ],
    ['with statements for a script (R002-49)', { steps: [step.transform('only', 'let x = 1; x')] }, /script: /],
    ['with a call of what is no function', { steps: [step.transform('only', 'eval("1")')] }, /no function eval/],
    [
      'with a way to the prototype',
      { steps: [step.transform('only', 'input.constructor.constructor("return 1")()')] },
      /no function of that kind/,
    ],
  ])('%s (R002-40)', async (_, more, message) => {
    const { status, code, errors } = await refused(more);
    expect({ status, code }).toEqual({ status: 400, code: 'WORKFLOW_ERROR' });
    expect(errors.join('\n')).toMatch(message);
  });

  it('with more than MAX_WORKFLOW_STEPS steps (R002-40, R002-78)', async () => {
    const steps = Array.from({ length: 101 }, (_, index) => step.transform(`s${index}`, '1', `s${index + 1}`));
    const { errors } = await refused({ steps, startStep: 's0' });
    expect(errors).toContain('steps: are more than 100');
  });

  it('with an action that its writer may not have done', async () => {
    const steps = [step.action('only', 'automation.call_webhook', { url: 'https://example.com/hook' })];
    expect(await refused({ steps }, 'sales')).toMatchObject({ status: 403, code: 'WF005' });
  });

  it('not for a step that no way leads to, which is a warning (R002-40)', async () => {
    const steps = [...simple, step.transform('lost', '1')];
    const { body: said } = await service.ask('POST', PATH, body({ steps }));
    expect(said).toMatchObject({ data: { warnings: ['no way leads to lost'] } });
  });
});

describe('a secret in a definition', () => {
  const url = 'https://hooks.example.com/secret-part';
  const steps = [step.action('only', 'automation.call_webhook', { url })];

  it('is hidden in every answer, sealed in the database, and stays when it is written back hidden (R002-5, R002-6)', async () => {
    const id = await workflows.made(steps);
    const read = await service.done<{ data: { steps: object[] } }>('GET', `${PATH}/${id}`);
    expect(JSON.stringify(read)).not.toContain('secret-part');
    expect(read.data.steps).toEqual([step.action('only', 'automation.call_webhook', { url: '(hidden)' })]);
    await service.done('PATCH', `${PATH}/${id}`, { steps: read.data.steps }, 'admin');
    const kept = await service.rows<{ text: string }>(
      `select definition::text || plan::text as text from automation.workflow_versions where workflow_id = $1`,
      id,
    );
    expect(kept).toHaveLength(2);
    for (const { text } of kept) {
      expect(text).not.toContain('secret-part');
      expect(text).toMatch(/sealed:1:/);
      expect(text).not.toContain('(hidden)');
    }
  });

  it('is not sent to another address than the one it was written for, unless it is said again (R002-5)', async () => {
    const auth = { type: 'bearer', config: { token: 'tok-1' } };
    const webhook = (to: string, as: object) => [
      { id: 'only', name: 'only', type: 'webhook', webhook: { url: to, method: 'POST', auth: as } },
    ];
    const id = await workflows.made(webhook('https://hooks.example.com/a', auth));
    const read = await service.done<{ data: { steps: { webhook: { auth: object } }[] } }>('GET', `${PATH}/${id}`);
    const hiddenAuth = read.data.steps[0]?.webhook.auth ?? {};
    expect(JSON.stringify(hiddenAuth)).toContain('(hidden)');
    const led = await service.ask(
      'PATCH',
      `${PATH}/${id}`,
      {
        steps: webhook('https://evil.example.com/a', hiddenAuth),
      },
      'admin',
    );
    expect(led).toMatchObject({ status: 400, body: { code: 'WORKFLOW_ERROR' } });
    expect(JSON.stringify(led.body)).toContain('what is hidden has to be said again');
    await service.done(
      'PATCH',
      `${PATH}/${id}`,
      { steps: webhook('https://hooks.example.com/a', hiddenAuth) },
      'admin',
    );
    await service.done('PATCH', `${PATH}/${id}`, { steps: webhook('https://other.example.com/a', auth) }, 'admin');
  });
});
