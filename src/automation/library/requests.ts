import { Injectable } from '@nestjs/common';
import type { Action, ActionRun } from '../../actions/action.js';
import type { Json } from '../../engine/core/driver.js';
import type { EffectResult } from '../../engine/host.js';
import { Forbidden, send, type OutboundReply, type OutboundRequest } from '../../integrations/http/outbound.js';
import { Config } from '../../platform/config.js';
import { UsingIntegrations } from '../integrations/using.js';
import { aboutOf } from './about.js';
import { FORBIDDEN_HEADER, HEADER_NAME, HttpRequestParams, type RequestAuth } from './request.dto.js';

const MOST_REDIRECTS = 3;
const MOST_BYTES = 1_048_576;

/** Sends requests to addresses outside, never into the house (R002-48, R002-64, R002-65). */
@Injectable()
export class Requests {
  constructor(
    private readonly config: Config,
    private readonly integrations: UsingIntegrations,
  ) {}

  readonly httpRequest: Action<HttpRequestParams> = this.action('http_request', 'Send a request', 'GET');
  readonly sendWebhook: Action<HttpRequestParams> = this.action('send_webhook', 'Call an address outside', 'POST');

  /** Sends a request and follows where it leads, three times at most. */
  async send(
    { url: address, method = 'GET', headers = {}, body, auth }: Omit<HttpRequestParams, 'method'> & { method?: string },
    { key, signal }: Pick<ActionRun, 'key' | 'signal'>,
  ): Promise<EffectResult> {
    if (!URL.canParse(address)) return { kind: 'failed', code: 'WF006', reason: 'the url is no address' };
    const first: OutboundRequest = {
      method,
      headers: {
        'user-agent': 'Statewright',
        'idempotency-key': key,
        ...typeOf(body),
        ...lower(headers),
        ...proofOf(auth),
      },
      body: body === undefined || method === 'GET' ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
    };
    try {
      return outcome(await this.follow(new URL(address), first, signal));
    } catch (error) {
      if (error instanceof Forbidden) return { kind: 'failed', code: 'ADDRESS_FORBIDDEN', reason: error.message };
      // Addresses may hold secrets and are not repeated.
      return { kind: 'retry', reason: `no answer: ${codeOf(error)}`, receipt: { provider: 'http' } };
    }
  }

  private action(type: string, title: string, method: 'GET' | 'POST'): Action<HttpRequestParams> {
    return {
      type,
      title,
      kind: 'webhook',
      permission: 'automation.call',
      Params: HttpRequestParams,
      secrets: ['headers', 'auth'],
      about: aboutOf(type),
      run: ({ integration, ...params }, run) =>
        integration === undefined
          ? this.send({ method, ...params }, run)
          : this.through(integration, { method, ...params }, run),
    };
  }

  /** Sends a request to where an integration is, as whom it says; how that went is noted with it. */
  private async through(
    id: string,
    params: Omit<HttpRequestParams, 'integration'>,
    run: ActionRun,
  ): Promise<EffectResult> {
    const opened = await this.integrations.open(run.tenant, id, params.url);
    if (typeof opened === 'string') return { kind: 'failed', code: 'INTEGRATION_UNAVAILABLE', reason: opened };
    const result = await this.send({ ...params, ...opened }, run);
    await this.integrations.note(run.tenant, id, troubleOf(result));
    return result;
  }

  private async follow(url: URL, request: OutboundRequest, signal: AbortSignal): Promise<OutboundReply> {
    let [at, sent] = [url, request];
    for (let redirects = 0; ; redirects += 1) {
      const reply = await send(at, sent, { inside: this.config.webhookInsideHosts, signal, mostBytes: MOST_BYTES });
      const isRedirect = [301, 302, 303, 307, 308].includes(reply.status) && reply.location !== undefined;
      if (!isRedirect || redirects >= MOST_REDIRECTS || !URL.canParse(reply.location ?? '', at.href)) return reply;
      const next = new URL(reply.location ?? '', at);
      sent = redirected(sent, reply.status, next.origin === at.origin);
      at = next;
    }
  }
}

/** What is wrong with whom a request was sent to; that it was a bad request says nothing about that. */
function troubleOf(result: EffectResult): string | null {
  if (result.kind === 'done') return null;
  const isOurs = result.kind === 'failed' && /^HTTP_4/.test(result.code) && !/^HTTP_40[137]$/.test(result.code);
  return isOurs ? null : result.reason.slice(0, 500);
}

/** What is sent on: nothing that shows who sends it to another house, and no body where the first answer was all that was wanted. */
function redirected(request: OutboundRequest, status: number, isSameHouse: boolean): OutboundRequest {
  const headers = isSameHouse ? request.headers : { 'user-agent': 'Statewright' };
  const keepsBody = status === 307 || status === 308 || request.method === 'GET';
  return keepsBody ? { ...request, headers } : { method: 'GET', headers };
}

const lower = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

const typeOf = (body: Json | undefined): Record<string, string> =>
  body === undefined ? {} : { 'content-type': typeof body === 'string' ? 'text/plain' : 'application/json' };

function proofOf(auth: RequestAuth | undefined): Record<string, string> {
  const { token = '', username = '', password = '', header = 'x-api-key', key = '' } = auth?.config ?? {};
  switch (auth?.type) {
    case 'bearer':
      return { authorization: `Bearer ${token}` };
    case 'basic':
      return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
    case 'api_key':
      return HEADER_NAME.test(header) && !FORBIDDEN_HEADER.test(header) ? { [header.toLowerCase()]: key } : {};
    default:
      return {};
  }
}

/** Too early, too often, or their fault: may be different next time. */
const mayRetry = (status: number): boolean => [408, 425, 429].includes(status) || status >= 500;

function outcome({ status, retryAfterSeconds, body, isWhole }: OutboundReply): EffectResult {
  const receipt = { provider: 'http', responseCode: String(status) };
  if (status >= 200 && status < 300)
    return isWhole
      ? { kind: 'done', output: parsed(body), receipt }
      : { kind: 'failed', code: 'RESULT_TOO_LARGE', reason: `the answer has more than ${MOST_BYTES} bytes`, receipt };
  const reason = `the receiver answered ${status}`;
  if (!mayRetry(status)) return { kind: 'failed', code: `HTTP_${status}`, reason, receipt };
  const afterMs = Math.min(retryAfterSeconds ?? 0, 3_600) * 1_000;
  return { kind: 'retry', reason, receipt, ...(afterMs > 0 && { afterMs }) };
}

/** JSON where it is some, else the text. */
function parsed(body: string): Json {
  try {
    return JSON.parse(body) as Json;
  } catch {
    return body;
  }
}

function codeOf(error: unknown): string {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  return typeof code === 'string' ? code : String(name);
}
