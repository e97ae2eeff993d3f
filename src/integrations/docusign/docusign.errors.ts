import type { EffectReceipt } from '../../engine/host.js';
import type { Outcome } from '../outcome.js';

/** DocuSign has answered with an error, or not at all (no status). */
export class DocusignError extends Error {
  constructor(
    readonly status: number | undefined,
    readonly code: string,
    message: string,
    /** How long to wait before the next call, milliseconds. */
    readonly afterMs?: number,
  ) {
    super(message);
    this.name = 'DocusignError';
  }
}

/** The part of the SDK's errors that says what happened. */
export interface SdkError extends Error {
  response?: { status: number; headers: Record<string, unknown>; data?: { errorCode?: string; message?: string } };
  code?: unknown;
}

/** Reads what the SDK's HTTP client has thrown; anything else comes back as it is. */
export function fromSdk(thrown: SdkError): Error {
  const { response, code, message } = thrown;
  if (response) {
    const { errorCode = `HTTP_${response.status}`, message: said = message } = response.data ?? {};
    return new DocusignError(response.status, errorCode, said);
  }
  return typeof code === 'string' ? new DocusignError(undefined, code, message) : thrown;
}

/** Says whether a failed call may be tried again: no answer, limits, 5xx and a stale token may; everything else is our mistake. @throws what is no error of DocuSign */
export function classify(error: unknown): Exclude<Outcome<never>, { kind: 'done' }> {
  if (!(error instanceof DocusignError)) throw error;
  const { status, code, message, afterMs } = error;
  const receipt: EffectReceipt = { provider: 'docusign', ...(status && { responseCode: String(status) }) };
  if (!mayRetry(error)) return { kind: 'failed', code, reason: message, receipt };
  return { kind: 'retry', reason: `${code}: ${message}`, receipt, ...(afterMs !== undefined && { afterMs }) };
}

/** Limits are reported with status 400 as well as 429. */
export const isLimit = ({ status, code }: DocusignError): boolean =>
  status === 429 || code.toUpperCase().includes('LIMIT_EXCEEDED');

function mayRetry(error: DocusignError): boolean {
  const { status } = error;
  return status === undefined || status === 401 || status >= 500 || isLimit(error);
}
