import type { BusinessObject } from './business.js';
import type { ChannelMessage } from './channels.js';
import { docusignHook } from './docusign/hooks.js';
import { moveAhead, resumeClock, sandboxNow } from './clock.js';
import type { Envelopes } from './docusign/envelopes.js';
import type { Tokens } from './docusign/tokens.js';
import type { Fault, Faults } from './faults.js';
import { match, type Answer, type Part, type Request, type Route } from './http.js';
import type { Journal } from './journal.js';
import { PROVIDERS, type Ledger } from './ledger.js';
import type { Mail } from './smtp.js';
import { stripeHook } from './stripe/hooks.js';
import { lapse } from './stripe/payments.js';
import type { StripeWorld } from './stripe/world.js';
import type { Webhooks } from './webhooks.js';

/** What the control paths work on. */
export interface Controlled {
  journal: Journal;
  ledger: Ledger;
  faults: Faults;
  webhooks: Webhooks;
  stripe: StripeWorld;
  envelopes: Envelopes;
  tokens: Tokens;
}

type Act = (controlled: Controlled, request: Request) => unknown;

const on = (method: string, path: string, handle: Act): Route<Act> => ({
  method,
  path: new RegExp(`^/_sandbox/${path}$`),
  handle,
});

const ROUTES: readonly Route<Act>[] = [
  on('GET', 'ledger', ({ ledger }, { query }) => {
    const [provider, kind, instanceId] = ['provider', 'kind', 'instanceId'].map((name) => query.get(name) ?? undefined);
    const known = PROVIDERS.find((name) => name === provider);
    return ledger.query({
      ...(known && { provider: known }),
      ...(kind && { kind }),
      ...(instanceId && { instanceId }),
    });
  }),
  on('GET', 'messages', ({ journal }) => journal.collection<Mail>('mails').all()),
  on('GET', 'channels', ({ journal }) => journal.collection<ChannelMessage>('channel-messages').all()),
  on('GET', 'business', ({ journal }) => journal.collection<BusinessObject>('business').all()),
  on('GET', 'envelopes', ({ envelopes }) => envelopes.list({}, null)),
  on('GET', 'webhooks', ({ webhooks }) => webhooks.all()),
  on('POST', 'webhooks/redeliver', ({ webhooks }) => ({ redelivering: webhooks.redeliver() })),
  on('GET', 'faults', ({ faults }) => faults.all()),
  on('POST', 'faults', ({ faults }, { body }) => faults.add(JSON.parse(body) as Partial<Fault>)),
  on('POST', 'faults/clear', ({ faults }) => {
    faults.clear();
    return { cleared: true };
  }),
  on('POST', 'clock', ({ journal, stripe, envelopes }, { body }) => {
    const { advanceMs = 0 } = JSON.parse(body) as { advanceMs?: number };
    moveAhead(journal.collection('clock'), advanceMs);
    return { now: new Date(sandboxNow()).toISOString(), lapsed: [...lapse(stripe), ...envelopes.lapse()] };
  }),
  on('POST', 'reset', ({ journal, faults, tokens }) => {
    journal.clear();
    resumeClock(journal.collection('clock'));
    tokens.revokeAll();
    faults.clear();
    return { reset: true };
  }),
];

/** The paths of the sandbox itself: what happened, what is to go wrong, and what people outside do. */
export class Control implements Part {
  readonly prefixes = ['/_sandbox/'];

  constructor(private readonly controlled: Controlled) {}

  async answer(request: Request): Promise<Answer> {
    const { stripe, envelopes, journal } = this.controlled;
    try {
      const hook = stripeHook(stripe, request) ?? docusignHook(envelopes, request);
      if (hook) return hook;
      const route = match(ROUTES, request);
      return route
        ? { status: 200, body: route.handle(this.controlled, request) }
        : { status: 404, body: { sandbox: `nothing at ${request.method} ${request.path}` } };
    } catch (error) {
      return { status: 400, body: { sandbox: error instanceof Error ? error.message : String(error) } };
    } finally {
      journal.commit();
    }
  }
}
