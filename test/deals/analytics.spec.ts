/** Lists and figures over deals of every kind (R000-20, R000-21, R000-94). */
import type { Analytics, TimeInState } from '../../src/deals/deals.analytics.dto.js';
import type { DealList } from '../../src/deals/deals.list.dto.js';
import type { Role } from '../../src/auth/caller.js';
import { ndaService } from '../support/ndas.js';

const ndas = ndaService();

const list = async (query: string, role: Role = 'admin') =>
  (await ndas.call<DealList>(role, 'GET', `/api/workflows/list?${query}`)).body;
const analytics = async (query: string) =>
  (await ndas.call<Analytics>('admin', 'GET', `/api/workflows/analytics?${query}`)).body.analytics;

/** A production deal as its own lifecycle writes it, beside an instance that is there. */
async function production(instanceId: string, interest: string, status = 'INTEREST'): Promise<void> {
  await ndas.owner.query(
    `insert into deals.production_deals (tenant, id, workflow_instance_id, production_company_id, production_company_user_id, creator_id, pitch_id, interest_type, status, created_at, updated_at)
     values ('demo', 'prod_' || $1, $1, 'company_1', 'company_user_1', 'creator_789', $2, $3, $4, engine.now(), engine.now())`,
    [instanceId, ndas.pitchId, interest, status],
  );
}

describe('the list of deals', () => {
  it('has all kinds in one order, newest first, page by page, with the true total (R000-20)', async () => {
    const nda = await ndas.asked();
    const investment = await ndas.begun();
    const other = await ndas.inCreatorReview();
    await production(nda, 'option');
    const all = await list(`pitchId=${ndas.pitchId}`);
    expect(all).toMatchObject({ success: true, total: 4, page: 1, limit: 50 });
    expect(all.workflows.map(({ type, workflow_instance_id: id }) => [type, id])).toEqual([
      ['production', nda],
      ['nda', other],
      ['investment', investment],
      ['nda', nda],
    ]);
    expect(all.workflows.map(({ status }) => status)).toEqual([
      'INTEREST',
      'CREATOR_REVIEW',
      'NEGOTIATION',
      'AUTO_APPROVED',
    ]);
    for (const { pitch_title } of all.workflows) expect(pitch_title).toBe('The Last Reel');
    const pages = [1, 2, 3].map((page) => list(`pitchId=${ndas.pitchId}&limit=2&page=${page}`));
    const [first, second, third] = await Promise.all(pages);
    expect([first, second, third].map((page) => page?.total)).toEqual([4, 4, 4]);
    expect([...(first?.workflows ?? []), ...(second?.workflows ?? [])]).toEqual(all.workflows);
    expect(third?.workflows).toEqual([]);
    for (const [type, total] of [
      ['nda', 2],
      ['production', 1],
      ['investment', 1],
    ] as const)
      expect(await list(`pitchId=${ndas.pitchId}&type=${type}`)).toMatchObject({ total });
  });

  it('finds a user on either side of a deal (R000-20)', async () => {
    const id = await ndas.asked();
    const { requester_id: requesterId } = await ndas.row(id);
    expect(await list(`userId=${String(requesterId)}`)).toMatchObject({
      total: 1,
      workflows: [{ type: 'nda', workflow_instance_id: id, requester_name: 'Rita Quest', duration_months: 24 }],
    });
    await production(id, 'purchase');
    expect((await list(`userId=company_user_1&pitchId=${ndas.pitchId}`)).workflows).toMatchObject([
      { type: 'production', interest_type: 'purchase' },
    ]);
    expect((await list(`userId=creator_789&pitchId=${ndas.pitchId}`)).total).toBe(2);
  });

  it('shows parties their own, and a requester nothing of his risk', async () => {
    const { body } = await ndas.ask(await ndas.request({ requesterEmail: 'ines@example.com' }, 'inv_123'));
    await ndas.deal(body.instanceId).work();
    await ndas.inCreatorReview();
    const [own] = (await list(`pitchId=${ndas.pitchId}`, 'investor')).workflows;
    expect(await list(`pitchId=${ndas.pitchId}`, 'investor')).toMatchObject({ total: 1 });
    expect(own).toMatchObject({ type: 'nda', risk_level: null, risk_score: null });
    expect((await list(`pitchId=${ndas.pitchId}`, 'creator')).workflows).toMatchObject([
      { risk_level: 'medium', risk_score: 30 },
      { risk_level: 'low', risk_score: 0 },
    ]);
    expect(await list(`pitchId=${ndas.pitchId}`, 'production')).toMatchObject({ total: 0 });
  });

  it('of what is live has what is not over and began in the last 30 days (R000-94)', async () => {
    const [live, over] = [await ndas.inCreatorReview(), await ndas.inCreatorReview()];
    await ndas.event('creator', over, 'creator-nda-review', { decision: 'reject' });
    const ids = async () =>
      (await list(`live=true&pitchId=${ndas.pitchId}`)).workflows.map(({ workflow_instance_id: id }) => id);
    expect(await ids()).toEqual([live]);
    expect((await list('live=true')).workflows.map(({ workflow_instance_id: id }) => id)).toContain(live);
    await ndas.owner.query(
      `update deals.ndas set created_at = created_at - interval '31 days' where workflow_instance_id = $1`,
      [live],
    );
    expect(await ids()).toEqual([]);
  });

  it.each([
    '',
    'live=false',
    'live=yes&userId=a',
    'userId=a&limit=51',
    'userId=a&page=0',
    'userId=a&type=tea',
    'userId=a%20b',
  ])('refuses %j', async (query) =>
    expect(await ndas.call('admin', 'GET', `/api/workflows/list?${query}`)).toMatchObject({
      status: 400,
      body: { code: 'WF006' },
    }),
  );
});

