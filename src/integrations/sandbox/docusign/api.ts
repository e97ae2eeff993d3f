import { randomUUID } from 'node:crypto';
import type { Complaints, Faults } from '../faults.js';
import { match, type Answer, type Part, type Request, type Route, type Silence } from '../http.js';
import type { Journal } from '../journal.js';
import { flawsOf, type ModelName } from './contract.js';
import type { Definition, Envelopes, StoredEnvelope } from './envelopes.js';
import { DocusignFailure } from './failure.js';
import type { Tokens } from './tokens.js';

interface Endpoint {
  operation: string;
  act: (api: DocusignApi, request: Request, id: string) => Answer;
}

/** A production account's limits. */
const HOURLY_CALLS = 3_000;
const HOUR_MS = 3_600_000;

const COMPLAINTS: Complaints = {
  broken: new DocusignFailure(500, 'UNSPECIFIED_ERROR', 'An unspecified error has occurred.').answer(),
  limited: (seconds) => ({
    ...new DocusignFailure(
      429,
      'HOURLY_APIINVOCATION_LIMIT_EXCEEDED',
      'The maximum number of hourly API invocations has been exceeded.',
    ).answer(),
    headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Math.floor(Date.now() / 1000) + seconds) },
  }),
};

const ACCOUNT = '/restapi/v2\\.1/accounts/[^/]+/envelopes';
const on = (method: string, path: string, operation: string, act: Endpoint['act']): Route<Endpoint> => ({
  method,
  path: new RegExp(`^${path}$`),
  handle: { operation, act },
});

const ROUTES: readonly Route<Endpoint>[] = [
  on('POST', ACCOUNT, 'envelopes.create', ({ envelopes }, request) => {
    const { envelopeId, status, statusChangedDateTime } = envelopes.create(
      read<Definition>(request, 'EnvelopeDefinition'),
    );
    return {
      status: 201,
      body: { envelopeId, status, statusDateTime: statusChangedDateTime, uri: `/envelopes/${envelopeId}` },
    };
  }),
  on('GET', ACCOUNT, 'envelopes.list', ({ envelopes }, { query }) => {
    const named = (name: string) => (query.get(name) ?? '').split(',').filter(Boolean);
    const ids = { transactionIds: named('transaction_ids'), envelopeIds: named('envelope_ids') };
    const from = query.get('from_date');
    if (Object.values(ids).flat().length === 0 && from === null) {
      throw new DocusignFailure(
        400,
        'INVALID_REQUEST_PARAMETER',
        'from_date, envelope_ids or transaction_ids is required.',
      );
    }
    const found = envelopes.list(ids, from).map(shown);
    return {
      status: 200,
      body: {
        resultSetSize: String(found.length),
        totalSetSize: String(found.length),
        startPosition: '0',
        envelopes: found,
      },
    };
  }),
  on('GET', `${ACCOUNT}/([^/]+)`, 'envelopes.get', ({ envelopes }, _, id) => ({
    status: 200,
    body: shown(envelopes.get(id)),
  })),
  on('PUT', `${ACCOUNT}/([^/]+)`, 'envelopes.update', ({ envelopes }, request, id) => {
    const { status, voidedReason = '' } = read<{ status?: string; voidedReason?: string }>(request, 'Envelope');
    if (status === 'sent') envelopes.send(id);
    else if (status === 'voided' && voidedReason !== '') envelopes.void(id, voidedReason);
    else {
      const message = 'The sandbox only sends drafts, and voids envelopes for a voidedReason.';
      throw new DocusignFailure(400, 'INVALID_REQUEST_PARAMETER', message);
    }
    return { status: 200, body: { envelopeId: id } };
  }),
  on('POST', `${ACCOUNT}/([^/]+)/views/recipient`, 'envelopes.view', ({ envelopes }, request, id) => {
    const asked = read<{ email?: string; userName?: string; clientUserId?: string }>(request, 'RecipientViewRequest');
    const isCaptive = envelopes
      .get(id)
      .recipients.signers.some(
        ({ email, name, clientUserId }) =>
          clientUserId !== undefined &&
          clientUserId === asked.clientUserId &&
          email === asked.email &&
          name === asked.userName,
      );
    if (!isCaptive)
      throw new DocusignFailure(
        400,
        'UNKNOWN_ENVELOPE_RECIPIENT',
        'The recipient you have identified is not a valid recipient of the specified envelope.',
      );
    return { status: 201, body: { url: `http://${request.headers.host}/_sandbox/docusign/signing/${id}` } };
  }),
];

