import type { Analytics } from '../../src/deals/deals.analytics.dto.js';
import type { DealList } from '../../src/deals/deals.list.dto.js';
import { dealsService } from '../support/deals.js';

describe('the routes of deals', () => {
  const deals = dealsService();

  it.each([
    ['a missing investor', { investorId: undefined }, 'Missing required fields'],
    ['999.99', { proposedAmount: 999.99 }, 'Minimum investment amount is $1,000'],
    ['three decimals', { proposedAmount: 1000.001 }, 'proposedAmount'],
    ['a hair of a cent', { proposedAmount: 1e-7 }, 'Minimum investment amount is $1,000'],
    ['an unknown kind', { investmentType: 'gift' }, 'investmentType'],
    ['no NDA', { ndaAccepted: false }, 'NDA'],
  ])('refuse to start an investment with %s (R000-14)', async (_, change, words) => {
    const { status, body } = await deals.create(change);
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'WF006' });
    expect(JSON.stringify(body.errors)).toContain(words);
  });

  it('let an investor start for himself, and others for him only when they act for people', async () => {
    expect(await deals.create({}, 'creator')).toMatchObject({ status: 403, body: { code: 'WF005' } });
    expect(await deals.create({}, 'service')).toMatchObject({ status: 200 });
  });

  it('let nobody invest with somebody who is not the creator of the pitch; systems may be ahead of its record (R000-91)', async () => {
    const strange = `${deals.pitchId}_strange`;
    for (const change of [{ creatorId: 'friend_1' }, { pitchId: strange }])
      expect(await deals.create(change)).toMatchObject({
        status: 400,
        body: { code: 'WF006', errors: [{ field: 'creatorId' }] },
      });
    expect(await deals.create({ creatorId: 'friend_1' }, 'service')).toMatchObject({ status: 400 });
    expect(await deals.create({ pitchId: strange }, 'service')).toMatchObject({ status: 200 });
  });

  it('tell where a deal stands (R000-18)', async () => {
    const id = await deals.begun();
    expect((await deals.call('investor', 'GET', `/api/workflows/investment/${id}/status`)).body).toEqual({
      instanceId: id,
      status: 'running',
      output: {
        currentState: 'NEGOTIATION',
        lastUpdated: expect.any(String),
        data: expect.objectContaining({ offerMinor: 250_000_00 }),
      },
      error: null,
    });
  });

  it('list deals for their parties, page by page (R000-20)', async () => {
    const id = await deals.begun();
    const list = await deals.call<DealList>(
      'investor',
      'GET',
      '/api/workflows/list?userId=inv_123&type=investment&limit=1',
    );
    expect(list.body).toMatchObject({
      success: true,
      workflows: [
        {
          type: 'investment',
          workflow_instance_id: id,
          status: 'NEGOTIATION',
          proposed_amount: '250000.00',
          pitch_title: 'The Last Reel',
          investor_name: 'Ines Vestor',
        },
      ],
      page: 1,
      limit: 1,
    });
    expect(list.body.workflows).toHaveLength(1);
    expect(list.body.total).toBeGreaterThan(1);
    expect((await deals.call<DealList>('production', 'GET', '/api/workflows/list?userId=inv_123')).body).toMatchObject({
      workflows: [],
      total: 0,
    });
    expect(await deals.call('investor', 'GET', '/api/workflows/list')).toMatchObject({
      status: 400,
      body: { code: 'WF006' },
    });
  });

  it('count every state that was ever reached (R000-21)', async () => {
    await deals.send('creator', await deals.begun(), 'creator-decision', { decision: 'reject' });
    await deals.begun();
    const { body } = await deals.call<Analytics>(
      'creator',
      'GET',
      `/api/workflows/analytics?pitchId=${deals.pitchId}&creatorId=creator_789`,
    );
    expect(body).toMatchObject({
      success: true,
      analytics: {
        pitch: {
          totalInvestmentInterest: { count: 2, total: 500_000 },
          investmentFunnel: [
            { status: 'INTEREST', count: 2 },
            { status: 'QUALIFICATION', count: 2 },
            { status: 'NEGOTIATION', count: 2 },
            { status: 'REJECTED', count: 1 },
          ],
          productionInterest: [],
        },
        creator: {
          totalPitches: deals.pitches,
          totalInvestmentReceived: 0,
          activeDeals: { investment: expect.any(Number), production: 0 },
          conversionRates: { investmentToFunding: '0.00%' },
        },
      },
    });
  });

  it('show figures to those they are about (R000-21)', async () => {
    expect(await deals.call('investor', 'GET', '/api/workflows/analytics?creatorId=creator_789')).toMatchObject({
      status: 403,
    });
    expect(await deals.call('viewer', 'GET', '/api/workflows/analytics?creatorId=creator_789')).toMatchObject({
      status: 200,
    });
    expect(await deals.call('viewer', 'GET', '/api/workflows/analytics')).toMatchObject({ status: 400 });
  });

  it('tell strangers that there is no such deal (R000-24)', async () => {
    const id = await deals.begun();
    expect(await deals.call('production', 'GET', `/api/workflows/investment/${id}/status`)).toMatchObject({
      status: 404,
      body: { code: 'WF001' },
    });
    expect(await deals.call('investor', 'GET', `/api/workflows/nda/${id}/status`)).toMatchObject({
      status: 404,
      body: { code: 'WF001' },
    });
  });

  it.each([
    ['nothing', {}, 400, 'WF006'],
    ['an event nobody knows', { type: 'tea' }, 400, 'WF006'],
    ['a timer', { type: 'xstate.after.CREATOR_DECISION.investment.NEGOTIATION.awaitingCreator' }, 400, 'WF006'],
    ['what only a provider can know', { type: 'funds-captured', payload: { transactionId: 'pi_1' } }, 403, 'WF005'],
    ['a decision of the creator', { type: 'creator-decision', payload: { decision: 'approve' } }, 403, 'WF005'],
    ['what comes later', { type: 'commitment-confirmed', payload: { confirmed: true } }, 409, 'WF002'],
  ])('do not take %s from the investor (R000-19)', async (_, body, status, code) => {
    const id = await deals.begun();
    expect(await deals.call('investor', 'POST', `/api/workflows/investment/${id}/event`, body)).toMatchObject({
      status,
      body: { code },
    });
  });

  it('need the amount of a counter-offer (R000-33)', async () => {
    const id = await deals.begun();
    const answer = await deals.send('creator', id, 'creator-decision', { decision: 'counter' });
    expect(answer).toMatchObject({ status: 400, body: { code: 'WF006' } });
  });

  it('refuse settings that make no sense (R000-101)', async () => {
    const answer = await deals.call('admin', 'PUT', '/admin/settings/investment', { termSheetMs: 0, tea: true });
    expect(answer).toMatchObject({ status: 400, body: { code: 'WF006' } });
    expect(await deals.call('creator', 'GET', '/admin/settings/investment')).toMatchObject({ status: 403 });
  });

  it('let people mark what they have read, and switch off what they do not want to read (R000-86)', async () => {
    const told = await deals.begun();
    expect(await subjects(told)).toContain('New Investment Interest in The Last Reel');
    const [message] = (
      await deals.call<{ data: { id: string }[] }>('creator', 'GET', '/api/notifications?read=false&limit=1')
    ).body.data;
    const path = `/api/notifications/${message?.id}`;
    expect(await deals.call('investor', 'PUT', path, { read: true })).toMatchObject({ status: 404 });
    expect(await deals.call('creator', 'PUT', path, { read: true })).toMatchObject({
      status: 200,
      body: { read: true },
    });
    await deals.call('creator', 'PUT', '/api/notifications/preferences/investment_interest/email', { enabled: false });
    await deals.begin();
    expect(await subjects(await deals.begun())).not.toContain('New Investment Interest in The Last Reel');
  });

  const subjects = async (id: string) => (await deals.mails(id)).map(({ subject }) => subject);
});
