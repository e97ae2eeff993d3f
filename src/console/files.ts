import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { gzipSync } from 'node:zlib';

/** A file of the built console as it is sent. */
export interface ConsoleFile {
  type: string;
  body: Buffer;
  /** The same, compressed; undefined where that would save little. */
  gzipped: Buffer | undefined;
  etag: string;
}

/** The built console, held in memory: some hundred kilobytes, and no path of a request ever reaches the disk. */
export interface ConsoleFiles {
  page: ConsoleFile;
  /** What the page asks for under /assets, by name; each name changes with its content. */
  assets: ReadonlyMap<string, ConsoleFile>;
}

/** Two levels up from the build; from the sources, where tests run, it is inside the build. */
const FOLDERS = ['../../console/', '../../dist/console/'];

/** Reads the console that was built, or undefined where none was. */
export function builtConsole(folders: readonly string[] = FOLDERS): ConsoleFiles | undefined {
  const folder = folders
    .map((path) => new URL(path, import.meta.url))
    .find((url) => existsSync(new URL('assets', url)));
  if (!folder) return undefined;
  const assets = new URL('assets/', folder);
  return {
    page: read(new URL('index.html', folder)),
    assets: new Map(readdirSync(assets).map((name) => [name, read(new URL(name, assets))])),
  };
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};
const SMALLEST_GZIP_BYTES = 1_024;

function read(url: URL): ConsoleFile {
  const body = readFileSync(url);
  return {
    type: TYPES[extname(url.pathname)] ?? 'application/octet-stream',
    body,
    gzipped: body.length < SMALLEST_GZIP_BYTES ? undefined : gzipSync(body),
    etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
  };
}