/** Answers as DocuSign's account server and REST API do: grants, limits, models, errors. */
export class DocusignApi implements Part {
  readonly prefixes = ['/oauth/', '/restapi/'];
  private calls = 0;
  private resetAt = Date.now() + HOUR_MS;

  constructor(
    readonly envelopes: Envelopes,
    private readonly tokens: Tokens,
    private readonly journal: Journal,
    private readonly faults: Faults,
    private readonly accountId: string,
  ) {}

  async answer(request: Request): Promise<Answer | Silence> {
    const answer = await this.route(request);
    return 'silentMs' in answer ? answer : { ...answer, headers: { ...this.limits(), ...answer.headers } };
  }

  private async route(request: Request): Promise<Answer | Silence> {
    if (request.method === 'POST' && request.path === '/oauth/token') {
      return this.faults.around('docusign', 'oauth.token', () => this.tokens.grant(request), COMPLAINTS);
    }
    if (!this.tokens.allows(request)) {
      return new DocusignFailure(
        401,
        'AUTHORIZATION_INVALID_TOKEN',
        'The access token provided is expired, revoked or malformed.',
      ).answer();
    }
    if (request.path === '/oauth/userinfo') return this.userInfo(request);
    const route = match(ROUTES, request);
    if (!route || !request.path.startsWith(`/restapi/v2.1/accounts/${this.accountId}/`)) {
      return new DocusignFailure(
        404,
        'RESOURCE_NOT_FOUND',
        'The URL provided does not resolve to a resource.',
      ).answer();
    }
    const { operation, act } = route.handle;
    return this.faults.around('docusign', operation, () => this.perform(act, request, route.ids[0] ?? ''), COMPLAINTS);
  }

  private perform(act: Endpoint['act'], request: Request, id: string): Answer {
    try {
      return act(this, request, id);
    } catch (error) {
      if (error instanceof DocusignFailure) return error.answer();
      throw error;
    } finally {
      this.journal.commit();
    }
  }

  private userInfo({ headers: { host } }: Request): Answer {
    const account = {
      account_id: this.accountId,
      is_default: true,
      account_name: 'Sandbox',
      base_uri: `http://${host}`,
    };
    return { status: 200, body: { accounts: [account] } };
  }

  private limits(): Record<string, string> {
    const now = Date.now();
    if (now >= this.resetAt) {
      this.calls = 0;
      this.resetAt = now + HOUR_MS;
    }
    this.calls += 1;
    return {
      'x-ratelimit-limit': String(HOURLY_CALLS),
      // Only a fault takes the last call away: nobody wants to wait for an hour here.
      'x-ratelimit-remaining': String(Math.max(1, HOURLY_CALLS - this.calls)),
      'x-ratelimit-reset': String(Math.ceil(this.resetAt / 1000)),
      'x-docusign-tracetoken': randomUUID(),
    };
  }
}

function read<T extends object>({ body }: Request, model: ModelName): T {
  const parsed = JSON.parse(body === '' ? '{}' : body) as T;
  const flaws = flawsOf(model, parsed);
  if (flaws.length > 0) {
    throw new DocusignFailure(
      400,
      'INVALID_REQUEST_BODY',
      `The request body is missing or improperly formatted. ${flaws.join('; ')}`,
    );
  }
  return parsed;
}

const shown = ({ events: _, documents: __, ...envelope }: StoredEnvelope): object => envelope;
