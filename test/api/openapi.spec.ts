import { builtApi, type BuiltApi } from '../support/built.js';
import { testDatabase } from '../support/database.js';

interface Operation {
  summary?: string;
  description?: string;
  operationId: string;
  tags?: string[];
  security?: object[];
  parameters?: { name: string; in: string; schema?: object }[];
  requestBody?: { content: Record<string, { schema: { $ref?: string } }> };
  responses: Record<string, { content?: Record<string, { schema?: { $ref?: string } }> }>;
}

let api: BuiltApi;
beforeAll(async () => {
  const database = await testDatabase();
  api = await builtApi(database.url).finally(() => database.drop());
});

const operations = (): [string, Operation][] =>
  api.documented.map(({ method, path }) => [
    `${method} ${path}`,
    (api.document.paths[path] as Record<string, unknown>)[method.toLowerCase()] as Operation,
  ]);
/** Names of the operations that something is wrong with. */
const those = (isWrong: (operation: Operation, name: string) => boolean): string[] =>
  operations().flatMap(([name, operation]) => (isWrong(operation, name) ? [name] : []));
const names = (routes: { method: string; path: string }[]) =>
  routes.map(({ method, path }) => `${method} ${path}`).sort();

describe('the OpenAPI document of the whole service', () => {
  it('describes every route that is served, and no other', () => {
    expect(api.documented.length).toBeGreaterThan(30);
    expect(names(api.documented)).toEqual(names(api.served));
  });

  it('says of every operation what it does', () => {
    expect(those(({ summary, description }) => !summary && !description)).toEqual([]);
  });

  it('names every operation once, under a tag', () => {
    const ids = operations().map(([, { operationId }]) => operationId);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    expect(those(({ tags = [] }) => tags.length === 0)).toEqual([]);
  });

  it('tells of every operation how it can be refused, as problem+json', () => {
    const refusals = ['400', '401', '403', '429', '503'];
    expect(
      those(({ responses }) =>
        refusals.some(
          (status) =>
            responses[status]?.content?.['application/problem+json']?.schema?.$ref !== '#/components/schemas/Problem',
        ),
      ),
    ).toEqual([]);
  });

  it('tells of every operation on one thing that there may be none', () => {
    // A PUT makes what is not there.
    expect(those(({ responses }, name) => name.includes('{') && !name.startsWith('PUT') && !responses['404'])).toEqual(
      [],
    );
  });

  it('tells of every operation how it succeeds', () => {
    expect(those(({ responses }) => !Object.keys(responses).some((status) => status.startsWith('2')))).toEqual([]);
  });

  it('knows the fields of every body', () => {
    const fields = (ref: string | undefined) => {
      const schema = api.document.components?.schemas?.[ref?.split('/').at(-1) ?? ''] as
        { properties?: object } | undefined;
      return Object.keys(schema?.properties ?? {});
    };
    expect(
      those(
        ({ requestBody }, name) =>
          !name.includes('/webhooks/') &&
          requestBody !== undefined &&
          fields(requestBody.content['application/json']?.schema.$ref).length === 0,
      ),
    ).toEqual([]);
  });

  it('knows the filters of the lists', () => {
    const list = operations().find(([name]) => name === 'GET /api/instances')?.[1];
    expect(list?.parameters?.map(({ name }) => name).sort()).toEqual([
      'cursor',
      'lifecycle',
      'limit',
      'party',
      'since',
      'state',
      'status',
      'tag',
      'text',
      'until',
    ]);
  });

  it('asks for a credential everywhere but at the probes and the webhooks, which are signed', () => {
    expect(api.document.security).toEqual([{ bearer: [] }]);
    expect(api.document.components?.securitySchemes).toMatchObject({ bearer: { type: 'http', scheme: 'bearer' } });
    expect(those(({ security }) => security !== undefined).filter((name) => !name.includes('/webhooks/'))).toEqual([
      'GET /health',
      'GET /health/live',
      'GET /health/ready',
      'GET /metrics',
    ]);
  });
});
