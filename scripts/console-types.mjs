/** `npm run docs:console [-- --check]`: console/api/schema.ts: the types of the routes that the console names, from docs/openapi.json. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { keep } from './generated.mjs';

const FILE = 'console/api/schema.ts';
const JSON_BODY = 'application/json';
/** A route as the console writes it down; the pictures are no JSON. */
const ROUTE = /['"](?:(POST|PUT|PATCH|DELETE) )?(\/(?:api|admin|health)[\w{}/.-]*)['"]/g;
const PROBLEM = { $ref: '#/components/schemas/Problem' };
const { paths, components } = JSON.parse(readFileSync('docs/openapi.json', 'utf8'));

/** A schema as TypeScript: what the document uses of JSON Schema, and `unknown` for what it leaves open. */
function typeOf(schema) {
  if (!schema) return 'unknown';
  if (schema.$ref) return schema.$ref.split('/').at(-1);
  if (schema.allOf) return schema.allOf.map(typeOf).join(' & ');
  const either = schema.oneOf ?? schema.anyOf;
  if (either) return either.map(typeOf).join(' | ');
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const types = [schema.type ?? 'any'].flat();
  return types.map((type) => plainTypeOf(type, schema)).join(' | ');
}

function plainTypeOf(type, schema) {
  switch (type) {
    case 'string':
    case 'boolean':
    case 'number':
    case 'null':
      return type;
    case 'integer':
      return 'number';
    case 'array':
      return `(${typeOf(schema.items)})[]`;
    case 'object':
      return objectTypeOf(schema);
    default:
      return 'unknown';
  }
}

function objectTypeOf({ properties, required = [], additionalProperties }) {
  if (Object.keys(properties ?? {}).length === 0)
    return `Record<string, ${typeof additionalProperties === 'object' ? typeOf(additionalProperties) : 'unknown'}>`;
  const fields = Object.entries(properties).map(
    ([name, schema]) =>
      `${comment(schema.description)}${JSON.stringify(name)}${required.includes(name) ? '' : '?'}: ${typeOf(schema)};`,
  );
  return `{ ${fields.join('\n')} }`;
}

const comment = (text) => (text ? `/** ${text.replaceAll('*/', '*\\/').replace(/\s+/g, ' ')} */\n` : '');

/** What the body of a request or an answer is; nothing where there is none. */
const bodyOf = (part) => part?.content?.[JSON_BODY]?.schema;

const answerOf = ({ responses }) => {
  const [status, good] = Object.entries(responses).find(([code]) => code.startsWith('2')) ?? [];
  return status === '204' ? 'undefined' : typeOf(bodyOf(good));
};

/** The routes that the console names: `'/api/me'` for GET, `'POST /api/tasks/{id}/claim'` for the others. */
function namedRoutes() {
  const sources = readdirSync('console', { recursive: true }).filter((file) => /\.tsx?$/.test(file));
  const named = sources
    .filter((file) => join('console', file) !== FILE)
    .flatMap((file) => [...readFileSync(join('console', file), 'utf8').matchAll(ROUTE)])
    .map(([, method, path]) => ({ method: method ?? 'GET', path }));
  return Object.keys(paths).flatMap((path) =>
    Object.entries(paths[path]).flatMap(([key, operation]) => {
      const method = key.toUpperCase();
      return named.some((each) => each.method === method && each.path === path) ? [{ method, path, operation }] : [];
    }),
  );
}

/** The schemas that some parts of the document need, and those need in turn; in the order of the document. */
function schemasOf(parts) {
  const found = new Set();
  const look = (part) => {
    for (const [, name] of JSON.stringify(part ?? null).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      if (found.has(name)) continue;
      found.add(name);
      look(components.schemas[name]);
    }
  };
  for (const part of parts) look(part);
  return Object.entries(components.schemas).filter(([name]) => found.has(name));
}

const routes = namedRoutes();
const schemas = schemasOf([PROBLEM, ...routes.map(({ operation }) => operation)]).map(([name, schema]) =>
  schema.type === 'object' && Object.keys(schema.properties ?? {}).length > 0
    ? `${comment(schema.description)}export interface ${name} ${objectTypeOf(schema)}`
    : `${comment(schema.description)}export type ${name} = ${typeOf(schema)};`,
);
const text = `/* Written by \`npm run docs:console\` from docs/openapi.json; change the API, not this file. */

/** What each address answers to GET. */
export interface Gets {
${routes.flatMap(({ method, path, operation }) => (method === 'GET' ? [`'${path}': ${answerOf(operation)};`] : [])).join('\n')}
}

/** What each route that changes something takes and answers. */
export interface Sends {
${routes
  .flatMap(({ method, path, operation }) =>
    method === 'GET'
      ? []
      : [`'${method} ${path}': { body: ${typeOf(bodyOf(operation.requestBody))}; answer: ${answerOf(operation)} };`],
  )
  .join('\n')}
}

${schemas.join('\n\n')}
`;
keep(FILE, await format(text, { ...(await resolveConfig(FILE)), parser: 'typescript' }), 'npm run docs:console');
