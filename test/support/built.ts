/** The API document as the build makes it: from comments and types, which only the compiler sees. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OpenAPIObject } from '@nestjs/swagger';
import { ROLES } from '../../src/auth/caller.js';
import { readConfig } from '../../src/platform/config.js';
import type { Route } from '../../src/platform/http.routes.js';
import type * as App from '../../src/app.js';
import type * as Routes from '../../src/platform/http.routes.js';
import type * as OpenApi from '../../src/platform/openapi.js';

/** What a field or a parameter may be. */
export interface Schema {
  type?: string;
  enum?: unknown[];
  maximum?: number;
  properties?: Record<string, Schema>;
  required?: string[];
  $ref?: string;
}

/** One method of one address, as the document describes it. */
export interface Operation extends Route {
  /** `GET /api/instances/{id}` */
  name: string;
  summary?: string;
  description?: string;
  operationId: string;
  tags?: string[];
  security?: object[];
  parameters?: { name: string; in: string; schema?: Schema }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { content?: Record<string, { schema?: Schema }> }>;
  /** The fields of the body, when it has any. */
  fields: Record<string, Schema>;
}

export interface BuiltApi {
  document: OpenAPIObject;
  /** Every route that is served, except those of the documentation itself. */
  served: Route[];
  operations: Operation[];
}

/** Puts the built service together and takes it apart again. @param databaseUrl a migrated database */
export async function builtApi(databaseUrl: string): Promise<BuiltApi> {
  const { createApp } = await built<typeof App>('app.js');
  const openapi = await built<typeof OpenApi>('platform/openapi.js');
  const { registeredRoutes } = await built<typeof Routes>('platform/http.routes.js');
  const dataDir = mkdtempSync(join(tmpdir(), 'statewright-built-'));
  const env = {
    DATABASE_URL: databaseUrl,
    STATEWRIGHT_MODE: 'sandbox',
    STATEWRIGHT_ROLE: 'api',
    STATEWRIGHT_DATA_DIR: dataDir,
    LOG_LEVEL: 'silent',
  };
  const app = await createApp(readConfig(env, ROLES));
  try {
    await app.init();
    const document = openapi.openApiDocument(app);
    const served = registeredRoutes(app).filter((route) => !openapi.servesDocumentation(route));
    const operations = openapi.documentedRoutes(document).map((route) => operationOf(document, route));
    return { document, served, operations };
  } finally {
    await app.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

function operationOf(document: OpenAPIObject, { method, path }: Route): Operation {
  const item = document.paths[path] as unknown as Record<string, Omit<Operation, 'fields'>>;
  const operation = item[method.toLowerCase()] as Omit<Operation, 'fields'>;
  const body = operation.requestBody?.content['application/json']?.schema.$ref?.split('/').at(-1);
  const schema = body === undefined ? undefined : (document.components?.schemas?.[body] as Schema | undefined);
  return { ...operation, method, path, name: `${method} ${path}`, fields: schema?.properties ?? {} };
}

// By a name put together at run time: the compiler is not to look for types beside the build.
const built = <M>(path: string): Promise<M> => import(`../../dist/src/${path}`) as Promise<M>;
