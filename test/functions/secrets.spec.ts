import { hash, randomBytes } from 'node:crypto';
import { canonicalText } from '../../src/engine/core/json.js';
import { ActionExecutors } from '../../src/functions/actions/action.executor.js';
import { Log } from '../../src/platform/logger.js';
import { Functions, workflow } from '../support/functions.js';
import { workstream } from '../support/workstream.js';

const service = workstream();
const functions = new Functions(service);
const canary = () => `canary-${randomBytes(12).toString('hex')}`;
/** Everything that was logged. */
let logged = '';
/** What the action was given, in order. */
let used: unknown[] = [];

beforeAll(() => {
  // The log of the service, written where the test can read it.
  Object.assign(service.live.app.get(Log), new Log('debug', { write: (line: string) => void (logged += line) }));
  functions.actions.registerSimpleAction(
    'pay',
    'Tells what it was given, as careless providers do',
    [
      { name: 'amount', type: 'number', required: true },
      { name: 'credential', type: 'any', required: true, secret: true },
      { name: 'fail', type: 'boolean', required: false },
    ],
    async ({ amount, credential, fail }) => {
      used.push(credential);
      const said = `${JSON.stringify(credential)} was no good for ${String(amount)}`;
      if (fail) throw Object.assign(new Error(said), { category: 'permanent' });
      return { said, amount: amount ?? null };
    },
  );
});
beforeEach(() => {
  used = [];
});

