/** Every effect of the investment under every fault of the providers: done once, at the end all the same, and nothing stuck. */
import { OutboxWorker } from '../../src/engine/workers/outbox.worker.js';
import type { FaultKind } from '../../src/integrations/sandbox/faults.js';
import type { Provider } from '../../src/integrations/sandbox/ledger.js';
import { drive } from '../support/drive.js';
import { Journey } from '../support/journey.js';
import { liveService, type LiveService } from '../support/live.js';

const service = liveService();

/** Way of a deal: `strike` lets the faults begin. */
interface Way {
  walk(live: LiveService, strike: (journey: Journey) => Promise<void>): Promise<Journey>;
  state: string;
  /** What the providers have really done at the end, besides mail. */
  ledger: Record<string, number>;
}

const HELD = { 'payment_intent.create': 1, 'payment_intent.confirm': 1, 'envelope.create': 2 };
const PAID = { ...HELD, 'payment_intent.capture': 1 };

const whole: Way = {
  walk: async (live, strike) => {
    const journey = await Journey.begin(live);
    await strike(journey);
    await drive(live, journey);
    return journey;
  },
  state: 'COMPLETED',
  ledger: { ...PAID, 'transfer.create': 1 },
};

/** The same, and the faults begin with the closing documents. */
const fromEscrow: Way = {
  ...whole,
  walk: async (live, strike) => {
    const journey = await Journey.begin(live);
    await drive(live, journey, 'ESCROW');
    await strike(journey);
    await drive(live, journey);
    return journey;
  },
};

/** The same, and Stripe has never heard of the investor. */
const newcomer: Way = {
  ...whole,
  walk: async (live, strike) => {
    await live.owner.query(`update deals.investors set stripe_customer_id = null where id = 'inv_123'`);
    const journey = await Journey.begin(live);
    await journey.atSandbox('reset', {});
    await strike(journey);
    await drive(live, journey);
    return journey;
  },
};

/** Nobody signs the closing documents in time (R000-42): the hold is released, the envelope called back. */
const neverClosed: Way = {
  walk: async (live, strike) => {
    const journey = await Journey.begin(live);
    await drive(live, journey, 'CLOSING');
    await strike(journey);
    await live.fire(journey.id, 'xstate.after.CLOSING.investment.CLOSING');
    await journey.work();
    return journey;
  },
  state: 'FAILED',
  ledger: { ...HELD, 'payment_intent.cancel': 1, 'envelope.void': 1 },
};

/** The creator cannot be paid (R000-43): what the investor paid is refunded. */
const notPayable: Way = {
  walk: async (live, strike) => {
    const account = (id: string) =>
      live.owner.query(`update deals.creators set stripe_account_id = $1 where id = 'creator_789'`, [id]);
    await account('acct_creator_789_restricted');
    const journey = await Journey.begin(live);
    await strike(journey);
    await drive(live, journey);
    await account('acct_creator_789');
    return journey;
  },
  state: 'FAILED',
  ledger: { ...PAID, 'refund.create': 1 },
};

/** An administrator gives the deal up while a transfer is under way: it is seen through, then reversed (R000-46). */
const givenUp: Way = {
  walk: async (live, strike) => {
    const journey = await Journey.begin(live);
    await drive(live, journey, 'CLOSING.documents.signing');
    await journey.sign('investor');
    await journey.sign('creator');
    await live.sandbox.idle();
    await live.deliver();
    await live.run(journey.id, 'capture');
    await journey.fault('stripe', 'error-after', 'transfers.create');
    await live.owner.query(
      `update engine.outbox set next_attempt_at = engine.now() where instance_id = $1 and job_id = 'transfer'`,
      [journey.id],
    );
    await live.app.get(OutboxWorker).turn();
    await strike(journey);
    await live.call('POST', `/admin/workflows/${journey.id}/force-transition`, {
      fromState: 'FUNDED',
      toState: 'FAILED',
      reason: 'the creator has gone bankrupt overnight',
    });
    await journey.work();
    return journey;
  },
  state: 'FAILED',
  ledger: { ...PAID, 'transfer.create': 1, 'refund.create': 1, 'transfer.reverse': 1 },
};

/** How often a fault strikes before it goes away: once less than the least patient effect is tried. */
const TIMES = 2;
/** How long the slow are slow, milliseconds. */
const MS = 20;
const PEOPLE = ['inv_123', 'creator_789', 'legal-team'];

type Strike = { kind: FaultKind; times?: number; ms?: number };

