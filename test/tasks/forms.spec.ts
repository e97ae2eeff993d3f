import type { Value } from '../../machines/task.js';
import { conditionObjection, hiddenFields } from '../../src/tasks/forms/display.js';
import { formErrors, judge } from '../../src/tasks/forms/form.check.js';
import type { Form } from '../../src/tasks/forms/form.js';
import { prefill } from '../../src/tasks/forms/prefill.js';
import { workstream } from '../support/workstream.js';

const form = (properties: object, more: object = {}): Form =>
  ({
    name: 'review',
    version: '1.0',
    description: null,
    category: null,
    tags: [],
    status: 'active',
    is_strict: false,
    json_schema: { type: 'object', properties },
    ui_schema: {},
    default_values: {},
    actions: [],
    ...more,
  }) as Form;

describe('what a form is filled with beforehand', () => {
  it.each([
    ['the task’s own value', { a: 'own' }, { a: 'own' }],
    ['a template of the schema, filled in', { b: 'B' }, { a: 'from B' }],
  ])('is %s before everything else (R004-76)', (_, contextData, data) => {
    const given = form(
      { a: { type: 'string', default: 'from ${contextData.b}' } },
      { default_values: { a: 'usual ${contextData.b}' } },
    );
    expect(prefill(given, contextData).data).toEqual(data);
  });

  it('is the form’s default value before the schema’s plain one (R004-75, R004-76)', () => {
    const schema = { a: { type: 'string', default: 'plain' }, b: { type: 'string', default: 'plain' } };
    expect(prefill(form(schema, { default_values: { a: 'for ${contextData.who}' } }), { who: 'us' })).toEqual({
      data: { a: 'for us', b: 'plain' },
      unresolved: [],
    });
  });

  it('names what its templates ask for in vain, and leaves that empty (R004-77)', () => {
    const given = form({ a: { type: 'string', default: '[${contextData.x.y}] [${contextData.constructor}]' } });
    expect(prefill(given, { x: { z: 1 } })).toEqual({ data: { a: '[] []' }, unresolved: ['x.y', 'constructor'] });
  });

  it('takes objects as JSON, inner fields too, and fills in once (R004-76)', () => {
    const given = form({
      a: { type: 'string', default: '${contextData.o}' },
      inner: { type: 'object', properties: { b: { type: 'string', default: '${contextData.t}' } } },
    });
    expect(prefill(given, { o: { n: 1 }, t: '${contextData.o}' }).data).toEqual({
      a: '{"n":1}',
      inner: { b: '${contextData.o}' },
    });
  });
});

describe('fields that depend on others', () => {
  const ui = {
    why: { 'ui:displayIf': { field: 'ok', value: false } },
    who: { 'ui:displayIf': { and: [{ field: 'why', value: 'person' }, { not: { field: 'ok', value: true } }] } },
  };
  it('are hidden, not required and not kept (R004-79)', () => {
    const given = form(
      { ok: { type: 'boolean' }, why: { type: 'string' }, who: { type: 'string' } },
      {
        ui_schema: ui,
        json_schema: {
          type: 'object',
          properties: { ok: { type: 'boolean' }, why: { type: 'string' }, who: { type: 'string' } },
          required: ['ok', 'why', 'who'],
        },
      },
    );
    expect(judge(given, {}, { ok: true, why: 'person' })).toEqual({ answer: { ok: true }, flaws: [] });
    expect(judge(given, {}, { ok: false, why: 'person' }).flaws).toEqual([{ path: 'who', message: 'is required' }]);
    expect(judge(given, {}, { ok: false, why: 'other' }).flaws).toEqual([]);
  });

  it('see nothing in a field that is hidden itself', () => {
    expect([...hiddenFields(ui, { ok: true, why: 'person' })]).toEqual(['why', 'who']);
  });

  it.each([[5], [{ field: 'a' }], [{ and: { field: 'a', value: 1 } }], [{ not: { xor: [] } }], [{ or: [null] }]])(
    'do not depend on %j',
    (condition) => expect(conditionObjection(condition as never)).toEqual(expect.stringContaining('is {field, value}')),
  );
});

