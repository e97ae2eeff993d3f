import { AppModule } from '../../src/app.module.js';
import { encodeCursor } from '../../src/platform/paging.js';
import { builtApi, type Operation, type Schema } from '../support/built.js';
import { engineApi, REASON } from './engine.app.js';
import type { Answer } from './http.app.js';

const running = engineApi((config) => [AppModule.with(config)]);
/** What no error may show: SQL, stacks, paths of files, names of the inside. */
const LEAK =
  /\bselect |insert into|violates|syntax error|\bat .+:\d+:\d+|node_modules|\.[jt]s\b|TypeError|EngineFault|QueryFailed/i;
const MB = 1_048_576;
/** How input is refused; events have words of their own for it (R003-49). */
const NOT_VALID = ['WF006', 'INVALID_PARAMETER', 'INVALID_CURSOR'];
const NOT_VALID_BODY = [...NOT_VALID, 'INVALID_PAYLOAD', 'INVALID_METADATA_TYPE'];

let operations: Operation[];
let order: string;
let untouched: Record<string, string>;

beforeAll(async () => {
  ({ operations } = await builtApi(running().databaseUrl));
  order = await running().order();
  untouched = await running().everything();
});
afterEach(async () => expect(await running().everything()).toEqual(untouched));

/** The address with its parts filled in; every id is the order's. */
const addressOf = ({ path }: Operation, id = order) =>
  path
    .replace('/dead-letters/{id}', `/dead-letters/${id === order ? '1' : id}`)
    .replace('{version}', '1')
    .replace(/\{\w+\}/g, id);
const writing = () => operations.filter(({ method }) => ['POST', 'PUT', 'PATCH'].includes(method));
const withParameter = (wanted: (parameter: { name: string; in: string; schema?: Schema }) => boolean) =>
  operations.flatMap((operation) =>
    (operation.parameters ?? []).filter(wanted).map(({ name }) => ({ operation, name })),
  );

/** What is wrong with an answer to input that must be refused; nothing when it is as it should be. */
function flaws(what: string, { status, headers, json, text }: Answer, codes?: readonly string[]): string[] {
  const { code, correlationId } = json;
  const wrong = [
    (status < 400 || status > 499) && `answers ${status}`,
    !headers.get('content-type')?.startsWith('application/problem+json') && 'answers no problem+json',
    (typeof code !== 'string' || (codes && !codes.includes(code))) && `has code ${String(code)}`,
    (typeof correlationId !== 'string' || correlationId !== headers.get('x-correlation-id')) &&
      'cannot be found in the log',
    LEAK.test(text) && `shows ${String(LEAK.exec(text)?.[0])}`,
  ];
  return wrong.flatMap((flaw) => (flaw ? [`${what}: ${flaw}`] : []));
}

/** Asks each operation, as an administrator, and gathers what is wrong. */
async function refusals(
  asked: Operation[],
  ask: (operation: Operation) => Promise<Answer>,
  codes?: readonly string[],
): Promise<string[]> {
  expect(asked.length).toBeGreaterThan(5);
  const all: string[] = [];
  for (const operation of asked) all.push(...flaws(operation.name, await ask(operation), codes));
  return all;
}

const send = ({ method, ...operation }: Operation, body: unknown, headers = {}) =>
  running().ask(method, addressOf({ method, ...operation }), { as: 'admin', body, headers });
const get = ({ method }: Operation, address: string) =>
  running().ask(method, address, { as: 'admin', ...(method === 'GET' || method === 'DELETE' ? {} : { body: {} }) });

