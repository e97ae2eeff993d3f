/** The last approval of a contract and the event that sends it on: a process that dies between them leaves neither. */
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { Config } from '../../src/platform/config.js';
import { beside } from '../support/beside.js';
import type { Member } from '../support/fleet.js';
import { liveService, type LiveService } from '../support/live.js';
import { PitchWorld, type Bidder } from '../support/production.world.js';

const LONGEST_MS = 60_000;

const service = liveService();
let api: Member;
beforeAll(async () => {
  api = await (await beside(await service(), 'api')).start();
}, 600_000);
afterAll(async () => {
  await api.end('SIGKILL');
});

/** A contract that only its creator has not approved yet. */
async function almostApproved(live: LiveService): Promise<{ world: PitchWorld; bidder: Bidder }> {
  const world = await PitchWorld.begin(live);
  const bidder = await world.holder('a');
  await world.asCompany(bidder, 'terms-agreed');
  await world.work();
  await world.approve(bidder, 'company');
  return { world, bidder };
}

/** Polls until something is so. */
async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (let waited = 0; waited < LONGEST_MS; waited += 20, await pause(20)) if (await isSo()) return;
  throw new Error(`it does not come to pass that ${what}`);
}

const sentOn = async (live: LiveService, { id }: Bidder): Promise<number | null> =>
  (await live.owner.query(`select 1 from engine.history where instance_id = $1 and type = 'contract-approved'`, [id]))
    .rowCount;

it('a process killed between the last approval and its event leaves neither, and asking again does both once (R000-60)', async () => {
  const live = await service();
  const { world, bidder } = await almostApproved(live);
  const before = await live.fingerprint(bidder.id);
  const keeper = new pg.Client(live.app.get(Config).databaseUrl);
  await keeper.connect();
  // What the transition needs after the tick has been written: there it waits until it is killed.
  await keeper.query('begin');
  await keeper.query('select 1 from deals.leases where key = $1 for update', [`pitch:${world.pitchId}`]);
  const path = `/api/workflows/production/${bidder.id}/checklist/contract_approved_by_creator`;
  const token = await live.tokenFor(world.creatorId, ['creator']);
  const unheard = fetch(`${api.url}${path}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ done: true }),
  }).then(
    ({ status }) => status,
    () => 'nothing',
  );
  let blocked: number[] = [];
  await until('the transition waits in the middle', async () => {
    const { rows } = await live.owner.query<{ pid: number }>(
      `select pid from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock' and query like '%deals.leases%'`,
    );
    blocked = rows.map(({ pid }) => pid);
    return blocked.length > 0;
  });
  await api.end('SIGKILL');
  await keeper.query('rollback');
  await keeper.end();
  expect(await unheard).toBe('nothing');
  await until('its connection is gone', async () => {
    const { rowCount } = await live.owner.query('select 1 from pg_stat_activity where pid = any($1)', [blocked]);
    return rowCount === 0;
  });

  expect(await live.fingerprint(bidder.id)).toEqual(before);
  const { body } = await live.call('GET', path.slice(0, path.lastIndexOf('/')));
  expect(body['data']).toMatchObject([
    { item: 'contract_approved_by_creator', done: false },
    { item: 'contract_approved_by_company', done: true },
  ]);

  expect(await world.approve(bidder, 'creator')).toMatchObject({ status: 200 });
  expect(await world.place(bidder)).toBe('CONTRACT.sending');
  // Whoever was not heard asks again.
  expect(await world.approve(bidder, 'creator')).toMatchObject({ status: 200 });
  expect(await sentOn(live, bidder)).toBe(1);
}, 600_000);

it('the last approval is one transaction with its event, whoever of two is last (R000-60)', async () => {
  const live = await service();
  const { world, bidder } = await almostApproved(live);
  await live.owner.query('delete from deals.checklist_items where instance_id = $1', [bidder.id]);
  const answers = await Promise.all(
    (['company', 'creator'] as const).map((approver) => world.approve(bidder, approver)),
  );
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  expect(await sentOn(live, bidder)).toBe(1);
}, 600_000);