/** Where in the database a text stands. */
async function placesOf(text: string): Promise<string[]> {
  const tables = await service.rows<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`,
  );
  const found: string[] = [];
  for (const { name } of tables) {
    const [row] = await service.rows(`select from ${name} t where strpos(t::text, $1) > 0 limit 1`, text);
    if (row) found.push(name);
  }
  return found;
}
/** Everything that people can read of a run. */
const shown = async (id: string): Promise<string> => {
  const paths = ['', '/events?limit=200'].map((rest) => `/api/workflow-executions/${id}${rest}`);
  const inspected = ['', '/history', '/effects'].map((rest) => `/api/instances/${id}${rest}`);
  const answers = [];
  for (const path of [...paths, ...inspected, '/admin/outbox?limit=200', '/admin/dead-letters?limit=200'])
    answers.push(JSON.stringify(await service.done('GET', path, undefined, 'admin')));
  return answers.join('\n');
};
async function expectNowhere(id: string, text: string): Promise<void> {
  // What is there is found.
  expect(await placesOf(id)).toContain('engine.history');
  expect(await shown(id)).toContain(id);
  expect(await placesOf(text)).toEqual([]);
  expect(await shown(id)).not.toContain(text);
  expect(logged).not.toContain(text);
}

describe('a secret parameter of an action', () => {
  it('reaches the action, and stands nowhere in what is kept, told or logged of it (R004-36, R004-41)', async () => {
    const secret = canary();
    functions.register(
      workflow('pays', async ({ actions, data, logger }) => {
        const paid = await actions['pay']?.({ amount: 1, credential: { user: 'u', password: secret } });
        data.set('paid', paid);
        logger.info('paid', { paid });
        await actions['pay']?.({ amount: 2, credential: secret, fail: true }).catch((error: Error) => {
          data.set('failed', error.message);
          logger.error('not paid', { error: error.message });
        });
      }),
    );
    const id = await functions.start('pays');
    // Written down and not done yet.
    expect(await placesOf(secret)).toEqual([]);
    await functions.work();
    expect(used).toEqual([{ user: 'u', password: secret }, secret]);
    const { data, status } = await functions.read(id);
    expect(status).toBe('completed');
    expect(data).toEqual({
      paid: { said: '{"user":"u","password":"(hidden)"} was no good for 1', amount: 1 },
      failed: '"(hidden)" was no good for 2',
    });
    expect(logged).toContain('(hidden)');
    await expectNowhere(id, secret);
    await service.live.prove(id);
  });

  it('is not what a run is held to: another one is no other call (R004-5, R004-41)', async () => {
    let secret = canary();
    functions.register(
      workflow('rotates', async ({ actions, data, events }) => {
        data.set('paid', await actions['pay']?.({ amount: 1, credential: secret }));
        await events.waitFor('go');
      }),
    );
    const id = await functions.start('rotates');
    await functions.work();
    secret = canary();
    await functions.tell(id, 'go');
    expect(await functions.read(id)).toMatchObject({ status: 'completed' });
  });

  it('that an earlier release wrote down goes on: it compared by the secret, and kept it (R004-5, R004-41)', async () => {
    const secret = canary();
    const given = { amount: 1, credential: secret };
    functions.register(workflow('waits', async ({ actions, data }) => data.set('paid', await actions['pay']?.(given))));
    const id = await functions.start('waits');
    // The rows as that release left them: the call with the hash of all that was given, the work as it was asked for.
    const former = hash('sha256', canonicalText(given)).slice(0, 16);
    const changed = await service.rows<{ calls: object[] }>(
      `update engine.instances
          set snapshot = replace(snapshot::text, snapshot -> 'context' -> 'calls' -> 0 ->> 'hash', $2)::json
        where id = $1 returning snapshot -> 'context' -> 'calls' as calls`,
      id,
      former,
    );
    expect(changed).toMatchObject([{ calls: [{ kind: 'action', name: 'pay', hash: former }] }]);
    await service.rows(
      `update engine.outbox set params = jsonb_set(params::jsonb, '{params}', $2::jsonb)::json where instance_id = $1 and params::text like '%sealed:%'`,
      id,
      JSON.stringify(given),
    );
    await functions.work();
    expect(used).toEqual([secret]);
    expect(await functions.read(id)).toMatchObject({ status: 'completed', error: null });
  });

  it('whose name is misspelt is refused, and not kept for that (R004-41)', async () => {
    const secret = canary();
    functions.register(
      workflow('slips', async ({ actions }) => void (await actions['pay']?.({ amount: 1, credentail: secret }))),
    );
    const id = await functions.start('slips');
    await functions.work();
    expect(await functions.read(id)).toMatchObject({ status: 'failed', error: { code: 'INVALID_PARAMETERS' } });
    await expectNowhere(id, secret);
  });

  it('of one among many actions is not kept either, nor when it is told by what fails (R004-36, R004-46)', async () => {
    const secret = canary();
    const action = (id: string, fail: boolean) => ({
      id,
      name: 'pay',
      params: { amount: 1, credential: secret, fail },
    });
    const results = await service.live.app
      .get(ActionExecutors)
      .createActionExecutor({ errorStrategy: 'continue' })
      .executeActions([action('a', false), action('b', true)], { event_id: 'e', execution_id: 'wf_many' }, 'demo');
    expect(results.map(({ success }) => success)).toEqual([true, false]);
    expect(JSON.stringify(results)).not.toContain(secret);
    expect(await placesOf(secret)).toEqual([]);
    expect(logged).not.toContain(secret);
  });
});

describe('a secret of the tenant', () => {
  const put = (name: string, value: string, role: 'admin' | 'operator' = 'admin') =>
    service.ask('PUT', `/api/workflow-secrets/${name}`, { value }, role);

  it('is written, replaced, listed without what it is, and taken away, by administrators (R004-49)', async () => {
    const secret = canary();
    expect((await put('bank', secret, 'operator')).status).toBe(403);
    expect((await put('0bank', secret)).status).toBe(400);
    const { status, body } = await put('bank', secret);
    expect({ status, body }).toMatchObject({ status: 200, body: { name: 'bank' } });
    await put('bank', secret);
    const listed = await service.done('GET', '/api/workflow-secrets', undefined, 'admin');
    expect(listed).toMatchObject({ data: [{ name: 'bank' }], nextCursor: null });
    expect(JSON.stringify([body, listed])).not.toContain(secret);
    expect(await placesOf(secret)).toEqual([]);
    expect(logged).not.toContain(secret);
    const remove = () => service.ask('DELETE', '/api/workflow-secrets/bank', undefined, 'admin', KEY);
    expect([(await remove()).status, (await remove()).status]).toEqual([204, 204]);
    expect((await service.ask('DELETE', '/api/workflow-secrets/bank', undefined, 'admin')).status).toBe(404);
    const traces = await service.rows<{ action: string }>(
      `select action from engine.audit where target = 'bank' order by id`,
    );
    expect(traces.map(({ action }) => action)).toEqual([
      'workflow-secret.saved',
      'workflow-secret.saved',
      'workflow-secret.removed',
    ]);
  });
  const KEY = { 'idempotency-key': 'take-away' };

  it('is a reference to the function, and the secret to the action that it hands it on to, as it is by then (R004-36, R004-49)', async () => {
    const [first, second] = [canary(), canary()];
    await put('ledger', first);
    functions.register(
      workflow('fetches', async ({ actions, data, events, logger }) => {
        const { secret } = (await actions['getSecret']?.({ name: 'ledger' })) as { secret: string };
        data.set('kept', { secret });
        logger.info(`it is ${secret}`);
        await actions['pay']?.({ amount: 1, credential: { header: `Bearer ${secret}` } });
        await events.waitFor('go');
        await actions['pay']?.({ amount: 2, credential: secret });
        await actions['getSecret']?.({ name: 'nothing' }).catch(({ code }: { code: string }) => data.set('code', code));
      }),
    );
    const id = await functions.start('fetches');
    await functions.work();
    await put('ledger', second);
    await functions.tell(id, 'go');
    await functions.work();
    expect(used).toEqual([{ header: `Bearer ${first}` }, second]);
    expect(await functions.read(id)).toMatchObject({
      status: 'completed',
      data: { kept: { secret: '(hidden)' }, code: 'NOT_FOUND' },
    });
    await expectNowhere(id, first);
    await expectNowhere(id, second);
  });

  it('does not open in another run, and not once it has been taken away (R004-49)', async () => {
    await put('till', canary());
    let kept = '';
    functions.register(
      workflow('lends', async ({ actions, events }) => {
        kept = ((await actions['getSecret']?.({ name: 'till' })) as { secret: string }).secret;
        await events.waitFor('go');
        await actions['pay']?.({ amount: 1, credential: kept });
      }),
    );
    functions.register(
      workflow('borrows', async ({ actions, input }) => {
        await actions['pay']?.({ amount: 1, credential: input['credential'] });
      }),
    );
    const lender = await functions.start('lends');
    await functions.work();
    const borrower = await functions.start('borrows', { credential: kept });
    await service.done('DELETE', '/api/workflow-secrets/till', undefined, 'admin');
    await functions.tell(lender, 'go');
    await functions.work();
    expect(used).toEqual([]);
    expect(await functions.read(borrower)).toMatchObject({ error: { code: 'SECRET_OF_ANOTHER_RUN' } });
    expect(await functions.read(lender)).toMatchObject({ error: { code: 'NOT_FOUND' } });
  });
});