const ANSWERS: readonly [string, Strike[]][] = [
  ['is slow', [{ kind: 'latency' }]],
  ['fails before the effect', [{ kind: 'error-before' }]],
  ['fails after the effect', [{ kind: 'error-after' }]],
  // With no time to wait the limit is over when the next attempt is made.
  ['refuses because it is asked too often', [{ kind: 'rate-limit', ms: 0 }]],
  ['never answers', [{ kind: 'timeout' }]],
];
const STRIPE_ANSWERS: readonly [string, Strike[]][] = [
  ...ANSWERS,
  ['fails and remembers the failure', [{ kind: 'error-remembered' }]],
  ['has forgotten the key on the next day', [{ kind: 'error-after', times: 1 }, { kind: 'forget-idempotency' }]],
];
const MESSAGES: readonly [string, Strike[]][] = [
  ['tells twice', [{ kind: 'webhook-duplicate' }]],
  ['tells late', [{ kind: 'webhook-delay' }]],
  ['tells in the wrong order', [{ kind: 'webhook-reorder' }]],
  ['does not tell', [{ kind: 'webhook-drop' }]],
];

/** Each effect with the way on which it is needed, and the operation of the provider that does it. */
const EFFECTS: readonly [string, Way, Provider, string, readonly [string, Strike[]][]][] = [
  ['docusign.envelope of the term sheet', whole, 'docusign', 'envelopes.create', ANSWERS],
  ['docusign.envelope of the closing documents', fromEscrow, 'docusign', 'envelopes.create', ANSWERS],
  ['docusign.void', neverClosed, 'docusign', 'envelopes.update', ANSWERS],
  ['notification.send', whole, 'smtp', 'mail', ANSWERS],
  ['stripe.hold (its customer)', newcomer, 'stripe', 'customers.create', STRIPE_ANSWERS],
  ['stripe.hold', whole, 'stripe', 'payment_intents.create', STRIPE_ANSWERS],
  ['stripe.capture', whole, 'stripe', 'payment_intents.capture', STRIPE_ANSWERS],
  ['stripe.transfer', whole, 'stripe', 'transfers.create', STRIPE_ANSWERS],
  ['stripe.release', neverClosed, 'stripe', 'payment_intents.cancel', STRIPE_ANSWERS],
  ['stripe.refund', notPayable, 'stripe', 'refunds.create', STRIPE_ANSWERS],
  ['stripe.reverse', givenUp, 'stripe', 'transfers.createReversal', STRIPE_ANSWERS],
  ['the signatures under the term sheet', whole, 'docusign', 'recipient-completed', MESSAGES],
  ['the signatures under the closing documents', fromEscrow, 'docusign', 'recipient-completed', MESSAGES],
  ['the hold', whole, 'stripe', 'payment_intent.amount_capturable_updated', MESSAGES],
  ['the capture', whole, 'stripe', 'payment_intent.succeeded', MESSAGES],
  ['the transfer', whole, 'stripe', 'transfer.created', MESSAGES],
  ['the release of the hold', neverClosed, 'stripe', 'payment_intent.canceled', MESSAGES],
];
const CASES = EFFECTS.flatMap(([effect, way, provider, operation, strikes]) =>
  strikes.map(([happens, faults]) => ({ effect, way, provider, operation, happens, faults })),
);

let mailsOfTheWhole = 0;

/** A connection for each mail takes a tenth of a second; only where mail is the matter is it worth that. */
async function wantMail(live: LiveService, wanted: boolean): Promise<void> {
  await live.owner.query('delete from notifications.preferences');
  if (wanted) return;
  await live.owner.query(
    `insert into notifications.preferences (tenant, user_id, type, channel, enabled)
     select distinct tenant, person, params ->> 'template', 'email', false
       from engine.outbox cross join unnest($1::text[]) as person where type = 'notification.send'`,
    [PEOPLE],
  );
}

/** Lets every attempt at Stripe that has to be made again be a day late, when the key no longer protects. */
async function retryOnTheNextDay(live: LiveService, isSo: boolean): Promise<void> {
  await live.owner.query(`
    drop trigger if exists next_day on engine.outbox;
    create or replace function engine.next_day() returns trigger language plpgsql as $$
      begin new.created_at := new.created_at - interval '1 day'; return new; end $$`);
  if (!isSo) return;
  await live.owner.query(`
    create trigger next_day before update on engine.outbox for each row
      when (old.status = 'claimed' and new.status = 'pending' and new.type like 'stripe.%') execute function engine.next_day()`);
}

async function countsOf(journey: Journey): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { kind } of await journey.ledger()) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

/** How often the faults that were asked for have not struck. */
async function strikesLeft({ sandbox }: LiveService): Promise<number> {
  const faults = (await (await fetch(`${sandbox.url}/_sandbox/faults`)).json()) as { times: number }[];
  return faults.reduce((sum, { times }) => sum + times, 0);
}