describe('the figures of a pitch', () => {
  it('count every state an NDA ever reached, and how they were decided (R000-21)', async () => {
    await ndas.active();
    const reviewed = await ndas.inCreatorReview();
    const rejected = await ndas.inLegalReview();
    await ndas.event('legal', rejected, 'legal-review', { decision: 'reject' });
    await ndas.asked();
    const { pitch } = await analytics(`pitchId=${ndas.pitchId}`);
    expect(await ndas.place(reviewed)).toBe('CREATOR_REVIEW.awaitingDecision');
    expect(pitch?.ndaFunnel).toEqual([
      { status: 'DRAFT', count: 4 },
      { status: 'PENDING', count: 4 },
      { status: 'AUTO_APPROVED', count: 2 },
      { status: 'CREATOR_REVIEW', count: 1 },
      { status: 'LEGAL_REVIEW', count: 1 },
      { status: 'REJECTED', count: 1 },
      { status: 'SIGNED', count: 1 },
      { status: 'ACTIVE', count: 1 },
    ]);
    expect(pitch?.ndaStats).toMatchObject({
      total: 4,
      active: 1,
      automatic_share: '50.00%',
      routes: [
        { route: 'AUTO_APPROVED', count: 2 },
        { route: 'CREATOR_REVIEW', count: 1 },
        { route: 'LEGAL_REVIEW', count: 1 },
      ],
    });
    const scores = await ndas.rows<{ risk_score: number }>(
      'select risk_score from deals.ndas where pitch_id = $1',
      ndas.pitchId,
    );
    const sum = scores.reduce((total, { risk_score }) => total + risk_score, 0);
    expect(pitch?.ndaStats.avg_risk_score).toBe(Math.round((sum / 4) * 100) / 100);
  });

  it('count the interest of production companies by its kind (R000-21)', async () => {
    for (const interest of ['option', 'purchase', 'option']) await production(await ndas.asked(), interest, 'REJECTED');
    const { pitch } = await analytics(`pitchId=${ndas.pitchId}`);
    expect(pitch?.productionInterest).toEqual([
      { interest_type: 'option', count: 2 },
      { interest_type: 'purchase', count: 1 },
    ]);
  });

  it('tell how long NDAs stayed where they were, in percentiles', async () => {
    const HOUR = 3_600_000;
    for (const hours of [10, 20, 30]) {
      const id = await ndas.inCreatorReview();
      await ndas.advance(id, `${hours}h`);
      await ndas.event('creator', id, 'creator-nda-review', { decision: 'reject' });
    }
    const { pitch } = await analytics(`pitchId=${ndas.pitchId}`);
    const stays = pitch?.timeInState ?? [];
    const review = stays.find(({ state }) => state === 'CREATOR_REVIEW') as TimeInState;
    expect(review).toMatchObject({ type: 'nda', count: 3 });
    const hours = ({ averageMs, p50Ms, p95Ms, p99Ms }: TimeInState) =>
      [averageMs, p50Ms, p95Ms, p99Ms].map((ms) => Math.round((ms / HOUR) * 10) / 10);
    expect(hours(review)).toEqual([20, 20, 29, 29.8]);
    expect(stays.map(({ state }) => state)).toEqual(['DRAFT', 'PENDING', 'CREATOR_REVIEW']);
  });

  it('show the risk of each NDA to whoever draws curves (R000-7)', async () => {
    const id = await ndas.inCreatorReview();
    const { assessed_at } = await ndas.row(id);
    const figures = await ndas.rows(
      `select * from statewright.workflow_analytics where metric = 'risk_score' and timestamp = $1`,
      assessed_at,
    );
    expect(figures).toEqual([
      { tenant: 'demo', workflow_type: 'nda', metric: 'risk_score', value: 30, timestamp: assessed_at },
    ]);
  });
});

describe('the figures of a creator', () => {
  it('count an NDA that has been in force as one that arrived, also when its time is over (R000-77)', async () => {
    const creator = `creator_${ndas.pitchId}`;
    await ndas.call('admin', 'PUT', `/admin/pitches/${ndas.pitchId}`, { title: 'Alone', creatorId: creator });
    const ask = () => ndas.asked({ creatorId: creator });
    const [over] = [await ask(), await ask(), await ask()];
    await ndas.atDocusign(over, 'sign', { role: 'requester' });
    await ndas.deal(over).work();
    const before = await analytics(`creatorId=${creator}`);
    expect(before.creator).toMatchObject({
      totalPitches: 1,
      activeDeals: { investment: 0, production: 0, nda: 3 },
      conversionRates: { ndaToActive: '33.33%', interestToProduction: '0.00%', investmentToFunding: '0.00%' },
    });
    await ndas.advance(over, '732d');
    expect((await analytics(`creatorId=${creator}`)).creator).toMatchObject({
      activeDeals: { nda: 0 },
      conversionRates: { ndaToActive: '33.33%' },
    });
  });
});
