import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtApi, type BuiltApi, type Operation } from '../support/built.js';
import { testDatabase } from '../support/database.js';

let api: BuiltApi;
beforeAll(async () => {
  const database = await testDatabase();
  api = await builtApi(database.url).finally(() => database.drop());
});

const sources = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file));

/** Names of the operations that something is wrong with. */
const those = (isWrong: (operation: Operation) => boolean): string[] =>
  api.operations.filter(isWrong).map(({ name }) => name);
const isWebhook = ({ path }: Operation) => path.startsWith('/webhooks/');

describe('the OpenAPI document of the whole service', () => {
  it('describes every route that is served, and no other', () => {
    const served = api.served.map(({ method, path }) => `${method} ${path}`);
    expect(served.length).toBeGreaterThan(30);
    expect(those(() => true).sort()).toEqual(served.sort());
  });

  it('says of every operation what it does', () => {
    expect(those(({ summary, description }) => !summary && !description)).toEqual([]);
  });

  it('names every operation once, under a tag', () => {
    const ids = api.operations.map(({ operationId }) => operationId);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    expect(those(({ tags = [] }) => tags.length === 0)).toEqual([]);
  });

  it('tells of every operation how it can be refused, as problem+json', () => {
    const refs = ({ responses }: Operation) =>
      ['400', '401', '403', '429', '503'].map(
        (status) => responses[status]?.content?.['application/problem+json']?.schema?.$ref,
      );
    expect(those((operation) => refs(operation).some((ref) => ref !== '#/components/schemas/Problem'))).toEqual([]);
  });

  it('tells of every operation on one thing that it may not be there', () => {
    // A PUT makes what is not there.
    expect(those(({ method, path, responses }) => path.includes('{') && method !== 'PUT' && !responses['404'])).toEqual(
      [],
    );
  });

  it('tells of every operation how it succeeds', () => {
    expect(those(({ responses }) => !Object.keys(responses).some((status) => status.startsWith('2')))).toEqual([]);
  });

  it('knows the fields of every body', () => {
    const isUnknown = ({ requestBody, fields }: Operation) => requestBody && Object.keys(fields).length === 0;
    expect(those((operation) => Boolean(isUnknown(operation)))).toEqual([]);
  });

  it('knows the fields of every answer that has any', () => {
    const schemas = Object.entries(api.document.components?.schemas ?? {});
    const fieldsOf = (schema: object): string[] =>
      'properties' in schema && schema.properties ? Object.keys(schema.properties) : [];
    const isBlank = (schema: object) => 'type' in schema && schema.type === 'object' && fieldsOf(schema).length === 0;
    // `Object` is the body of settings, each of which may be left out.
    expect(schemas.filter(([, schema]) => isBlank(schema)).map(([name]) => name)).toEqual(['Object']);
  });

  it('calls no two things by one name', () => {
    // The last one of a name would stand for both.
    const declared = sources('src').flatMap((file) => {
      const text = readFileSync(file, 'utf8');
      return text.includes('@nestjs/swagger') || file.endsWith('.dto.ts')
        ? [...text.matchAll(/^(?:export )?class (\w+)/gm)].map(([, name]) => name ?? '')
        : [];
    });
    const twice = new Set(declared.filter((name, index) => declared.indexOf(name) !== index));
    expect(Object.keys(api.document.components?.schemas ?? {}).filter((name) => twice.has(name))).toEqual([]);
  });

  it('knows the filters of the lists', () => {
    const list = api.operations.find(({ name }) => name === 'GET /api/instances');
    const filters = ['cursor', 'lifecycle', 'limit', 'party', 'since', 'state', 'status', 'tag', 'text', 'until'];
    expect(list?.parameters?.map(({ name }) => name).sort()).toEqual(filters);
  });

  it('asks for a credential everywhere but at the probes and the webhooks, which are signed', () => {
    expect(api.document.security).toEqual([{ bearer: [] }]);
    expect(api.document.components?.securitySchemes).toMatchObject({ bearer: { type: 'http', scheme: 'bearer' } });
    expect(those((operation) => operation.security !== undefined && !isWebhook(operation))).toEqual([
      'GET /',
      'GET /health',
      'GET /health/live',
      'GET /healthz',
      'GET /api/health',
      'GET /health/ready',
      'GET /metrics',
      'GET /api/health/worker',
    ]);
  });
});
