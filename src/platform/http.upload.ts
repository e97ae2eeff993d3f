/** Files that are taken as they come, and never held in memory as a whole. */
import { createHash, type Hash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FastifyRequest } from 'fastify';
import { refuse } from './errors.js';
import { Turnstile } from './turnstile.js';

/** What a route may say of itself besides what it accepts: its handler reads such a body itself. */
export interface Streaming {
  streams?: boolean;
}

/** A file that has come in: whole, on disk, text in UTF-8. */
export interface Spooled {
  path: string;
  /** SHA-256, 64 hex digits. */
  hash: string;
}

/** Files on disk at a time, so that many of them cannot fill it; the others wait where they are sent from. */
const turns = new Turnstile(4);

/** A table as a body of one field, which everything behind treats like any other; an empty body where the route streams it. @throws PAYLOAD_TOO_LARGE */
export async function readTable(
  request: FastifyRequest & { rawBody?: Buffer },
  payload: Readable,
  most: number,
): Promise<{ csv?: string }> {
  if ((request.routeOptions.config as Streaming).streams) return {};
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of partsOf(payload)) {
    bytes += part.length;
    if (bytes > most) {
      payload.resume();
      throw refuse('PAYLOAD_TOO_LARGE');
    }
    parts.push(part);
  }
  request.rawBody = Buffer.concat(parts);
  return { csv: request.rawBody.toString('utf8') };
}

/** The body of a request to a route that streams, which nobody has read yet; undefined when it came as JSON. */
export const uploadOf = ({ raw }: FastifyRequest): Readable | undefined => (raw.readableDidRead ? undefined : raw);

/**
 * Puts a file on disk while it comes in, so that nothing in the database waits for a slow sender; it is gone when the work is done.
 * @param most bytes
 * @throws PAYLOAD_TOO_LARGE; MALFORMED_BODY when it is not text in UTF-8, or ended too early
 */
export function spool<T>(file: Readable, most: number, work: (spooled: Spooled) => Promise<T>): Promise<T> {
  return turns.pass(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'statewright-upload-'));
    try {
      const path = join(folder, 'file');
      const hash = createHash('sha256');
      await pipeline(() => checked(file, most, hash), createWriteStream(path));
      return await work({ path, hash: hash.digest('hex') });
    } finally {
      // What is left is read and dropped: a sender who is still sending would not hear the answer.
      file.resume();
      await rm(folder, { recursive: true, force: true });
    }
  });
}

async function* checked(file: Readable, most: number, hash: Hash): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let bytes = 0;
  for await (const part of partsOf(file)) {
    bytes += part.length;
    if (bytes > most)
      throw refuse('PAYLOAD_TOO_LARGE', { detail: `A file may have at most ${Math.floor(most / 1_048_576)} MB.` });
    if (part.includes(0)) throw refuse('MALFORMED_BODY', { detail: 'The file contains NUL, which is no text.' });
    decode(() => decoder.decode(part, { stream: true }));
    hash.update(part);
    yield part;
  }
  decode(() => decoder.decode());
}

async function* partsOf(file: Readable): AsyncGenerator<Buffer> {
  try {
    for await (const part of file.iterator({ destroyOnReturn: false })) yield part as Buffer;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ECONNRESET')
      throw refuse('MALFORMED_BODY', { detail: 'The file ended before it was whole.' });
    throw error;
  }
}

function decode(work: () => string): void {
  try {
    work();
  } catch {
    throw refuse('MALFORMED_BODY', { detail: 'The body is not UTF-8.' });
  }
}
