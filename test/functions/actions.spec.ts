import { OutboxWorker } from '../../src/engine/workers/outbox.worker.js';
import { Database } from '../../src/platform/database.js';
import { ActionExecutors, type ExecutorOptions } from '../../src/functions/actions/action.executor.js';
import type { PlannedAction } from '../../src/functions/actions/action.graph.js';
import { ActionRunner } from '../../src/functions/actions/action.runner.js';
import { ActionError } from '../../src/functions/failure.js';
import type { Fields } from '../../machines/function.types.js';
import type { Parameter } from '../../src/functions/actions/parameters.js';
import { Functions, workflow } from '../support/functions.js';
import { workstream } from '../support/workstream.js';

const service = workstream();
const functions = new Functions(service);
/** What was done, in order. */
let done: string[] = [];
/** Actions that fail: how often. */
let failing: Record<string, number> = {};
let most = 0;

beforeAll(async () => {
  await service.rows(`create table public.ledger (tenant text, amount int)`);
  await service.rows(`grant select, insert on public.ledger to statewright_app`);
  const { actions } = functions;
  actions.registerSimpleAction(
    'step',
    'Writes down that it was done',
    [{ name: 'as', type: 'string', required: true }],
    async ({ as }) => {
      const name = String(as);
      done.push(name);
      if ((failing[name] ?? 0) > 0) {
        failing[name] = (failing[name] ?? 0) - 1;
        throw new Error(`${name} failed`);
      }
      return name;
    },
  );
  // Ends when as many of them are at it as there have to be: one after the other they would wait for ever.
  let waiting: (() => void)[] = [];
  actions.registerSimpleAction(
    'meet',
    'Waits for others',
    [
      { name: 'as', type: 'string', required: true },
      { name: 'others', type: 'number', required: true },
    ],
    async ({ as, others }) => {
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        most = Math.max(most, waiting.length);
        if (waiting.length <= Number(others)) return;
        for (const go of waiting) go();
        waiting = [];
      });
      done.push(String(as));
    },
  );
  actions.registerSimpleAction(
    'outlast',
    'Ends after another one has failed',
    [
      { name: 'as', type: 'string', required: true },
      { name: 'key', type: 'string', required: true },
    ],
    async ({ as, key }) => {
      const failed = () =>
        service.rows(
          'select from functions.workflow_action_results where idempotency_key = $1 and error is not null',
          key,
        );
      while ((await failed()).length === 0);
      done.push(String(as));
    },
  );
  actions.registerDatabaseAction(
    'book',
    'Books an amount',
    [
      { name: 'amount', type: 'number', required: true },
      { name: 'then', type: 'string', required: false, defaultValue: 'succeed' },
    ],
    'SERIALIZABLE',
    async ({ amount, then }, { transaction, tenant }) => {
      await transaction.run('insert into public.ledger values ($1, $2)', [tenant, amount]);
      const level = await transaction.one<{ level: string }>(
        `select current_setting('transaction_isolation') as level`,
      );
      if (then === 'fail') throw new ActionError('NO_MONEY', 'There is no money');
      return { booked: amount ?? null, level: level?.level ?? null };
    },
  );
  const optional = (name: string, type: Parameter['type']) => ({ name, type, required: false });
  actions.registerSimpleAction(
    'checked',
    'Answers what it gets',
    [
      { name: 'text', type: 'string', required: true, validate: (text) => text !== 'nine' || 'must not be nine' },
      { ...optional('size', 'number'), defaultValue: 7 },
      ...[
        optional('flag', 'boolean'),
        optional('options', 'object'),
        optional('list', 'array'),
        optional('thing', 'any'),
      ],
    ],
    async (params) => params,
  );
  actions.registerSimpleAction('slow', 'Never ends', [], () => new Promise(() => undefined), { timeoutMs: 20 });
  functions.register(
    workflow('many', async ({ actions: does, data, input }) => {
      data.set('results', await does['executeActions']?.(input['plan'] as object));
    }),
  );
  functions.register(
    workflow('booking', async ({ actions: does, data, input }) => {
      data.set('answer', await does['book']?.({ amount: input['amount'] ?? null }));
    }),
  );
});
beforeEach(() => {
  done = [];
  failing = {};
  most = 0;
});

