import { Balancer } from '../support/balancer.js';
import { ask, Fleet, offer, type Member } from '../support/fleet.js';

const CLIENTS = 8;
const RESTARTS = 4;
const MOST_PITCHES = 20_000;
/** P19. */
const STOP_LIMIT_MS = 10_000;

let fleet: Fleet;
let members: Member[];
let balancer: Balancer;

beforeAll(async () => {
  fleet = await Fleet.start();
  const env = { SHUTDOWN_DELAY_MS: '400' };
  members = [await fleet.member('api', env), await fleet.member('api', env)];
  await Promise.all(members.map((member) => member.start()));
  await fleet.pitches(MOST_PITCHES);
  balancer = new Balancer(members);
});
afterAll(async () => {
  await balancer.stop();
  await fleet.stop();
});

const headers = (more: Record<string, string> = {}): Record<string, string> => ({
  authorization: `Bearer ${fleet.keys['admin']}`,
  ...more,
});

/** Clients who write and read without a pause. What fails is not tried again: it is the balancer's to see that nothing does. */
function clients(): { stop(): Promise<void>; acked: Set<string>; failures: string[]; answered: number } {
  const run = { acked: new Set<string>(), failures: [] as string[], answered: 0, stop: () => Promise.resolve() };
  let stopped = false;
  let pitch = 0;
  const send = async (method: string, path: string, key?: string, body?: object): Promise<string> => {
    const more = { ...(body && { 'content-type': 'application/json' }), ...(key && { 'idempotency-key': key }) };
    try {
      const answer = await balancer.send(method, path, headers(more), body && JSON.stringify(body));
      run.answered += 1;
      if (answer.status < 300) return answer.body;
      run.failures.push(`${method} ${path}: ${answer.status} ${answer.body}`);
    } catch (error) {
      run.failures.push(`${method} ${path}: ${String(error)}`);
    }
    return '{}';
  };
  const client = async (): Promise<void> => {
    while (!stopped) {
      const mine = ++pitch;
      const made = await send('POST', '/api/workflows/investment/create', `offer-${mine}`, offer(mine));
      const { instanceId } = JSON.parse(made) as { instanceId?: string };
      if (instanceId === undefined) continue;
      run.acked.add(instanceId);
      for (let reads = 0; reads < 3; reads++) await send('GET', `/api/instances/${instanceId}`);
    }
  };
  const running = Promise.all(Array.from({ length: CLIENTS }, client));
  run.stop = async () => {
    stopped = true;
    await running;
  };
  return run;
}

describe('while one API process after the other is restarted under load', () => {
  it('no request fails, and what was acknowledged is there (P19, P1)', async () => {
    const load = clients();
    const ends: { code: number | null; ms: number }[] = [];
    for (let restart = 0; restart < RESTARTS; restart++) {
      const member = members[restart % members.length];
      if (!member) throw new Error('there are two');
      ends.push(await member.end('SIGTERM'));
      await member.start();
      while (!balancer.isReady(member)) await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await load.stop();
    console.info(`shutdown: ${load.failures.length} of ${load.answered} requests failed in ${RESTARTS} restarts`);
    expect(load.failures).toEqual([]);
    expect(load.answered).toBeGreaterThan(100);
    expect(ends.map(({ code }) => code)).toEqual(ends.map(() => 0));
    for (const { ms } of ends) expect(ms).toBeLessThan(STOP_LIMIT_MS);
    const rows = await fleet.rows<{ id: string }>(`select instance_id as id from engine.history where kind = 'start'`);
    expect(rows.map(({ id }) => id).sort()).toEqual([...load.acked].sort());
  });

  it('whoever waits or follows a stream is sent away with an answer, and the process does not wait for them', async () => {
    const [member, other] = members;
    if (!member || !other) throw new Error('there are two');
    const created = await ask(member.url, 'POST', '/api/workflows/investment/create', {
      key: fleet.keys['admin'],
      body: offer(MOST_PITCHES),
    });
    const id = String(created.body['instanceId']);
    const waiting = ask(member.url, 'GET', `/api/instances/${id}/wait?for=COMPLETED&timeout=60s`, {
      key: fleet.keys['admin'],
    });
    const stream = await fetch(`${member.url}/api/instances/${id}/stream`, { headers: headers() });
    const followed = stream.text();
    const end = member.end('SIGTERM');
    expect(await waiting).toMatchObject({ status: 200, body: { id, reached: false } });
    expect(await followed).toContain('event: transition');
    expect(await end).toMatchObject({ code: 0 });
    expect((await end).ms).toBeLessThan(STOP_LIMIT_MS);
    expect(await member.isReady()).toBe(false);
    expect(await other.isReady()).toBe(true);
    await member.start();
  });
});

describe('a process that was told to stop', () => {
  it('says that it is not ready before it stops to answer, and lets go of its connections', async () => {
    const [member] = members;
    if (!member) throw new Error('there are two');
    const end = member.end('SIGTERM');
    let last: Response | undefined;
    for (;;) {
      const answer = await fetch(`${member.url}/health/ready`).catch(() => undefined);
      if (!answer) break;
      last = answer.status === 503 ? answer : last;
    }
    expect(last?.status).toBe(503);
    expect(last?.headers.get('connection')).toBe('close');
    expect(await last?.json()).toMatchObject({
      code: 'NOT_READY',
      errors: [{ field: 'process', message: 'stopping' }],
    });
    expect((await end).code).toBe(0);
  });
});
