import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { refuse } from './errors.js';

const FOLDER = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

/** The files the page asks for; nothing else of the package is served. */
const FILES: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css',
  'swagger-ui-bundle.js': 'text/javascript',
  'favicon-32x32.png': 'image/png',
};

// No inline script, so that the content security policy of every other page holds here too. Addresses are relative: a proxy may add a prefix.
const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Statewright API</title>
    <link rel="icon" type="image/png" href="docs/favicon-32x32.png">
    <link rel="stylesheet" href="docs/swagger-ui.css">
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="docs/swagger-ui-bundle.js"></script>
    <script src="docs/start.js"></script>
  </body>
</html>
`;
// Hundreds of routes: closed at first, with a field to look for one.
const START = `SwaggerUIBundle({ url: 'openapi.json', dom_id: '#swagger-ui', deepLinking: true, docExpansion: 'none', filter: true, persistAuthorization: true, tryItOutEnabled: true });\n`;
const A_DAY = 'public, max-age=86400';

/** Serves Swagger UI at `path`, for the document `openapi.json` beside it. */
export function serveSwaggerUi(server: FastifyInstance, path: string): void {
  server.get(path, ({ url }, reply) => {
    // From there its relative addresses would lead one folder too deep.
    if (url.split('?', 1)[0]?.endsWith('/')) return reply.redirect(`../${basename(path)}`, 308);
    return reply.type('text/html; charset=utf-8').send(PAGE);
  });
  server.get(`${path}/start.js`, (_, reply) => reply.type('text/javascript').send(START));
  server.get<{ Params: { file: string } }>(`${path}/:file`, async ({ params: { file } }, reply) => {
    const type = Object.hasOwn(FILES, file) ? FILES[file] : undefined;
    if (!type) throw refuse('NOT_FOUND');
    return reply
      .type(type)
      .header('cache-control', A_DAY)
      .send(await readFile(join(FOLDER, file)));
  });
}