const booked = async () =>
  (await service.rows<{ amount: number }>('select amount from public.ledger')).map(({ amount }) => amount);
const runner = () => service.live.app.get(ActionRunner);
const request = (idempotencyKey: string, parameters: Record<string, number | string> = {}) => ({
  tenant: 'demo',
  executionId: 'wf_test',
  idempotencyKey,
  parameters,
});

describe('an action', () => {
  it('is done once for each key; asked again it is answered from what is kept (R004-42, R004-43)', async () => {
    expect(await runner().executeAction('step', request('once', { as: 'a' }))).toBe('a');
    expect(await runner().executeAction('step', request('once', { as: 'a' }))).toBe('a');
    expect(done).toEqual(['a']);
    await expect(runner().executeAction('step', request('once', { as: 'b' }))).rejects.toMatchObject({
      code: 'NONDETERMINISM',
    });
  });

  it.each<[string, string, Fields]>([
    ['one that is missing', 'text', {}],
    ['one of another type', 'text', { text: 1 }],
    ['a list for an object', 'options', { text: 'x', options: [] }],
    ['one that its own check refuses', 'text', { text: 'nine' }],
    ['one that it does not know', 'more', { text: 'x', more: true }],
  ])('is not done with %s, for good (R004-41)', async (_, field, parameters) => {
    const refused = { code: 'INVALID_PARAMETERS', category: 'permanent', details: { field } };
    const asked = { ...request(`checked ${JSON.stringify(parameters)}`), parameters };
    await expect(runner().executeAction('checked', asked)).rejects.toMatchObject(refused);
  });

  it('gets what it is given with defaults in the place of what is left out; anything goes for any (R004-41)', async () => {
    const asked = (key: string, parameters: Fields) => ({ ...request(key), parameters });
    expect(await runner().executeAction('checked', asked('bare', { text: 'x' }))).toEqual({ text: 'x', size: 7 });
    const all = { text: 'y', size: 1, flag: false, options: { a: [1] }, list: [null], thing: null };
    expect(await runner().executeAction('checked', asked('full', all))).toEqual(all);
  });

  it('keeps an error for good only when trying again makes no sense (R004-56)', async () => {
    failing = { a: 1 };
    await expect(runner().executeAction('step', request('shaky', { as: 'a' }))).rejects.toThrow('a failed');
    expect(await runner().executeAction('step', request('shaky', { as: 'a' }))).toBe('a');
    await expect(runner().executeAction('step', request('wrong', {}))).rejects.toMatchObject({
      code: 'INVALID_PARAMETERS',
      details: { field: 'as' },
    });
    const rows = await service.rows<{ attempts: number; success: boolean }>(
      `select attempts, success from functions.workflow_action_results where idempotency_key in ('shaky', 'wrong') order by idempotency_key`,
    );
    expect(rows).toEqual([
      { attempts: 2, success: true },
      { attempts: 1, success: false },
    ]);
  });

  it('is given up when its time is over (R004-45)', async () => {
    await expect(runner().executeAction('slow', request('slow'))).rejects.toMatchObject({
      code: 'ACTION_TIMEOUT',
      category: 'transient',
    });
  });

  it('of the database is rolled back with everything when it fails, at the isolation it asks for (R004-40, R004-44)', async () => {
    const before = await booked();
    await expect(runner().executeAction('book', request('broke', { amount: 5, then: 'fail' }))).rejects.toMatchObject({
      code: 'NO_MONEY',
    });
    expect(await booked()).toEqual(before);
    expect(await runner().executeAction('book', request('rich', { amount: 6 }))).toEqual({
      booked: 6,
      level: 'serializable',
    });
    expect(await booked()).toEqual([...before, 6]);
  });

  it('of the database has the run go on in its own transaction: work, result and log entry, or none of them (R004-44)', async () => {
    const id = await functions.start('booking', { amount: 7 });
    // The history cannot be written: the booking must not be there either.
    await service.rows(
      `create function public.no_news() returns trigger language plpgsql as $$ begin raise exception 'no news'; end $$`,
    );
    await service.rows(
      `create trigger no_news before insert on engine.history for each row when (new.instance_id = '${id}') execute function public.no_news()`,
    );
    const worker = service.live.app.get(OutboxWorker);
    while (await worker.turn());
    expect(await booked()).not.toContain(7);
    await service.rows('drop trigger no_news on engine.history');
    await functions.work();
    expect((await booked()).filter((amount) => amount === 7)).toHaveLength(1);
    expect(await functions.read(id)).toMatchObject({ status: 'completed', data: { answer: { booked: 7 } } });
    const history = await service.rows<{ type: string }>(
      `select type from engine.history where instance_id = $1 order by seq`,
      id,
    );
    expect(history.map(({ type }) => type)).toEqual(['start', 'action.done']);
    await service.live.prove(id);
  });

  it('sees rows of its own tenant only (R004-81 f)', async () => {
    await service.live.app
      .get(Database)
      .transaction('elsewhere', (tx) => tx.run('select 1 from functions.workflow_action_results'))
      .then((rows) => expect(rows).toBe(0));
  });
});

