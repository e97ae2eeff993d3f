import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { transactionIdOf } from '../../src/integrations/docusign/envelope.js';
import { Balancer } from '../support/balancer.js';
import { Fleet, offer, type Member } from '../support/fleet.js';

/** Who is killed, and when, follows from this number; give it again to see the same. */
const SEED = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9));
const DEALS = 5;
/** Deals that nobody answers: their deadlines have to end them. */
const SILENT = 12;
/** While the deals are worked on, and while the deadlines fall due. */
const KILLS = { working: 6, due: 3 };
const PAUSE_MS = { least: 300, most: 1_200 };
const LIMIT_MS = 600_000;

/** Numbers from 0 to 1 that look random and follow from the seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Deal {
  status: string;
  state: string;
  phase: string | null;
  revision: number;
  context: { envelopeId?: string; transactionId?: string };
}
interface Ack {
  key: string;
  instanceId: string;
  seq: number | undefined;
}

let fleet: Fleet;
let balancer: Balancer;
let webhooks: Server;
const acks: Ack[] = [];
let retries = 0;

beforeAll(async () => {
  fleet = await Fleet.start();
  const env = { OUTBOX_LEASE_MS: '3000', OUTBOX_POLL_MS: '200', TIMER_POLL_MS: '200', DB_POOL_SIZE: '5' };
  const apis = [await fleet.member('api', env), await fleet.member('api', env)];
  const workers = [1, 2, 3].map(() => fleet.member('worker', env));
  await Promise.all([...apis, ...(await Promise.all(workers))].map((member) => member.start()));
  balancer = new Balancer(apis);
  webhooks = await forwarding(balancer);
  fleet.sandbox.aimWebhooksAt(`http://127.0.0.1:${(webhooks.address() as AddressInfo).port}`);
  await fleet.pitches(DEALS + SILENT);
}, 600_000);
afterAll(async () => {
  await balancer.stop();
  webhooks.close();
  await fleet.stop();
});

/** Where providers send their messages: one address, whoever is behind it. */
async function forwarding(to: Balancer): Promise<Server> {
  const server = createServer((request, response) => {
    void text(request).then(async (body) => {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      const answer = await to.send('POST', request.url ?? '/', headers, body).catch(() => ({ status: 502, body: '' }));
      response.writeHead(answer.status).end(answer.body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** Asks until there is an answer that decides: whoever is away comes back, and the key sees to it that nothing is done twice. */
async function insist(
  role: string,
  method: string,
  path: string,
  { key, body }: { key?: string; body?: object } = {},
): Promise<Record<string, unknown>> {
  const headers = {
    authorization: `Bearer ${fleet.keys[role]}`,
    ...(body && { 'content-type': 'application/json' }),
    ...(key !== undefined && { 'idempotency-key': key }),
  };
  for (;;) {
    const answer = await balancer
      .send(method, path, headers, body && JSON.stringify(body))
      .catch(() => ({ status: 599, body: '' }));
    if (answer.status < 500 && answer.status !== 429) {
      const told = JSON.parse(answer.body || '{}') as Record<string, unknown>;
      if (answer.status < 300 && key !== undefined)
        acks.push({ key, instanceId: String(told['instanceId']), seq: told['seq'] as number | undefined });
      return told;
    }
    retries += 1;
    await pause(50);
  }
}

const atSandbox = (path: string, body: object = {}): Promise<unknown> =>
  fetch(`${fleet.sandbox.url}/_sandbox/${path}`, { method: 'POST', body: JSON.stringify(body) });

async function begin(pitch: number): Promise<string> {
  const key = `offer-${pitch}`;
  const made = await insist('investor', 'POST', '/api/workflows/investment/create', { key, body: offer(pitch) });
  return String(made['instanceId']);
}

/** Does for one deal whatever it waits for, until it has ended. */
async function drive(pitch: number): Promise<string> {
  const id = await begin(pitch);
  const event = (role: string, revision: number, type: string, payload: object = {}) =>
    insist(role, 'POST', `/api/instances/${id}/events`, { key: `${type}-${id}-${revision}`, body: { type, payload } });
  const sign = async ({ phase, context: { envelopeId } }: Deal): Promise<void> => {
    for (const role of ['investor', 'creator'])
      if (phase?.includes(`${role}.open`)) await atSandbox(`docusign/envelopes/${envelopeId}/sign`, { role });
  };
  const deeds: Record<string, (deal: Deal) => Promise<unknown>> = {
    'NEGOTIATION.awaitingCreator': ({ revision }) =>
      event('creator', revision, 'creator-decision', { decision: 'approve' }),
    'TERM_SHEET.signing': sign,
    'DUE_DILIGENCE.reviewing': async ({ revision }) => {
      for (const item of ['dd_documents_provided', 'dd_review_complete'])
        await insist('legal', 'PUT', `/api/workflows/investment/${id}/checklist/${item}`, { body: { done: true } });
      await event('legal', revision, 'due-diligence-complete');
    },
    COMMITMENT: ({ revision }) => event('investor', revision, 'commitment-confirmed', { confirmed: true }),
    'ESCROW.awaitingPayment': ({ context: { transactionId } }) =>
      atSandbox(`stripe/payment_intents/${transactionId}/confirm`),
    'CLOSING.documents.signing': sign,
  };
  for (;;) {
    const deal = (await insist('admin', 'GET', `/api/instances/${id}`)) as unknown as Deal;
    if (deal.status !== 'active') return id;
    const where = [deal.state, deal.phase].filter(Boolean).join('.');
    await Object.entries(deeds).find(([place]) => where.startsWith(place))?.[1](deal);
    await pause(200);
  }
}

/** Kills one process after the other, whoever it hits, and starts each again at once. At most two are away at a time. */
async function kill(times: number, random: () => number): Promise<void> {
  const away = new Map<Member, Promise<unknown>>();
  for (let kills = 0; kills < times; kills++) {
    await pause(PAUSE_MS.least + random() * (PAUSE_MS.most - PAUSE_MS.least));
    const choice = Math.floor(random() * fleet.members.length);
    const member = fleet.members[choice];
    if (!member) throw new Error('there are five');
    // Who is just starting gets there first.
    await away.get(member);
    if (away.size >= 2) await Promise.race(away.values());
    await member.end('SIGKILL');
    away.set(
      member,
      member.start().then(() => away.delete(member)),
    );
  }
  await Promise.all(away.values());
}

/** Waits until a question has no rows to show. */
async function none(sql: string): Promise<void> {
  for (let waited = 0; (await fleet.rows(sql)).length > 0; waited += 100) {
    if (waited > 60_000) throw new Error(`still there: ${sql}: ${JSON.stringify(await fleet.rows(sql))}`);
    await pause(100);
  }
}

describe(`two API processes and three workers on one database, killed at random (SEED=${SEED})`, () => {
  let deals: string[] = [];
  let silent: string[] = [];

  beforeAll(async () => {
    const random = randomFrom(SEED);
    [deals, silent] = await Promise.all([
      Promise.all(Array.from({ length: DEALS }, (_, index) => drive(index + 1))),
      Promise.all(Array.from({ length: SILENT }, (_, index) => begin(DEALS + index + 1))),
      kill(KILLS.working, random),
    ]);
    await none(`select id, state from engine.instances where status = 'active' and state = 'INTEREST'`);
    // Now every deadline passes at once.
    await insist('admin', 'POST', '/admin/clock', { body: { advance: '60d' } });
    await kill(KILLS.due, random);
    await none(`select id, state from engine.instances where status = 'active'`);
    await none(`select id, type, status, last_error from engine.outbox where status in ('pending', 'claimed')`);
    const kills = KILLS.working + KILLS.due;
    console.info(`processes: SEED=${SEED}, ${kills} kills, ${acks.length} acks, ${retries} retries`);
  }, LIMIT_MS);

  it('every deal arrives, and every acknowledged event is there once (P1, P2)', async () => {
    const rows = await fleet.rows<{ id: string; state: string }>('select id, state from engine.instances');
    const states = new Map(rows.map(({ id, state }) => [id, state]));
    expect(deals.map((id) => states.get(id))).toEqual(deals.map(() => 'COMPLETED'));
    expect(rows).toHaveLength(DEALS + SILENT);
    const history = await fleet.rows<Ack>(
      `select idempotency_key as key, instance_id as "instanceId", seq::int from engine.history where idempotency_key is not null`,
    );
    expect(new Set(history.map(({ key }) => key)).size).toBe(history.length);
    const found = new Map(history.map((row) => [row.key, row]));
    for (const { key, instanceId, seq } of acks)
      expect(found.get(key)).toMatchObject({ instanceId, ...(seq !== undefined && { seq }) });
  });

  it('every effect is done once, by its key, where the provider knows keys (P8)', async () => {
    const ledger = (await fleet.ledger()).filter(({ provider }) => provider === 'stripe');
    const keyed = ledger.filter(({ key }) => key !== null).map(({ kind, key }) => `${kind} ${key}`);
    expect(keyed.filter((name, index) => keyed.indexOf(name) !== index)).toEqual([]);
    const once = ['payment_intent.create', 'payment_intent.confirm', 'payment_intent.capture', 'transfer.create'];
    for (const id of deals) {
      const mine = ledger.filter(({ instanceId }) => instanceId === id).map(({ kind }) => kind);
      expect(once.map((kind) => [kind, mine.filter((each) => each === kind).length])).toEqual(
        once.map((kind) => [kind, 1]),
      );
    }
  });

  it('an envelope is sent once, whoever was cut off while making one', async () => {
    const ledger = (await fleet.ledger()).filter(({ kind }) => kind === 'envelope.create');
    const rows = await fleet.rows<{ key: string }>(
      `select key from engine.outbox where type = 'docusign.envelope' and status = 'done'`,
    );
    expect(rows).toHaveLength(2 * DEALS);
    expect(ledger.map(({ key }) => key).toSorted()).toEqual(rows.map((row) => transactionIdOf(row)).toSorted());
  });

  it('no deadline is lost, and none comes twice (P12)', async () => {
    const fired = await fleet.rows<{ id: string; n: number }>(
      `select i.id, count(h.seq)::int as n from engine.instances i
         left join engine.history h on h.tenant = i.tenant and h.instance_id = i.id and h.kind = 'timer'
        where i.id = any($1) group by i.id`,
      silent,
    );
    expect(fired.map(({ n }) => n)).toEqual(silent.map(() => 1));
    expect(await fleet.rows(`select timer_id from engine.timers where fired_at is null`)).toEqual([]);
    const twice = await fleet.rows(
      `select instance_id, cause from engine.history where kind = 'timer' group by instance_id, cause having count(*) > 1`,
    );
    expect(twice).toEqual([]);
  });

  it('nothing stays claimed, nothing died (P7, P10)', async () => {
    const left = await fleet.rows(
      `select id, type, status, last_error from engine.outbox where status <> 'done' and status <> 'cancelled'`,
    );
    expect(left).toEqual([]);
  });

  it('the histories are whole and lead to what is stored (P3, S9)', async () => {
    for (const id of [...deals, ...silent]) {
      expect(await insist('admin', 'GET', `/admin/audit/verify/${id}`)).toMatchObject({ ok: true });
      expect(await insist('admin', 'GET', `/admin/audit/replay/${id}`)).toMatchObject({ ok: true });
    }
  });
});
