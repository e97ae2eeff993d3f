/** A storm of webhooks: a thousand messages, each sent three times and all in disorder, a tenth forged, a tenth not for us. */
import { createHmac } from 'node:crypto';
import { Stripe } from 'stripe';
import type { InvestmentContext } from '../../machines/investment.types.js';
import { Config } from '../../src/platform/config.js';
import { drive } from '../support/drive.js';
import { Journey } from '../support/journey.js';
import { liveService, type LiveService } from '../support/live.js';

const service = liveService();

const DEALS = 5;
const GENUINE = 800;
const STRAY = 100;
const FORGED = 100;
const COPIES = 3;
const CONCURRENT = 32;
/** Older than Stripe's own libraries accept. */
const STALE_S = 360;

interface Message {
  id: string;
  path: '/webhooks/stripe' | '/webhooks/docusign';
  body: string;
  headers: Record<string, string>;
}
type Verdict = 'applied' | 'ignored' | 'quarantined';

/** Writes and signs messages as the providers do. */
class Sender {
  private count = 0;

  constructor(
    private readonly stripeSecret: string,
    private readonly docusignSecret: string,
  ) {}

  captured(transactionId: string, metadata: Record<string, string>): Message {
    const id = `evt_storm_${++this.count}`;
    const object = { id: transactionId, object: 'payment_intent', metadata };
    const event = { id, object: 'event', type: 'payment_intent.succeeded', created: seconds(), data: { object } };
    const body = JSON.stringify(event);
    return { id, path: '/webhooks/stripe', body, headers: this.stripe(body) };
  }

  signed(instanceId: string, envelopeId: string, role: string): Message {
    const textCustomFields = Object.entries({ instanceId, tenant: 'demo', purpose: 'closing' });
    const body = JSON.stringify({
      event: 'recipient-completed',
      generatedDateTime: new Date().toISOString(),
      data: {
        envelopeId,
        recipientId: role,
        envelopeSummary: {
          status: 'delivered',
          customFields: { textCustomFields: textCustomFields.map(([name, value]) => ({ name, value })) },
          recipients: { signers: [{ recipientId: role, roleName: role, status: 'completed' }] },
        },
      },
    });
    const id = `${envelopeId}:recipient-completed:${role}`;
    return {
      id,
      path: '/webhooks/docusign',
      body,
      headers: { 'x-docusign-signature-1': this.docusign(body, 'base64') },
    };
  }

  /** The same message with something wrong about its signature. */
  forge(message: Message, way: number): Message {
    const { body } = message;
    if (message.path === '/webhooks/docusign') {
      const hex = this.docusign(body, 'hex');
      return { ...message, headers: way % 2 === 0 ? {} : { 'x-docusign-signature-1': hex } };
    }
    const wrong = [
      {},
      this.stripe(body, seconds(), 'whsec_of_somebody_else'),
      this.stripe(body, seconds() - STALE_S),
      this.stripe(body.replace('succeeded', 'canceled')),
      this.stripe(JSON.stringify(JSON.parse(body), undefined, 1)),
    ];
    return { ...message, headers: wrong[way % wrong.length] ?? {} };
  }

  private stripe(payload: string, timestamp = seconds(), secret = this.stripeSecret): Record<string, string> {
    return { 'stripe-signature': Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp }) };
  }

  private docusign(body: string, encoding: 'base64' | 'hex'): string {
    return createHmac('sha256', this.docusignSecret).update(body).digest(encoding);
  }
}