describe('a form that cannot be used', () => {
  it('is one with a button whose condition is none (R004-79)', () => {
    const button = (hidden: Value) => ({
      ...form({ a: { type: 'string' } }),
      actions: [{ id: 'x', label: 'X', hidden }],
    });
    expect(formErrors(button({ field: 'a' })).map(({ field }) => field)).toEqual(['actions.x.hidden']);
    expect(formErrors(button({ field: 'a', value: 1 }))).toEqual([]);
  });

  it.each([
    ['of no fields', {}],
    ['of a type that there is not', { a: { type: 'text' } }],
    ['with a word that means nothing', { a: { type: 'string', longest: 5 } }],
    ['with a pattern that looks back', { a: { type: 'string', pattern: '(a)\\1' } }],
    ['that refers to something else', { a: { $ref: '#/definitions/b' } }],
    ['that compares everything with everything', { a: { type: 'array', uniqueItems: true, items: {} } }],
    ['larger than any form', { a: { type: 'string', default: 'x'.repeat(70_000) } }],
  ])('is one %s', (_, properties) => {
    expect(formErrors(form(properties)).map(({ field }) => field)).toEqual(['json_schema']);
  });

  it('is not one with phone, currency and a pattern of its own (R004-68)', () => {
    const given = form({
      phone: { type: 'string', format: 'phone' },
      currency: { type: 'string', format: 'currency' },
      code: { type: 'string', pattern: '^(a+)+$' },
    });
    expect(formErrors(given)).toEqual([]);
    expect(judge(given, {}, { phone: '+49 30 1234567', currency: 'EUR', code: 'aaa' }).flaws).toEqual([]);
    // A pattern that runs away elsewhere takes linear time here.
    const long = `${'a'.repeat(30_000)}!`;
    expect(judge(given, {}, { phone: 'no', currency: 'eur', code: long }).flaws.map(({ path }) => path)).toEqual([
      'phone',
      'currency',
      'code',
    ]);
  });
});

const service = workstream();
const ask = (method: string, path: string, body?: object, role: 'admin' | 'sales' = 'admin') =>
  service.ask(method, path, body, role);
const json_schema = { type: 'object', properties: { b: { type: 'string' }, a: { type: 'string' } } };

