import { DealSettings } from '../../src/deals/deals.settings.dto.js';
import { beside } from '../support/beside.js';
import type { Member } from '../support/fleet.js';
import { liveService, type Answer, type LiveService } from '../support/live.js';
import { PitchWorld } from '../support/production.world.js';

const service = liveService();
/** A second process, for what has to be counted together. */
let other: Member;
let investors = 0;

beforeAll(async () => {
  const live = await service();
  other = await (await beside(live, 'api')).start();
  for (const pitch of ['same', ...Array.from({ length: 14 }, (_, n) => n + 1)]) {
    const body = { title: 'A pitch', creatorId: 'creator_789' };
    expect((await live.call('PUT', `/admin/pitches/pace_pitch_${pitch}`, body)).status).toBeLessThan(300);
  }
}, 600_000);
afterAll(async () => {
  await other.end('SIGKILL');
});
beforeEach(async () => {
  await limit(10, 100);
});

const limit = async (creationsPerMinute: number | null, transitionsPerMinute: number | null): Promise<void> => {
  const live = await service();
  const { status } = await live.call('PUT', '/admin/settings/deals', { creationsPerMinute, transitionsPerMinute });
  expect(status).toBe(200);
};

/** Somebody who wants to invest, at either process. */
async function someone(live: LiveService, roles: readonly string[] = ['investor']) {
  const investorId = `pace_${++investors}`;
  const token = await live.tokenFor(investorId, roles);
  let pitches = 0;
  return {
    investorId,
    invest: async (change: object = {}, headers: Record<string, string> = {}, url = live.url) => {
      const answer = await fetch(`${url}/api/workflows/investment/create`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
        body: JSON.stringify({
          investorId,
          pitchId: `pace_pitch_${++pitches}`,
          creatorId: 'creator_789',
          proposedAmount: 5_000,
          investmentType: 'equity',
          ndaAccepted: true,
          ...change,
        }),
      });
      const body = (await answer.json()) as Record<string, unknown>;
      return { status: answer.status, retryAfter: answer.headers.get('retry-after'), body };
    },
  };
}

const passMinute = (live: LiveService): Promise<Answer> => live.call('POST', '/admin/clock', { advance: '61s' });

it('a tenant has the limits of the requirement unless it sets others (R000-99)', async () => {
  expect(new DealSettings()).toEqual({ creationsPerMinute: 10, transitionsPerMinute: 100 });
  const live = await service();
  await limit(null, null);
  expect((await live.call('GET', '/admin/settings/deals')).body).toEqual({
    creationsPerMinute: 10,
    transitionsPerMinute: 100,
  });
  for (const wrong of [{ creationsPerMinute: -1 }, { transitionsPerMinute: 1.5 }, { x: 1 }])
    expect(await live.call('PUT', '/admin/settings/deals', wrong)).toMatchObject({
      status: 400,
      body: { code: 'WF006' },
    });
  const operator = await live.tokenFor('operator_1', ['operator']);
  expect(await live.call('PUT', '/admin/settings/deals', { creationsPerMinute: 0 }, operator)).toMatchObject({
    status: 403,
  });
});