describe('every route that writes refuses a body', () => {
  it.each<[string, string]>([
    ['with a field __proto__', '{"__proto__":{"roles":["admin"]}}'],
    ['with a hidden field __proto__', '{"a":[{"\\u005f_proto__":{}}]}'],
    ['that reaches constructor.prototype', '{"constructor":{"prototype":{"roles":["admin"]}}}'],
    ['with NUL', '{"reason":"a\\u0000b"}'],
    ['with half a surrogate pair', '{"reason":"\\ud800"}'],
    ['nested 5,000 levels deep', `{"payload":${'['.repeat(5_000)}${']'.repeat(5_000)}}`],
    ['that is cut off', '{"reason":"'],
    ['that is followed by more', '{} {}'],
    ['with a number that is too large', '{"amount":1e400}'],
  ])('%s', async (_, body) => {
    expect(await refusals(writing(), (operation) => send(operation, body), ['MALFORMED_BODY'])).toEqual([]);
  });

  it.each([2, 10])('of %d MB', async (size) => {
    const body = `{"reason":"${'x'.repeat(size * MB)}"}`;
    expect(await refusals(writing(), (operation) => send(operation, body), ['PAYLOAD_TOO_LARGE'])).toEqual([]);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/xml'])(
    'of type %s',
    async (type) => {
      const ask = (operation: Operation) => send(operation, 'reason=x', { 'content-type': type });
      expect(await refusals(writing(), ask, ['UNSUPPORTED_MEDIA_TYPE'])).toEqual([]);
    },
  );

  it.each(['null', '7', 'true', '"text"', '[]', '[{}]', `{"surprise":"${REASON}"}`])('that is %s', async (body) => {
    expect(await refusals(writing(), (operation) => send(operation, body))).toEqual([]);
  });

  it('with a field of the wrong type, and names the field', async () => {
    const wrong: Readonly<Record<string, unknown[]>> = {
      string: [7, true, [], {}, ['text']],
      number: ['7', true, [], {}, [7]],
      integer: ['7', true, [], {}, [7], 1.5],
      boolean: ['true', 1, [], {}],
      array: ['text', 7, {}],
      object: ['text', 7, true],
    };
    const all: string[] = [];
    for (const operation of writing()) {
      for (const [field, { type = '', enum: choices }] of Object.entries(operation.fields)) {
        for (const value of [...(wrong[type] ?? []), ...(choices ? ['no such choice'] : [])]) {
          const answer = await send(operation, { [field]: value });
          const what = `${operation.name} with ${field}=${JSON.stringify(value)}`;
          const errors = (answer.json['errors'] ?? []) as { field: string }[];
          const isNamed = errors.some((error) => error.field === field || error.field.startsWith(`${field}.`));
          all.push(...flaws(what, answer, NOT_VALID_BODY), ...(isNamed ? [] : [`${what}: does not name the field`]));
        }
      }
    }
    expect(all).toEqual([]);
  });
});

describe('every route refuses an address', () => {
  it('with a parameter given twice', async () => {
    expect(
      await refusals(operations, (operation) => get(operation, `${addressOf(operation)}?limit=1&limit=2`), [
        'WF006',
        'WEBHOOK_SIGNATURE',
      ]),
    ).toEqual([]);
  });

  it.each(['%E0%A4%A', '%00', '%ED%A0%80', '%'])('with %s in its query', async (garbage) => {
    expect(
      await refusals(operations, (operation) => get(operation, `${addressOf(operation)}?limit=${garbage}`), [
        'MALFORMED_REQUEST',
      ]),
    ).toEqual([]);
  });

  it.each(['%E0%A4%A', '%00', 'a%20b', '..%2f..%2fetc%2fpasswd', 'x'.repeat(256), 'x'.repeat(600)])(
    'with %s for an id',
    async (id) => {
      const asked = operations.filter(({ path }) => path.includes('{'));
      expect(
        await refusals(asked, (operation) => get(operation, addressOf(operation, id)), [
          'WF006',
          'MALFORMED_REQUEST',
          'URI_TOO_LONG',
          'ROUTE_NOT_FOUND',
        ]),
      ).toEqual([]);
    },
  );

  it.each(['-1', '0', 'abc', '', '1e2', '201', '99999999999999999999', '1.5'])('with limit=%s', async (limit) => {
    const isTooMany = ({ name, schema }: { name: string; schema?: Schema }) =>
      name === 'limit' && !(limit === '201' && (schema?.maximum ?? 0) > 201);
    const asked = withParameter(isTooMany).map(({ operation }) => operation);
    expect(
      await refusals(asked, (operation) => get(operation, `${addressOf(operation)}?limit=${limit}`), NOT_VALID),
    ).toEqual([]);
  });

  it.each([
    'garbage',
    'AAAAAAAAAAAAAAAA',
    'x'.repeat(501),
    encodeCursor({ nothing: '1' }),
    // Whoever reads the source can forge the checksum of a cursor.
    encodeCursor({ id: "1'; drop table engine.history; --", createdAt: 'yesterday' }),
    encodeCursor({ id: '\u0000', createdAt: '2026-99-99T99:99:99.999Z' }),
    Buffer.from('[]').toString('base64url'),
  ])('with cursor=%s', async (cursor) => {
    const asked = withParameter(({ name }) => name === 'cursor').map(({ operation }) => operation);
    expect(
      await refusals(asked, (operation) => get(operation, `${addressOf(operation)}?cursor=${cursor}`), NOT_VALID),
    ).toEqual([]);
  });

  it('with a filter that it does not have', async () => {
    const filtered = [
      ...new Set(withParameter((parameter) => parameter.in === 'query').map(({ operation }) => operation)),
    ];
    expect(
      await refusals(filtered, (operation) => get(operation, `${addressOf(operation)}?no_such_filter=1`), NOT_VALID),
    ).toEqual([]);
  });

  it('with a number that is none', async () => {
    const asked = withParameter(
      ({ in: place, schema }) => place === 'query' && /number|integer/.test(schema?.type ?? ''),
    );
    const all: string[] = [];
    for (const { operation, name } of asked) {
      for (const value of ['abc', '-1', '1e30', '99999999999999999999', '0x10', 'NaN', 'Infinity']) {
        all.push(
          ...flaws(
            `${operation.name} with ${name}=${value}`,
            await get(operation, `${addressOf(operation)}?${name}=${value}`),
            NOT_VALID,
          ),
        );
      }
    }
    expect(all).toEqual([]);
  });
});

describe('an event that is not for users', () => {
  const TYPES = [
    'xstate.init',
    'xstate.stop',
    'xstate.done.actor.charge',
    'xstate.error.actor.charge',
    'xstate.after.REMINDER.order.PLACED.waiting',
    'xstate.done.state.order.PACKING',
    'admin.force_transition',
    '$force',
    'start',
    'deliver',
    '*',
    '',
    '__proto__',
    'constructor',
    'toString',
  ];

  it.each(['buyer_1', 'seller_1', 'admin', 'service', 'operator'])('is refused when %s sends it', async (as) => {
    const all: string[] = [];
    for (const type of TYPES) {
      all.push(
        ...flaws(type, await running().send(as, order, type, { output: { paymentId: 'stolen' } }), ['WF006', 'WF005']),
      );
      all.push(...flaws(type, await running().send(as, order, type), ['WF006', 'WF005']));
    }
    expect(all).toEqual([]);
  });

  it.each(['at', 'caller', 'facts', 'type'])('cannot be made of one that is, by a payload with %s', async (field) => {
    const answer = await running().send('buyer_1', order, 'note', {
      text: 'a',
      [field]: { id: 'seller_1', roles: ['admin'] },
    });
    expect(flaws(field, answer, ['WF006'])).toEqual([]);
  });
});
