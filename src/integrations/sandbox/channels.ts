import { randomUUID } from 'node:crypto';
import type { Complaints, Faults } from './faults.js';
import { match, type Answer, type Part, type Request, type Route, type Silence } from './http.js';
import type { Collection, Journal } from './journal.js';
import type { Ledger, Provider } from './ledger.js';

/** A message as it arrived at Slack, Twilio, the push gateway or Resend. */
export interface ChannelMessage {
  id: string;
  provider: Provider;
  /** Number, device, or Slack channel; null where Slack's webhook decides. */
  to: string | null;
  text: string;
  at: string;
}

type Taken = Omit<ChannelMessage, 'id' | 'at'> & { key: string | null };

/** Numbers and devices that are refused for good, so that a refusal can be tried. */
const REFUSED = /^(\+15005550001|gone_.*)$/;
/** Of a phone number, E.164. */
const NUMBER = /^\+[1-9]\d{6,14}$/;

const complaints: Complaints = {
  broken: { status: 500, body: { message: 'internal error' } },
  limited: (seconds) => ({
    status: 429,
    body: { message: 'too many requests' },
    headers: { 'retry-after': String(seconds) },
  }),
};

/** What a provider takes from a request, or how it refuses it. */
type Reader = (request: Request) => Taken | Answer;

interface Endpoint {
  provider: Provider;
  operation: string;
  read: Reader;
  /** How the provider confirms a message. */
  confirm: (message: ChannelMessage) => Answer;
}

const refusal = (status: number, message: string, code?: number): Answer => ({ status, body: { message, code } });

const ROUTES: readonly Route<Endpoint>[] = [
  {
    method: 'POST',
    path: /^\/slack\/services\/[^/]+\/[^/]+\/[^/]+$/,
    handle: {
      provider: 'slack',
      operation: 'post',
      read: ({ body }) => {
        const { text, channel } = JSON.parse(body) as { text?: unknown; channel?: unknown };
        return typeof text === 'string' && text !== ''
          ? { provider: 'slack', to: typeof channel === 'string' ? channel : null, text, key: null }
          : refusal(400, 'no_text');
      },
      confirm: () => ({ status: 200, body: 'ok' }),
    },
  },
  {
    method: 'POST',
    path: /^\/twilio\/2010-04-01\/Accounts\/[^/]+\/Messages\.json$/,
    handle: {
      provider: 'twilio',
      operation: 'messages.create',
      read: ({ body, headers }) => {
        const { To = '', From = '', Body = '' } = Object.fromEntries(new URLSearchParams(body));
        if (!headers.authorization?.startsWith('Basic ')) return refusal(401, 'Authenticate', 20003);
        if (!NUMBER.test(To) || REFUSED.test(To)) return refusal(400, `The 'To' number ${To} is not valid.`, 21211);
        if (!NUMBER.test(From)) return refusal(400, `The 'From' number ${From} is not valid.`, 21212);
        return Body === ''
          ? refusal(400, 'Message body is required.', 21602)
          : { provider: 'twilio', to: To, text: Body, key: null };
      },
      confirm: ({ id, to, text }) => ({ status: 201, body: { sid: id, to, body: text, status: 'queued' } }),
    },
  },
  {
    method: 'POST',
    path: /^\/push$/,
    handle: {
      provider: 'push',
      operation: 'send',
      read: ({ body, headers }) => {
        const { token, title } = JSON.parse(body) as { token?: unknown; title?: unknown };
        const key = headers['idempotency-key'];
        if (!headers.authorization?.startsWith('Bearer ')) return refusal(401, 'unauthorized');
        if (typeof token !== 'string' || typeof title !== 'string') return refusal(400, 'token and title are required');
        if (REFUSED.test(token)) return refusal(410, 'the device is gone');
        return { provider: 'push', to: token, text: title, key: typeof key === 'string' ? key : null };
      },
      confirm: () => ({ status: 202, body: { accepted: true } }),
    },
  },
  {
    method: 'POST',
    path: /^\/resend\/emails$/,
    handle: {
      provider: 'resend',
      operation: 'send',
      read: ({ body, headers }) => {
        const { from, to, subject, html, text } = JSON.parse(body) as Partial<Record<string, unknown>>;
        const key = headers['idempotency-key'];
        if (!headers.authorization?.startsWith('Bearer ')) return refusal(401, 'Missing API Key');
        const [receiver] = Array.isArray(to) ? (to as unknown[]) : [to];
        const words = typeof html === 'string' ? html : text;
        if (typeof from !== 'string' || typeof receiver !== 'string' || typeof subject !== 'string')
          return refusal(422, 'from, to and subject are required');
        if (typeof words !== 'string') return refusal(422, 'html or text is required');
        if (REFUSED.test(receiver)) return refusal(422, 'the receiver is not valid');
        const said = `${subject}\n${words}`;
        return { provider: 'resend', to: receiver, text: said, key: typeof key === 'string' ? key : null };
      },
      confirm: ({ id }) => ({ status: 200, body: { id } }),
    },
  },
];

/** Slack, Twilio, a push gateway and Resend: they take what is well-formed and keep it. */
export class Channels implements Part {
  readonly prefixes = ['/slack/', '/twilio/', '/push', '/resend/'];
  private readonly messages: Collection<ChannelMessage>;

  constructor(
    private readonly journal: Journal,
    private readonly ledger: Ledger,
    private readonly faults: Faults,
  ) {
    this.messages = journal.collection('channel-messages');
  }

  async answer(request: Request): Promise<Answer | Silence> {
    const endpoint = match(ROUTES, request)?.handle;
    if (!endpoint) return this.list(request);
    const { provider, operation } = endpoint;
    try {
      return await this.faults.around(provider, operation, () => this.take(endpoint, request), complaints);
    } finally {
      this.journal.commit();
    }
  }

  private take({ provider, operation, read, confirm }: Endpoint, request: Request): Answer {
    const taken = read(request);
    if ('status' in taken) return taken;
    const { key, ...message } = taken;
    const earlier = key === null ? undefined : this.messages.get(key);
    if (earlier && key !== null) {
      this.ledger.replayed(provider, key);
      return confirm(earlier);
    }
    const id = `SM${randomUUID().replaceAll('-', '')}`;
    const kept: ChannelMessage = { ...message, id, at: new Date().toISOString() };
    this.messages.put(key ?? id, kept);
    this.ledger.record({ provider, kind: operation, objectId: id, key, instanceId: null, tenant: null });
    return confirm(kept);
  }

  /** Twilio's list of messages; the other two have no such question. */
  private list({ method, path, query }: Request): Answer {
    if (method !== 'GET' || !path.startsWith('/twilio/'))
      return { status: 404, body: { message: `nothing at ${path}` } };
    const found = this.messages.all().filter(({ provider, to }) => provider === 'twilio' && to === query.get('To'));
    return { status: 200, body: { messages: found.map(({ id, to, text }) => ({ sid: id, to, body: text })) } };
  }
}
