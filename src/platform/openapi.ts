import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { ErrorCode } from './errors.js';
import type { Route } from './http.routes.js';
import { problemResponses } from './openapi.problems.js';
import { serveSwaggerUi } from './openapi.ui.js';
import { Problem } from './problem.js';
import { VERSION } from './version.js';

const DOCS = '/api/docs';
const DOCUMENT = '/api/openapi.json';

/** Errors that every route can give. */
const COMMON: readonly ErrorCode[] = [
  'WF006',
  'MALFORMED_REQUEST',
  'MALFORMED_BODY',
  'UNAUTHENTICATED',
  'WF005',
  'RATE_LIMITED',
  'OVERLOADED',
];

/** The document, made from the controllers. */
export function openApiDocument(app: NestFastifyApplication): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setTitle('Statewright')
    .setDescription(
      'Business lifecycles as declarative state machines. Every error is application/problem+json; program against its `code`.',
    )
    .setVersion(VERSION)
    .setOpenAPIVersion('3.1.0')
    .addServer('/')
    .addBearerAuth(
      { type: 'http', scheme: 'bearer', description: 'An API key (`sw_…`) or a JWT from `POST /admin/tokens`.' },
      'bearer',
    )
    .addSecurityRequirements('bearer')
    .addGlobalResponse(...problemResponses(COMMON));
  const document = SwaggerModule.createDocument(app, builder.build(), {
    extraModels: [Problem],
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}.${method}`,
  });
  return inOneOrder(document);
}

/** The compiler lists the members of a union in the order in which it came across them, which differs from build to build. */
function inOneOrder<T>(part: T): T {
  if (Array.isArray(part)) return part.map(inOneOrder) as T;
  if (typeof part !== 'object' || part === null) return part;
  const ordered = Object.entries(part).map(([name, value]: [string, unknown]) => [
    name,
    name === 'enum' && Array.isArray(value) ? [...(value as unknown[])].sort() : inOneOrder(value),
  ]);
  return Object.fromEntries(ordered) as T;
}

/** Serves the document at /api/openapi.json and Swagger UI at /api/docs. */
export function setUpOpenApi(app: NestFastifyApplication): void {
  const server = app.getHttpAdapter().getInstance();
  let document: OpenAPIObject | undefined;
  server.get(DOCUMENT, (_, reply) => reply.send((document ??= openApiDocument(app))));
  serveSwaggerUi(server, DOCS);
}

/** Every route that a document describes, to be compared with those the server answers. */
export const documentedRoutes = (document: OpenAPIObject): Route[] =>
  Object.entries(document.paths).flatMap(([path, item]) =>
    Object.keys(item)
      .filter((key) => METHODS.has(key))
      .map((key) => ({ method: key.toUpperCase(), path })),
  );

/** Whether a route serves the documentation itself, which does not describe itself. */
export const servesDocumentation = ({ path }: Route): boolean => path.startsWith(DOCS) || path === DOCUMENT;

const METHODS = new Set(['get', 'post', 'put', 'patch', 'delete']);
