import { notConfigured, type Outcome } from '../outcome.js';

/** Shorter than the time an effect has, so that a silent server still ends as an outcome. */
const TIMEOUT_MS = 15_000;
/** What an answer may weigh unless the caller expects more. */
const MOST_BYTES = 64 * 1024;

/** An answer, read to its end. */
export interface Reply {
  status: number;
  headers: Headers;
  bytes: Buffer;
}

/** One request and its whole answer. Redirects are answers: credentials go nowhere else. @throws Error without an answer, or when it is too large */
export async function exchange(request: Request, mostBytes = MOST_BYTES): Promise<Reply> {
  const { status, headers, body } = await fetch(request, {
    redirect: 'manual',
    signal: AbortSignal.any([request.signal, AbortSignal.timeout(TIMEOUT_MS)]),
  });
  const stream: AsyncIterable<Uint8Array> | Uint8Array[] = body ?? [];
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.byteLength;
    // Leaving the loop closes the connection.
    if (size > mostBytes) throw new Error(`the answer has more than ${mostBytes} bytes`);
    chunks.push(chunk);
  }
  return { status, headers, bytes: Buffer.concat(chunks) };
}

/** Calls a provider and says what became of it; `read` takes the output from a good answer. `undefined` as request: not configured. `refused` sees what a bad answer says. */
export async function call<T>(
  provider: string,
  request: Request | undefined,
  read: (body: string) => { output: T; providerId?: string },
  refused: (status: number, body: string) => void = () => undefined,
): Promise<Outcome<T>> {
  if (!request) return notConfigured(provider);
  let reply: Reply;
  try {
    reply = await exchange(request);
  } catch (error) {
    return { kind: 'retry', reason: `${provider} did not answer: ${reasonOf(error)}`, receipt: { provider } };
  }
  const receipt = { provider, responseCode: String(reply.status) };
  if (reply.status >= 200 && reply.status < 300) {
    const { output, providerId } = read(reply.bytes.toString('utf8'));
    return { kind: 'done', output, receipt: { ...receipt, ...(providerId && { providerId }) } };
  }
  refused(reply.status, reply.bytes.toString('utf8'));
  const reason = `${provider} answered ${reply.status}`;
  if (!mayRetry(reply.status)) return { kind: 'failed', code: `HTTP_${reply.status}`, reason, receipt };
  const afterSeconds = Number(reply.headers.get('retry-after'));
  return { kind: 'retry', reason, receipt, ...(afterSeconds > 0 && { afterMs: afterSeconds * 1_000 }) };
}

/** Too early, too often, or their fault: may be different next time. */
const mayRetry = (status: number): boolean => [408, 425, 429].includes(status) || status >= 500;

/** fetch itself only says that it failed; the cause has the code. Addresses may hold secrets and are in neither. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as { message?: string; cause?: { code?: string } };
  return cause?.code ?? message ?? String(error);
}