const act = (id: string, more: Partial<PlannedAction> = {}): PlannedAction => ({
  id,
  name: 'step',
  params: { as: id },
  ...more,
});
let events = 0;
const execute = (actions: PlannedAction[], options: ExecutorOptions = {}) =>
  service.live.app
    .get(ActionExecutors)
    .createActionExecutor({ backoffMs: 1, ...options })
    .executeActions(actions, { event_id: `evt_${++events}`, execution_id: 'wf_graph' }, 'demo');
const outcome = async (...given: Parameters<typeof execute>) =>
  Object.fromEntries(
    (await execute(...given)).map(({ id, success, error }) => [id, success || (error?.code ?? false)]),
  );

describe('many actions', () => {
  it('are done side by side where they can be, and joined where one waits for several (R004-46)', async () => {
    const results = await execute([
      act('last', { dependsOn: ['loaded'] }),
      act('a', { syncPoint: 'loaded', name: 'meet', params: { as: 'a', others: 1 } }),
      act('b', { syncPoint: 'loaded', dependsOn: ['first'], name: 'meet', params: { as: 'b', others: 1 } }),
      act('first'),
    ]);
    expect(results).toMatchObject([
      { id: 'last', actionName: 'step', success: true, result: 'last' },
      { id: 'a', actionName: 'meet', success: true },
      { id: 'b', actionName: 'meet', success: true },
      { id: 'first', actionName: 'step', success: true, result: 'first' },
    ]);
    expect(done.indexOf('b')).toBeGreaterThan(done.indexOf('first'));
    expect(done.at(-1)).toBe('last');
    expect(most).toBe(2);
  });

  it('are at most as many at once as there is room for (R004-45)', async () => {
    await execute(
      Array.from({ length: 12 }, (_, n) => act(`n${n}`, { name: 'meet', params: { as: `n${n}`, others: 2 } })),
      { maxConcurrency: 3 },
    );
    expect([done.length, most]).toEqual([12, 3]);
  });

  it.each<[string, PlannedAction[], string]>([
    ['wait for each other', [act('a', { dependsOn: ['b'] }), act('b', { dependsOn: ['a'] })], 'DEPENDENCY_CYCLE'],
    ['wait for what is not there', [act('a', { dependsOn: ['x'] })], 'UNKNOWN_DEPENDENCY'],
    ['have the same id', [act('a'), act('a')], 'DUPLICATE_ACTION'],
  ])('are not begun when they %s (R004-47)', async (_, actions, code) => {
    await expect((async () => execute(actions))()).rejects.toMatchObject({ code });
    expect(done).toEqual([]);
  });

  it('are not begun any more once one has failed, with stop; what runs is finished (R004-47, R004-81 g)', async () => {
    failing = { a: 1 };
    const key = `wf_graph:evt_${events + 1}:a`;
    const actions = [act('a'), act('b', { name: 'outlast', params: { as: 'b', key } }), act('c')];
    expect(await outcome(actions, { maxConcurrency: 2 })).toEqual({ a: 'ERROR', b: true, c: 'SKIPPED' });
    expect(done).toEqual(['a', 'b']);
  });

  it('go on without those that stand on the failed one, with continue, unless they are for that (R004-48, R004-81 g)', async () => {
    failing = { a: 1 };
    const actions = [
      act('a'),
      act('b', { dependsOn: ['a'] }),
      act('b2', { dependsOn: ['b'] }),
      act('c', { dependsOn: ['a'], runOnFailure: true }),
      act('d'),
    ];
    expect(await outcome(actions, { errorStrategy: 'continue' })).toEqual({
      a: 'ERROR',
      b: 'SKIPPED',
      b2: 'SKIPPED',
      c: true,
      d: true,
    });
  });

  it('are tried again under the same key, with retry (R004-48, R004-81 g)', async () => {
    failing = { a: 2, b: 9 };
    const results = await execute([act('a'), act('b')], { errorStrategy: 'retry', retries: 3 });
    expect(results).toMatchObject([
      { id: 'a', success: true, attempts: 3 },
      { id: 'b', success: false, attempts: 4, error: { message: 'b failed' } },
    ]);
    const keys = await service.rows(
      `select 1 from functions.workflow_action_results where idempotency_key like 'wf_graph:evt_${events}:%'`,
    );
    expect(keys).toHaveLength(2);
  });

  it('are undone the last first, with compensate; one that cannot be undone is told of (R004-48, R004-81 h)', async () => {
    failing = { c: 1, 'undo a': 1 };
    const undo = (id: string) => ({ compensationActions: [{ name: 'step', params: { as: `undo ${id}` } }] });
    const results = await execute(
      [act('a', undo('a')), act('b', { dependsOn: ['a'], ...undo('b') }), act('c', { dependsOn: ['b'], ...undo('c') })],
      { errorStrategy: 'compensate' },
    );
    expect(done).toEqual(['a', 'b', 'c', 'undo b', 'undo a']);
    expect(results).toMatchObject([
      { id: 'a', success: true, compensation: 'compensation_failed' },
      { id: 'b', success: true, compensation: 'compensated' },
      { id: 'c', success: false },
    ]);
  });

  it('are done for a function too, each once, and a wrong list of them is refused (R004-46)', async () => {
    failing = { b: 9 };
    const actions = [
      { id: 'a', name: 'step', params: { as: 'a' } },
      { id: 'b', name: 'step', params: { as: 'b' }, dependsOn: ['a'] },
      { id: 'c', name: 'step', params: { as: 'c' }, dependsOn: ['b'] },
    ];
    const id = await functions.start('many', { plan: { actions, errorStrategy: 'continue' } });
    await functions.work();
    expect(done).toEqual(['a', 'b']);
    expect(await functions.read(id)).toMatchObject({
      status: 'completed',
      data: {
        results: [
          { id: 'a', actionName: 'step', success: true, result: 'a' },
          { id: 'b', success: false, error: { message: 'b failed' } },
          { id: 'c', success: false, error: { code: 'SKIPPED' } },
        ],
      },
    });
    for (const plan of [
      { actions: [{ id: 'a', name: 'step', dependsOn: ['a'] }] },
      { actions: [{ name: 'step' }] },
      { actions, errorStrategy: 'hope' },
      { actions, maxConcurrency: 0 },
    ]) {
      const wrong = await functions.start('many', { plan });
      await functions.work();
      expect(await functions.read(wrong)).toMatchObject({ status: 'failed', error: { category: 'permanent' } });
    }
    expect(done).toEqual(['a', 'b']);
  });
});
