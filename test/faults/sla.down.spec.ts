import { setTimeout as pause } from 'node:timers/promises';
import { Fleet, type Member } from '../support/fleet.js';

const LIMIT_MS = 300_000;
const LOOK_EVERY_MS = 50;

let fleet: Fleet;
beforeAll(async () => {
  fleet = await Fleet.start();
}, 600_000);
afterAll(() => fleet.stop());

/** Lets business time pass in the database, with nobody there to notice. */
const pass = (hours: number) =>
  fleet.owner.query('update engine.clock set offset_ms = offset_ms + $1', [hours * 3_600_000]);

const breaches = async (signal: number) =>
  (
    await fleet.owner.query<{ reason_code: string; resolved: boolean }>(
      `select reason_code, resolved_at is not null as resolved from workstream.sla_breaches
        where tenant = 'demo' and item_type = 'signal' and item_id = $1 order by breach_id`,
      [signal],
    )
  ).rows;

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (let waited = 0; waited < LIMIT_MS; waited += LOOK_EVERY_MS) {
    if (await isSo()) return;
    await pause(LOOK_EVERY_MS);
  }
  throw new Error(`${what} did not come to be`);
}

/** Nothing is due any more, and the hourly look has been taken at this business time. */
const isAtRest = async () => {
  const { rows } = await fleet.owner.query(
    `select 1 from engine.timers where fired_at is null and due_at <= engine.now()
      union all select 1 from engine.outbox where status in ('pending', 'claimed') and next_attempt_at <= engine.now()
      union all select 1 where not exists (select from workstream.sla_sweeps where tenant = 'demo' and swept_at > engine.now() - interval '10 minutes')`,
  );
  return rows.length === 0;
};

const ask = async ({ url }: Member, method: string, path: string, body: object) => {
  const answer = await fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${fleet.keys['sales'] ?? ''}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as { signal_id: number } };
};

describe('a service that is down when an SLA is broken', () => {
  it('breaks it once it is back, exactly once, whoever comes back first and how often; a touch resolves it (R001-15, R001-58, R001-59, R001-85)', async () => {
    const [one, other, worker] = [await fleet.member('all'), await fleet.member('all'), await fleet.member('worker')];
    await one.start();
    const { status, body } = await ask(one, 'POST', '/api/signals', { source_type: 'email', dedupe_key: 'left-alone' });
    expect(status).toBe(201);
    await one.end('SIGKILL');
    await pass(30);
    expect(await breaches(body.signal_id)).toEqual([]);

    await Promise.all([other.start(), worker.start()]);
    await until('the breach', async () => (await breaches(body.signal_id)).length > 0);
    await until('rest', isAtRest);
    expect(await breaches(body.signal_id)).toEqual([{ reason_code: 'untouched', resolved: false }]);

    await Promise.all([other.end('SIGKILL'), worker.end('SIGKILL')]);
    await pass(48);
    await one.start();
    await until('rest', isAtRest);
    expect(await breaches(body.signal_id)).toHaveLength(1);

    expect(await ask(one, 'PUT', `/api/signals/${body.signal_id}`, { owner_user_id: 'sally' })).toMatchObject({
      status: 200,
    });
    await until('the resolution', async () => (await breaches(body.signal_id)).every(({ resolved }) => resolved));
    expect(await breaches(body.signal_id)).toEqual([{ reason_code: 'untouched', resolved: true }]);
  }, 600_000);
});
