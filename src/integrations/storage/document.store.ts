/** Keeps files by tenant and key. The same key with the same bytes may be put any number of times. */
export abstract class DocumentStore {
  /** Keeps the bytes; they are durable when this resolves. @throws Error when they are not */
  abstract put(tenant: string, key: string, bytes: Buffer, contentType: string): Promise<void>;
  /** The bytes, or undefined when there are none. */
  abstract get(tenant: string, key: string): Promise<Buffer | undefined>;
}

const SEGMENT = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

/** Where a file is kept: the tenant first, so that no key leads to another's files. @throws Error when a part could lead elsewhere */
export function placeOf(tenant: string, key: string): string {
  const segments = [tenant, ...key.split('/')];
  if (!segments.every((segment) => SEGMENT.test(segment))) throw new Error('malformed document key');
  return segments.join('/');
}
