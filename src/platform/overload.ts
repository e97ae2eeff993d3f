/** SQLSTATE classes and codes that say "not now": connection lost or refused, resources gone, shutting down, statement or lock timed out, conflict. */
const NOT_NOW = /^(08...|53...|57P0[1-5]|57014|55P03|25P0[34]|40001|40P01)$/;

/** What the network says when the database cannot be reached. */
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
]);

/** pg throws these without a code. */
const LOST =
  /^(timeout exceeded when trying to connect|Connection terminated|Client has encountered a connection error|Cannot use a pool after calling end)/;

/** True when the database is down, full or too busy: trying again later makes sense and nothing was changed. */
export function isOverload(thrown: unknown): boolean {
  const { code, message, errors } = (thrown ?? {}) as { code?: unknown; message?: unknown; errors?: unknown };
  if (typeof code === 'string' && (NOT_NOW.test(code) || UNREACHABLE.has(code))) return true;
  if (typeof message === 'string' && LOST.test(message)) return true;
  // A host name with several addresses fails with one error for each.
  return Array.isArray(errors) && errors.length > 0 && errors.every(isOverload);
}