/** What is still to be done though nobody is asked any more. */
async function leftOver(live: LiveService, { id }: Journey): Promise<unknown[]> {
  const { rows } = await live.owner.query(
    `select id, type, status, last_error from engine.outbox where instance_id = $1 and status in ('pending', 'claimed', 'dead')
     union all select null, timer_id, 'overdue', null from engine.timers where instance_id = $1 and fired_at is null and due_at < engine.now()
     union all select null, type, status, null from engine.inbox where instance_id = $1 and status not in ('applied', 'ignored')`,
    [id],
  );
  return rows;
}

beforeAll(async () => {
  const live = await service();
  const journey = await whole.walk(live, async () => undefined);
  const { mail = 0, ...deeds } = await countsOf(journey);
  expect(deeds).toEqual(whole.ledger);
  mailsOfTheWhole = mail;
});

describe('every effect happens once and every deal ends where it should (R000-5, R000-40 to R000-46, R000-79 to R000-88)', () => {
  it.each(CASES)('$effect: $provider $happens', async ({ way, provider, operation, faults }) => {
    const live = await service();
    await wantMail(live, provider === 'smtp');
    await retryOnTheNextDay(
      live,
      faults.some(({ kind }) => kind === 'forget-idempotency'),
    );
    const journey = await way.walk(live, async (deal) => {
      for (const fault of faults)
        await deal.atSandbox('faults', { times: TIMES, ms: MS, ...fault, match: { provider, operation } });
    });
    expect(await strikesLeft(live)).toBeLessThan(faults.reduce((sum, { times = TIMES }) => sum + times, 0));
    await live.repair();
    const { mail = 0, ...deeds } = await countsOf(journey);
    expect({ place: await journey.place(), deeds, left: await leftOver(live, journey) }).toEqual({
      place: way.state,
      deeds: way.ledger,
      left: [],
    });
    if (provider === 'smtp') expect(mail).toBe(mailsOfTheWhole);
    await live.prove(journey.id);
  });
});

describe('a capture whose answer never comes', () => {
  it('is refunded when the deal fails for it (R000-43, R000-46)', async () => {
    const live = await service();
    const journey = await Journey.begin(live);
    // More often than it is tried.
    await journey.fault('stripe', 'error-after', 'payment_intents.capture', 10);
    await drive(live, journey);
    expect(await journey.place()).toBe('FAILED');
    const { mail: _, ...deeds } = await countsOf(journey);
    expect(deeds).toEqual(notPayable.ledger);
    await live.repair();
  });
});

describe('a transfer whose answer never comes, nor its message', () => {
  it('is taken back before the investor is paid back (R000-43, R000-46)', async () => {
    const live = await service();
    const journey = await Journey.begin(live);
    await drive(live, journey, 'CLOSING.documents.signing');
    await journey.fault('stripe', 'error-after', 'transfers.create', 10);
    await journey.fault('stripe', 'webhook-drop', 'transfer.created', 10);
    await journey.sign('investor');
    await journey.sign('creator');
    await journey.work();
    expect(await journey.place()).toBe('FAILED');
    const { mail: _, ...deeds } = await countsOf(journey);
    expect(deeds).toEqual({ ...PAID, 'transfer.create': 1, 'transfer.reverse': 1, 'refund.create': 1 });
    await live.repair();
  });
});

describe('a dead effect that is revived', () => {
  it('finds what its earlier attempts have made after all, and keeps the receipt of each (R000-84, R000-98)', async () => {
    const live = await service();
    const journey = await Journey.begin(live);
    await journey.fault('docusign', 'error-after', 'envelopes.create');
    await journey.fault('docusign', 'error-before', 'envelopes.list', 2);
    await journey.toTermSheet();
    expect(await journey.place()).toMatch(/^TERM_SHEET.manual/);
    const [dead] = (await leftOver(live, journey)) as { id: number }[];
    await live.call('POST', `/admin/dead-letters/${dead?.id}/replay`, { reason: 'DocuSign is well again, they say' });
    await journey.work();
    expect(await countsOf(journey)).toMatchObject({ 'envelope.create': 1 });
    const { body } = await live.call('GET', `/api/instances/${journey.id}/effects`);
    const effects = body['data'] as unknown as { type: string; attempts: { attempt: number; outcome: string }[] }[];
    expect(effects.find(({ type }) => type === 'docusign.envelope')?.attempts).toMatchObject([
      { attempt: 1, outcome: 'retry', provider: 'docusign', responseCode: '500' },
      { attempt: 2, outcome: 'retry' },
      { attempt: 3, outcome: 'retry' },
      { attempt: 4, outcome: 'done', providerId: expect.any(String) },
    ]);
  });
});
