import { ask, Fleet, offer, type Answer, type Member } from '../support/fleet.js';

/** Far more than a pool of two connections can serve at a time. */
const CLIENTS = 600;
/** Each of them asks again at once when it is turned away, as no polite client would. */
const RUDE_TRIES = 3;

let fleet: Fleet;
let api: Member;

beforeAll(async () => {
  fleet = await Fleet.start();
  api = await (await fleet.member('api', { DB_POOL_SIZE: '2' })).start();
  await fleet.pitches(CLIENTS + 1);
});
afterAll(() => fleet.stop());

const create = (pitch: number): Promise<Answer> =>
  ask(api.url, 'POST', '/api/workflows/investment/create', {
    key: fleet.keys['admin'],
    body: offer(pitch),
    idempotencyKey: `offer-${pitch}`,
  });

const isAck = ({ status }: Answer): boolean => status >= 200 && status < 300;

/** Asks for the health of the process, over and over, until told to stop. */
function prober(): { stop(): Promise<number[]> } {
  let stopped = false;
  const probing = (async () => {
    const statuses: number[] = [];
    while (!stopped) {
      for (const path of ['/health/live', '/health/ready', '/metrics'])
        statuses.push((await fetch(api.url + path)).status);
    }
    return statuses;
  })();
  return {
    stop: () => {
      stopped = true;
      return probing;
    },
  };
}

describe('far more requests than a small pool can serve', () => {
  const acked = new Map<number, string>();
  const answers: Answer[] = [];
  let probes: number[];

  beforeAll(async () => {
    const probe = prober();
    await Promise.all(
      Array.from({ length: CLIENTS }, async (_, index) => {
        for (let attempt = 1; attempt <= RUDE_TRIES; attempt++) {
          const answer = await create(index + 1);
          answers.push(answer);
          if (isAck(answer)) return void acked.set(index + 1, String(answer.body['instanceId']));
        }
      }),
    );
    probes = await probe.stop();
  });

  it('are all answered: done, or not now and when to come back (P19)', () => {
    const turnedAway = answers.filter((answer) => !isAck(answer));
    expect(turnedAway.length).toBeGreaterThan(0);
    expect(acked.size).toBeGreaterThan(0);
    expect(new Set(turnedAway.map(({ status, body }) => `${status} ${String(body['code'])}`))).not.toContainEqual(
      expect.not.stringMatching(/^(429 RATE_LIMITED|503 OVERLOADED)$/),
    );
    for (const { headers } of turnedAway) expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  });

  it('do not keep health from answering, and do not make the process look unwell (P19)', () => {
    expect(probes.length).toBeGreaterThanOrEqual(3);
    expect(new Set(probes)).toEqual(new Set([200]));
  });

  it('were done exactly when it was said that they were (P1, P2)', async () => {
    const rows = await fleet.rows<{ id: string }>(`select instance_id as id from engine.history where kind = 'start'`);
    expect(rows.map(({ id }) => id).sort()).toEqual([...acked.values()].sort());
  });

  it('leave nothing behind: the next request is served, and everybody who was turned away as well', async () => {
    expect(isAck(await create(CLIENTS + 1))).toBe(true);
    const left = Array.from({ length: CLIENTS }, (_, index) => index + 1).filter((pitch) => !acked.has(pitch));
    const one = async (): Promise<void> => {
      for (let pitch = left.pop(); pitch !== undefined; pitch = left.pop())
        expect(isAck(await create(pitch))).toBe(true);
    };
    await Promise.all(Array.from({ length: 16 }, one));
    const [count] = await fleet.rows<{ n: number }>(
      `select count(*)::int as n, count(distinct idempotency_key)::int as keys from engine.history where kind = 'start'`,
    );
    expect(count).toEqual({ n: CLIENTS + 1, keys: CLIENTS + 1 });
    const { body } = await ask(api.url, 'GET', '/metrics', { key: undefined });
    expect(String(body['text'])).toContain('statewright_in_flight{kind="requests"} 0');
  });
});
