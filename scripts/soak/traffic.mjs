/** Everything clients do, good and bad, all at once and for ever: deals, refusals, reads, streams, and bodies that no client should send. */
import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const USERS = 50;
/** Deals that are looked at; older ones are forgotten here, not there. */
const REMEMBERED = 200;
const PATIENCE_MS = 30_000;

/** Starts the clients; `stop` waits for them and answers how often each answer was given. */
export function startTraffic({ url, keys, clients }) {
  const world = { url, keys, deals: [], counts: new Map(), stopped: false, made: 0 };
  const running = Array.from({ length: clients }, (_, client) => live(world, client));
  return {
    counts: world.counts,
    stop: async () => {
      world.stopped = true;
      await Promise.all(running);
      return world.counts;
    },
  };
}

async function live(world, client) {
  const acts = actsOf();
  for (let step = client; !world.stopped; step++) {
    const [name, act] = acts[step % acts.length];
    try {
      count(world, name, (await act(world)) ?? 'ok');
    } catch (error) {
      count(world, name, error.cause?.code ?? error.code ?? error.name);
      // Without a service there is no traffic; it may be starting.
      if (error.cause?.code === 'ECONNREFUSED') await pause(200);
    }
  }
}

/** In turn, each client begins at another. */
const actsOf = () => [
  ['create', create],
  ['decide', decide],
  ['read', (world) => get(world, `/api/instances/${any(world)}`)],
  ['history', (world) => get(world, `/api/instances/${any(world)}/history`)],
  [
    'refused',
    (world) =>
      post(
        world,
        `/api/instances/${any(world)}/events`,
        { type: 'commitment-confirmed', payload: { confirmed: true } },
        'investor',
      ),
  ],
  ['list', (world) => get(world, '/api/instances?limit=20')],
  ['decide', decide],
  ['explain', (world) => get(world, `/api/instances/${any(world)}/explain`)],
  ['stream', (world) => stream(world, true)],
  ['unread stream', (world) => stream(world, false)],
  ['wait', (world) => get(world, `/api/instances/${any(world)}/wait?for=COMPLETED&timeout=300ms`)],
  ['diagram', (world) => get(world, `/api/instances/${any(world)}/diagram.svg`)],
  ['deep body', (world) => hostile(world, `{"type":"x","payload":${'['.repeat(5_000)}${']'.repeat(5_000)}}`)],
  ['large body', (world) => hostile(world, `{"type":"${'x'.repeat(1_100_000)}"}`)],
  ['broken body', (world) => hostile(world, '{"type":')],
  [
    'many keys',
    (world) =>
      hostile(world, JSON.stringify(Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`k${i}`, i])))),
  ],
  ['wrong type', (world) => hostile(world, 'type=x', 'text/plain')],
  ['half a body', halfABody],
  ['stranger', (world) => ask(world, 'GET', '/api/instances', `sw_${randomUUID()}`)],
  ['other user', (world) => otherUser(world)],
  ['lost', (world) => get(world, `/nowhere/${randomUUID()}`)],
  ['metrics', (world) => ask(world, 'GET', '/metrics')],
  ['ready', (world) => ask(world, 'GET', '/health/ready')],
];

async function create(world) {
  const pitchId = `pitch_soak_${++world.made}_${randomUUID().slice(0, 8)}`;
  await ask(world, 'PUT', `/admin/pitches/${pitchId}`, world.keys.admin, { title: 'Soak', creatorId: 'creator_789' });
  const offer = {
    investorId: 'inv_123',
    pitchId,
    creatorId: 'creator_789',
    proposedAmount: 50_000,
    investmentType: 'equity',
    ndaAccepted: true,
  };
  const response = await request(world, 'POST', '/api/workflows/investment/create', world.keys.investor, offer, {
    'idempotency-key': pitchId,
  });
  const { instanceId } = await response.json();
  if (instanceId) world.deals.push(instanceId);
  if (world.deals.length > REMEMBERED) world.deals.shift();
  return response.status;
}

const decide = (world) => {
  const decision = Math.random() < 0.5 ? { decision: 'approve' } : { decision: 'reject' };
  return post(world, `/api/instances/${any(world)}/events`, { type: 'creator-decision', payload: decision }, 'creator');
};

async function otherUser(world) {
  const userId = `soak_${Math.floor(Math.random() * USERS)}`;
  const response = await request(world, 'POST', '/admin/tokens', world.keys.admin, {
    userId,
    roles: ['viewer'],
    ttl: 300,
  });
  const { token } = await response.json();
  return ask(world, 'GET', '/api/instances?limit=1', token);
}

/** Follows a deal for a moment, and hangs up; some open it and never read. */
async function stream(world, reads) {
  const abort = new AbortController();
  const response = await fetch(`${world.url}/api/instances/${any(world)}/stream`, {
    headers: bearer(world.keys.admin),
    signal: abort.signal,
  });
  if (reads) await response.body?.getReader().read();
  else await pause(500);
  abort.abort();
  return response.status;
}

const hostile = (world, body, type = 'application/json') =>
  fetch(`${world.url}/api/instances/${any(world)}/events`, {
    method: 'POST',
    headers: { ...bearer(world.keys.admin), 'content-type': type },
    body,
  }).then(drained);

/** Announces a body, sends a part of it, and hangs up. */
function halfABody(world) {
  const { hostname, port } = new URL(world.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(
        `POST /api/instances/x/events HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"type":`,
      );
      setTimeout(() => socket.destroy(), 50);
    });
    socket.on('error', reject);
    socket.on('close', () => resolve('hung up'));
  });
}

const any = ({ deals }) => deals[Math.floor(Math.random() * deals.length)] ?? 'wf_none';
const bearer = (key) => (key === undefined ? {} : { authorization: `Bearer ${key}` });
const get = (world, path) => ask(world, 'GET', path, world.keys.admin);
const post = (world, path, body, role) =>
  ask(world, 'POST', path, world.keys[role], body, { 'idempotency-key': randomUUID() });
const ask = (...about) => request(...about).then(drained);

const request = (world, method, path, key, body, more = {}) =>
  fetch(world.url + path, {
    method,
    headers: { ...bearer(key), ...(body && { 'content-type': 'application/json' }), ...more },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });

async function drained(response) {
  await response.arrayBuffer();
  return response.status;
}

function count({ counts }, name, outcome) {
  const key = `${name}: ${outcome}`;
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
