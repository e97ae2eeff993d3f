import { setImmediate as soon } from 'node:timers/promises';
import type { Complaints, Faults } from '../faults.js';
import { match, type Answer, type Part, type Request, type Silence } from '../http.js';
import type { Collection, Journal } from '../journal.js';
import type { Ledger } from '../ledger.js';
import { CONTRACT } from './contract.js';
import { StripeFailure } from './failure.js';
import { decodeForm } from './form.js';
import { expand } from './reading.js';
import { ROUTES, type Endpoint } from './routes.js';
import { check, type Rule, type Values } from './rules.js';
import { newId, type StripeWorld } from './world.js';

/** The first answer to an idempotency key. */
interface Kept {
  fingerprint: string;
  answer: Answer;
}

/** Any test key will do; a live one must never reach a stand-in. */
const TEST_KEY = /^Bearer sk_test_\w+$/;
const BROKEN = new StripeFailure(500, 'api_error', undefined, 'An unknown error occurred.');
const COMPLAINTS: Complaints = {
  broken: BROKEN.answer(),
  limited: (seconds) => ({
    ...new StripeFailure(
      429,
      'invalid_request_error',
      'rate_limit',
      'Too many requests hit the API too quickly.',
    ).answer(),
    headers: { 'retry-after': String(seconds) },
  }),
};

/** Answers as Stripe's API does: credentials, parameters, idempotency keys, errors. */
export class StripeApi implements Part {
  readonly prefixes = ['/v1/'];
  private readonly kept: Collection<Kept | null>;
  /** Keys whose request is being worked on. */
  private readonly running = new Set<string>();

  constructor(
    private readonly world: StripeWorld,
    private readonly journal: Journal,
    private readonly ledger: Ledger,
    private readonly faults: Faults,
  ) {
    this.kept = journal.collection('stripe.idempotency');
  }

  async answer(request: Request): Promise<Answer | Silence> {
    const answer = await this.route(request);
    return 'silentMs' in answer ? answer : { ...answer, headers: { 'request-id': newId('req'), ...answer.headers } };
  }

  private async route(request: Request): Promise<Answer | Silence> {
    if (!TEST_KEY.test(request.headers.authorization ?? '')) {
      return new StripeFailure(401, 'invalid_request_error', undefined, 'Invalid API Key provided.').answer();
    }
    const route = match(ROUTES, request);
    if (!route) {
      const message = `Unrecognized request URL (${request.method}: ${request.path}).`;
      return new StripeFailure(404, 'invalid_request_error', undefined, message).answer();
    }
    const { operation } = route.handle;
    const key = request.method === 'POST' ? keyOf(request) : null;
    const act = () => this.once(request, key, route.handle, route.ids[0] ?? '');
    if (key === null) return this.faults.around('stripe', operation, act, COMPLAINTS);
    if (this.running.has(key)) return IN_USE.answer();
    this.running.add(key);
    try {
      // A request takes a moment, so that a second one with the same key can meet it.
      await soon();
      return await this.faults.around('stripe', operation, act, COMPLAINTS);
    } finally {
      this.running.delete(key);
    }
  }

  /** The same key gets the first answer again, errors included; parameters that were refused never began. */
  private once(request: Request, key: string | null, endpoint: Endpoint, id: string): Answer {
    if (key === null) return this.perform(request, null, endpoint, id).answer;
    if (this.faults.take('stripe', endpoint.operation, 'forget-idempotency')) this.kept.put(key, null);
    const fingerprint = `${request.method} ${request.path}\n${request.body}`;
    const earlier = this.kept.get(key);
    const headers = { 'idempotency-key': key };
    if (earlier) {
      if (earlier.fingerprint !== fingerprint) return OTHER_REQUEST.answer();
      this.ledger.replayed('stripe', key);
      this.journal.commit();
      return { ...earlier.answer, headers: { ...headers, 'idempotent-replayed': 'true' } };
    }
    const { answer, began } = this.faults.take('stripe', endpoint.operation, 'error-remembered')
      ? { answer: BROKEN.answer(), began: true }
      : this.perform(request, key, endpoint, id);
    if (began) this.kept.put(key, { fingerprint, answer });
    // What was done and that it was done under this key reach the disk together.
    this.journal.commit();
    return { ...answer, headers };
  }

  private perform(
    request: Request,
    key: string | null,
    { operation, act }: Endpoint,
    id: string,
  ): { answer: Answer; began: boolean } {
    let values: Values | undefined;
    try {
      const rules: Readonly<Record<string, Rule>> = CONTRACT[operation];
      values = check(decodeForm(request.method === 'GET' ? request.query : new URLSearchParams(request.body)), rules);
      const object = act(this.world, { values, id, key });
      return { answer: { status: 200, body: expand(this.world, object, values.texts('expand') ?? []) }, began: true };
    } catch (error) {
      if (!(error instanceof StripeFailure)) throw error;
      return { answer: error.answer(), began: values !== undefined };
    }
  }
}

const IN_USE = new StripeFailure(
  409,
  'idempotency_error',
  'idempotency_key_in_use',
  'There is currently another in-progress request using this Idempotent Key.',
);
const OTHER_REQUEST = new StripeFailure(
  400,
  'idempotency_error',
  undefined,
  'Keys for idempotent requests can only be used with the same parameters they were first used with.',
);

function keyOf({ headers }: Request): string | null {
  const key = headers['idempotency-key'];
  return typeof key === 'string' && key !== '' ? key : null;
}
