import { existsSync, readFileSync } from 'node:fs';

/** The version in package.json, which is two levels up from the sources and three from the build. */
export const VERSION =
  ['../../package.json', '../../../package.json']
    .map((path) => new URL(path, import.meta.url))
    .filter((file) => existsSync(file))
    .map((file) => (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version)[0] ?? 'unknown';
