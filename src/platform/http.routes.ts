import type { FastifyInstance } from 'fastify';

/** One method of one address, written as OpenAPI writes it: `GET /api/instances/{id}`. */
export interface Route {
  method: string;
  path: string;
}

interface Known extends Route {
  pattern: RegExp;
  isPage: boolean;
}

/** What a route may say of itself: it shows something to people and is no part of the API. */
export interface Page {
  page?: boolean;
}

const routes = new WeakMap<FastifyInstance, Known[]>();

/** HEAD comes with every GET, OPTIONS with CORS; neither is a route of ours. */
const IMPLIED = new Set(['HEAD', 'OPTIONS']);

/** Remembers every route from now on. Has to be called before the first one is added. */
export function collectRoutes(server: FastifyInstance): void {
  const known: Known[] = [];
  routes.set(server, known);
  server.addHook('onRoute', ({ method, url, config }) => {
    const isPage = (config as Page | undefined)?.page === true;
    for (const verb of [method].flat()) {
      if (!IMPLIED.has(verb))
        known.push({ method: verb, path: url.replace(/:(\w+)/g, '{$1}'), pattern: patternOf(url), isPage });
    }
  });
}

/** Every route of the API that the server answers. */
export const registeredRoutes = (app: { getHttpAdapter(): { getInstance(): unknown } }): Route[] =>
  (routes.get(app.getHttpAdapter().getInstance() as FastifyInstance) ?? [])
    .filter(({ isPage }) => !isPage)
    .map(({ method, path }) => ({ method, path }));

/** The methods that a path takes, in a 405; none when there is nothing at this path. */
export function methodsOf(server: FastifyInstance, url: string): string[] {
  const path = url.split('?', 1)[0] ?? '';
  return [
    ...new Set((routes.get(server) ?? []).filter(({ pattern }) => pattern.test(path)).map(({ method }) => method)),
  ].sort();
}

const patternOf = (url: string): RegExp =>
  new RegExp(
    `^${url
      .replace(/[.+?^$(){}|[\]\\]/g, '\\$&')
      .replace(/:\w+/g, '[^/]+')
      .replaceAll('*', '.*')}/?$`,
  );