describe('a user starts at most 10 deals in any minute', () => {
  it('counted over all processes, and is told when to come back (R000-99)', async () => {
    const live = await service();
    const { invest } = await someone(live);
    const answers = await Promise.all(
      Array.from({ length: 13 }, (_, n) => invest({}, {}, n % 2 === 0 ? live.url : other.url)),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(10);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(3);
    for (const { body, retryAfter } of refused) {
      expect(body).toMatchObject({ code: 'RATE_LIMITED', detail: 'You may start deals 10 times a minute.' });
      expect(Number(retryAfter)).toBeGreaterThanOrEqual(1);
      expect(Number(retryAfter)).toBeLessThanOrEqual(60);
    }
    await passMinute(live);
    expect(await invest()).toMatchObject({ status: 200 });
  });

  it('of which nothing is stored that was refused (R000-99)', async () => {
    const live = await service();
    await limit(1, 100);
    const { invest, investorId } = await someone(live);
    expect((await invest()).status).toBe(200);
    expect((await invest({}, { 'idempotency-key': 'once-more' })).status).toBe(429);
    const stored = await live.owner.query('select 1 from deals.investment_deals where investor_id = $1', [investorId]);
    expect(stored.rowCount).toBe(1);
    // A refusal is not what the key stands for.
    await passMinute(live);
    expect((await invest({ pitchId: 'pace_pitch_2' }, { 'idempotency-key': 'once-more' })).status).toBe(200);
  });

  it('not counting what is refused, nor the same request once more (R000-99)', async () => {
    const live = await service();
    await limit(2, 100);
    const { invest } = await someone(live);
    const body = { pitchId: 'pace_pitch_same' };
    for (let again = 0; again < 3; again++)
      expect((await invest(body, { 'idempotency-key': 'same' })).status).toBe(200);
    for (let again = 0; again < 3; again++) expect((await invest(body)).status).toBe(409);
    expect((await invest()).status).toBe(200);
    expect((await invest()).status).toBe(429);
  });

  it('each for himself, and the systems of the tenant at any pace (R000-99)', async () => {
    const live = await service();
    await limit(1, 100);
    const [one, two] = [await someone(live), await someone(live)];
    expect((await one.invest()).status).toBe(200);
    expect((await two.invest()).status).toBe(200);
    const { invest } = await someone(live, ['service']);
    for (let n = 0; n < 5; n++) expect((await invest()).status).toBe(200);
  });

  it('unless the tenant has switched the limit off (R000-99)', async () => {
    const live = await service();
    await limit(0, 0);
    const { invest } = await someone(live);
    for (let n = 0; n < 12; n++) expect((await invest()).status).toBe(200);
  });
});

it('a user moves deals at most so many times in any minute, by whichever route (R000-99)', async () => {
  const live = await service();
  const world = await PitchWorld.begin(live);
  const bidder = await world.bidder('a');
  await world.asCreator(bidder, 'creator-interest-response', { decision: 'interested' });
  await limit(10, 3);
  const more = { type: 'meeting-outcome', payload: { outcome: 'need_more_info' } };
  const token = await live.tokenFor(bidder.userId, ['production']);
  const generic = () => live.call('POST', `/api/instances/${bidder.id}/events`, more, token);
  expect(await generic()).toMatchObject({ status: 200 });
  // What the state does not take is no move.
  for (let n = 0; n < 3; n++) expect(await world.asCompany(bidder, 'terms-agreed')).toMatchObject({ status: 409 });
  for (let n = 0; n < 2; n++)
    expect(await world.asCompany(bidder, more.type, more.payload)).toMatchObject({ status: 200 });
  const { revision } = await live.read(bidder.id);
  const limited = { status: 429, body: { code: 'RATE_LIMITED', detail: 'You may move deals 3 times a minute.' } };
  expect(await world.asCompany(bidder, more.type, more.payload)).toMatchObject(limited);
  expect(await generic()).toMatchObject(limited);
  expect((await live.read(bidder.id)).revision).toBe(revision);
  // The other party has his own count.
  expect(await world.asCreator(bidder, more.type, more.payload)).toMatchObject({ status: 200 });
  await passMinute(live);
  expect(await generic()).toMatchObject({ status: 200 });
});

it('an investor begins as many deals in an hour as the tenant lets him (R000-38)', async () => {
  const live = await service();
  expect((await live.call('GET', '/admin/settings/investment')).body).toMatchObject({ maxDealsPerHour: 0 });
  await live.call('PUT', '/admin/settings/investment', { maxDealsPerHour: 5 });
  const { invest } = await someone(live);
  const answers = await Promise.all(Array.from({ length: 7 }, () => invest()));
  await live.call('PUT', '/admin/settings/investment', { maxDealsPerHour: null });
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused).toHaveLength(2);
  expect(refused[0]?.body).toMatchObject({ detail: 'An investor may begin 5 deals in an hour.' });
  expect(Number(refused[0]?.retryAfter)).toBeGreaterThan(3_000);
});