describe('a thousand webhooks, each three times, in any order (R000-79, R000-82, R000-85)', () => {
  const genuine: Message[] = [];
  const stray: [Message, Verdict][] = [];
  const forged: Message[] = [];
  const deals: Journey[] = [];
  let live: LiveService;

  beforeAll(async () => {
    live = await service();
    const { stripe, docusign } = live.app.get(Config);
    const sender = new Sender(stripe?.webhookSecrets[0] ?? '', docusign?.webhookSecrets[0] ?? '');
    for (let n = 0; n < DEALS; n++) {
      const deal = await Journey.begin(live);
      await drive(live, deal, 'CLOSING');
      deals.push(deal);
    }
    const contexts = await Promise.all(deals.map(async (deal) => (await deal.read()).context as unknown as Context));
    for (const [n, { id }] of deals.entries()) {
      const { envelopeId, transactionId } = contexts[n] as Context;
      for (const role of ['investor', 'creator']) genuine.push(sender.signed(id, String(envelopeId), role));
      const mine = { workflowInstanceId: id, tenant: 'demo' };
      const payment = String(transactionId);
      for (let k = 2; k < GENUINE / DEALS; k++) genuine.push(sender.captured(payment, mine));
      for (let k = 0; k < FORGED / DEALS / 2; k++) forged.push(sender.forge(sender.captured(payment, mine), k));
      for (let k = 0; k < FORGED / DEALS / 2; k++)
        forged.push(sender.forge(sender.signed(id, `env_${n}_${k}`, 'investor'), k));
    }
    const [deal] = deals;
    const payment = String(contexts[0]?.transactionId);
    const strays: [Record<string, string>, string, Verdict][] = [
      // Another tenant's name under our instance.
      [{ workflowInstanceId: deal?.id ?? '', tenant: 'elsewhere' }, payment, 'quarantined'],
      // Our instance, somebody else's payment.
      [{ workflowInstanceId: deal?.id ?? '', tenant: 'demo' }, 'pi_of_somebody_else', 'quarantined'],
      [{ workflowInstanceId: 'wf_nobody', tenant: 'demo' }, payment, 'quarantined'],
      [{ workflowInstanceId: 'wf_nobody' }, payment, 'ignored'],
      // An object that is not ours at all.
      [{}, payment, 'ignored'],
    ];
    for (let k = 0; k < STRAY; k++) {
      const [metadata, transactionId, verdict] = strays[k % strays.length] ?? [{}, '', 'ignored'];
      stray.push([sender.captured(transactionId, metadata), verdict]);
    }
  });

  it('are applied once, refused or set aside, each as it deserves', async () => {
    const all = [...genuine, ...stray.map(([message]) => message), ...forged];
    const answers = await send(live, shuffled(Array.from({ length: COPIES }, () => all).flat()));
    const answersTo = (messages: readonly Message[]) =>
      new Set(messages.flatMap((message) => answers.filter(([sent]) => sent === message).map(([, status]) => status)));
    expect(answers).toHaveLength(COPIES * (GENUINE + STRAY + FORGED));
    expect([answersTo(genuine), answersTo(stray.map(([message]) => message)), answersTo(forged)]).toEqual([
      new Set([200]),
      new Set([200]),
      new Set([401]),
    ]);

    await live.deliver();
    const { rows } = await live.owner.query<{ id: string; status: Verdict }>(
      'select provider_event_id as id, status from engine.inbox where provider_event_id = any($1)',
      [all.map(({ id }) => id)],
    );
    const verdicts = new Map(rows.map(({ id, status }) => [id, status]));
    expect(rows).toHaveLength(GENUINE + STRAY);
    expect(new Set(genuine.map(({ id }) => verdicts.get(id)))).toEqual(new Set(['applied']));
    expect(stray.map(([{ id }]) => verdicts.get(id))).toEqual(stray.map(([, verdict]) => verdict));
    expect(forged.filter(({ id }) => verdicts.has(id))).toEqual([]);
  });

  it('moved each deal by its own messages only, by each of them once', async () => {
    const { rows } = await live.owner.query<{ id: string; times: number }>(
      `select substring(cause from '^webhook:[a-z]+:(.*)$') as id, count(*)::int as times from engine.history
        where kind = 'webhook' and instance_id = any($1) group by 1`,
      [deals.map(({ id }) => id)],
    );
    const times = new Map(rows.map((row) => [row.id, row.times]));
    expect(new Set(genuine.map(({ id }) => times.get(id)))).toEqual(new Set([1]));
    expect([...stray.map(([message]) => message), ...forged].filter(({ id }) => times.has(id))).toEqual([]);
    for (const deal of deals) {
      expect(await deal.place()).toMatch(/^FUNDED/);
      await live.prove(deal.id);
    }
  });
});

type Context = Pick<InvestmentContext, 'envelopeId' | 'transactionId'>;

/** Sends everything, so many at a time; answers each message with its status. */
async function send(live: LiveService, messages: Message[]): Promise<[Message, number][]> {
  const answers: [Message, number][] = [];
  const rest = messages.values();
  const sender = async () => {
    for (const message of rest) {
      const headers = { 'content-type': 'application/json', ...message.headers };
      const { status } = await fetch(`${live.url}${message.path}`, { method: 'POST', headers, body: message.body });
      answers.push([message, status]);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT }, sender));
  return answers;
}

/** In another order, the same one each time. */
function shuffled<T>(items: readonly T[]): T[] {
  let seed = 1;
  const next = () => (seed = (seed * 48_271) % 2_147_483_647);
  return items
    .map((item) => ({ item, at: next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

const seconds = (): number => Math.floor(Date.now() / 1000);