describe('forms over HTTP', () => {
  it('are drafted, changed, made active, and then stay as tasks are answered in them (R004-74, R004-79)', async () => {
    const made = await ask('POST', '/api/forms', { name: 'visit', json_schema, tags: ['field'], category: 'visits' });
    expect(made).toMatchObject({ status: 201, body: { name: 'visit', version: '1.0', status: 'draft' } });
    expect((await ask('GET', '/api/forms/visit')).status).toBe(404);
    expect((await ask('POST', '/api/forms', { name: 'odd', json_schema, actions: [[]] })).status).toBe(400);
    const path = '/api/forms/visit/versions/1.0';
    expect((await ask('PATCH', path, { is_strict: true, status: 'active' })).body).toMatchObject({ status: 'active' });
    const { body } = await ask('GET', '/api/forms/visit', undefined, 'sales');
    // In the order in which they were written.
    expect(JSON.stringify(body['json_schema'])).toBe(JSON.stringify(json_schema));
    expect(await ask('PATCH', path, { json_schema })).toMatchObject({ status: 409, body: { code: 'IN_USE' } });
    expect((await ask('PATCH', path, { status: 'draft' })).status).toBe(400);
    expect((await ask('POST', '/api/forms', { name: 'visit', json_schema })).status).toBe(409);
    const next = await ask('POST', '/api/forms', { name: 'visit', version: '2.0', status: 'active', json_schema });
    expect(next).toMatchObject({ status: 201, body: { version: '2.0', status: 'active' } });
    expect((await ask('GET', '/api/forms/visit?version=1.0')).body).toMatchObject({ status: 'deprecated' });
  });

  it('are answered in the version that the task was made with', async () => {
    await ask('POST', '/api/forms', { name: 'pinned', status: 'active', json_schema });
    await ask('PUT', '/api/task-definitions/pinned', { name: 'Pinned', form_name: 'pinned' });
    const { taskId } = await service.done<{ taskId: string }>(
      'POST',
      '/api/tasks',
      { taskType: 'pinned', title: 'Look', assignTo: { roles: 'sales' } },
      'admin',
    );
    const strict = { ...json_schema, required: ['a'] };
    await ask('POST', '/api/forms', { name: 'pinned', version: '1.1', status: 'active', json_schema: strict });
    expect((await ask('GET', `/api/tasks/${taskId}`, undefined, 'sales')).body).toMatchObject({
      task_definition_type: 'tenant',
      form: { version: '1.0', form_type: 'tenant' },
    });
    expect((await ask('POST', `/api/tasks/${taskId}/complete`, { formData: {} }, 'sales')).status).toBe(200);
  });

  it('refuse a task whose strict form asks for what the task does not say (R004-77)', async () => {
    const strict = { type: 'object', properties: { a: { type: 'string', default: '${contextData.client}' } } };
    await ask('POST', '/api/forms', { name: 'strict', status: 'active', is_strict: true, json_schema: strict });
    await ask('PUT', '/api/task-definitions/strict', { name: 'Strict', form_name: 'strict' });
    const body = { taskType: 'strict', title: 'Look' };
    expect(await ask('POST', '/api/tasks', body)).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'contextData.client' }] },
    });
    expect((await ask('POST', '/api/tasks', { ...body, contextData: { client: 'us' } })).status).toBe(201);
  });

  it('are composed of others, and found by text, category, tag and status (R004-79)', async () => {
    await ask('POST', '/api/forms', { name: 'part.one', status: 'active', json_schema, tags: ['parts'] });
    const own = { type: 'object', properties: { c: { type: 'number' } }, required: ['c'] };
    const made = await ask('POST', '/api/forms', {
      name: 'whole',
      compose: ['part.one', 'to-do-form'],
      json_schema: own,
      description: 'Put together',
      tags: ['parts'],
    });
    expect(Object.keys((made.body['json_schema'] as typeof json_schema).properties)).toEqual([
      'b',
      'a',
      'outcome',
      'c',
    ]);
    expect((await ask('POST', '/api/forms', { name: 'twice', compose: ['part.one', 'part.one'] })).status).toBe(400);
    const found = async (query: string) =>
      ((await ask('GET', `/api/forms?${query}`)).body['data'] as { name: string }[]).map(({ name }) => name);
    expect(await found('tag=parts')).toEqual(['part.one', 'whole']);
    expect(await found('text=TOGETHER')).toEqual(['whole']);
    expect(await found('tag=parts&status=active')).toEqual(['part.one']);
    expect(await found('name=to-do-form')).toEqual(['to-do-form']);
    const first = await ask('GET', '/api/forms?limit=1');
    const second = await ask('GET', `/api/forms?limit=1&cursor=${String(first.body['nextCursor'])}`);
    expect(second.body['data']).not.toEqual(first.body['data']);
  });

  it('are written by administrators, and kinds of task stand on forms that are there (R004-63)', async () => {
    expect((await ask('POST', '/api/forms', { name: 'mine', json_schema }, 'sales')).status).toBe(403);
    expect((await ask('PUT', '/api/task-definitions/lost', { name: 'Lost', form_name: 'nowhere' })).status).toBe(400);
    expect((await ask('GET', '/api/task-definitions/lost')).status).toBe(404);
    await ask('PUT', '/api/task-definitions/to_do', { name: 'Ours', form_name: 'to-do-form', status: 'deprecated' });
    const kinds = (await ask('GET', '/api/task-definitions')).body['data'] as { task_type: string; name: string }[];
    expect(kinds.filter(({ task_type }) => task_type === 'to_do')).toMatchObject([{ name: 'Ours' }]);
    expect((await ask('POST', '/api/tasks', { taskType: 'to_do', title: 'Look' })).status).toBe(400);
  });
});
