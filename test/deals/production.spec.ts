import { PRODUCTION_TEMPLATES } from '../../machines/production.types.js';
import { render } from '../../src/notifications/render.js';
import { templateOf } from '../../src/notifications/templates.js';
import { PitchWorld } from '../support/production.world.js';
import { liveService } from '../support/live.js';

const service = liveService();
const begin = async () => PitchWorld.begin(await service());

describe('POST /api/workflows/production/create', () => {
  it('answers at once, in the words of the requirement (R000-15)', async () => {
    const world = await begin();
    const bidder = await world.company('a');
    const { status, body } = await world.create(bidder, {
      message: 'We would love to',
      proposedBudget: 1_500_000.5,
      proposedTimeline: 'a year',
      ndaId: 'nda_1',
    });
    expect({ status, body }).toMatchObject({
      status: 200,
      body: {
        success: true,
        instanceId: expect.stringMatching(/^wf_/),
        message: 'Production deal workflow started',
        note: 'Creator will be notified of your interest',
        state: 'INTEREST',
      },
    });
    const { rows } = await world.live.owner.query(
      `select production_company_id, production_company_user_id, creator_id, pitch_id, interest_type, status, proposed_budget_minor, nda_id
         from deals.production_deals where workflow_instance_id = $1`,
      [bidder.id],
    );
    expect(rows).toEqual([
      {
        production_company_id: bidder.companyId,
        production_company_user_id: bidder.userId,
        creator_id: world.creatorId,
        pitch_id: world.pitchId,
        interest_type: 'option',
        status: 'INTEREST',
        proposed_budget_minor: 150_000_050,
        nda_id: 'nda_1',
      },
    ]);
  });

  it.each([
    ['no company', { productionCompanyId: undefined }, 'Missing required fields'],
    ['no pitch', { pitchId: undefined }, 'Missing required fields'],
    ['no creator', { creatorId: undefined }, 'Missing required fields'],
    ['an unknown interest', { interestType: 'theft' }, 'Invalid interest type'],
    ['a negative budget', { proposedBudget: -1 }, 'proposedBudget'],
    ['a field that nobody knows', { proposedBugdet: 1 }, 'proposedBugdet'],
  ])('refuses %s (R000-15)', async (_, change, words) => {
    const world = await begin();
    const { status, body } = await world.create(await world.company('a'), change);
    expect({ status, code: body['code'] }).toEqual({ status: 400, code: 'WF006' });
    expect(JSON.stringify(body['errors'])).toContain(words);
  });

  it('lets nobody act for a company but its own user and those who act for people', async () => {
    const world = await begin();
    const bidder = await world.company('a');
    expect(await world.create(bidder, { productionCompanyUserId: 'somebody_else' })).toMatchObject({
      status: 403,
      body: { code: 'WF005' },
    });
    const body = {
      productionCompanyId: bidder.companyId,
      productionCompanyUserId: bidder.userId,
      pitchId: world.pitchId,
      creatorId: world.creatorId,
      interestType: 'purchase',
    };
    expect(await world.live.call('POST', '/api/workflows/production/create', body)).toMatchObject({ status: 200 });
  });

  it('lets nobody take a pitch out of the hands of its creator', async () => {
    const world = await begin();
    const bidder = await world.company('a');
    expect(await world.create(bidder, { creatorId: 'a_friend' })).toMatchObject({
      status: 400,
      body: { code: 'WF006' },
    });
  });

  it('keeps to one live deal of a company and a pitch, however many ask at once (R000-51, R000-92, R000-100)', async () => {
    const world = await begin();
    const bidder = await world.company('a');
    const answers = await Promise.all(Array.from({ length: 5 }, () => world.create({ ...bidder })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409]);
    expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({ code: 'WF007' });
  });

  it('takes no more deals of one pitch than the tenant allows (R000-51)', async () => {
    const world = await begin();
    await world.live.call('PUT', '/admin/settings/production', { maxLiveInterests: 2 });
    const bidders = await Promise.all(['a', 'b', 'c', 'd'].map((name) => world.company(name)));
    const answers = await Promise.all(bidders.map((bidder) => world.create(bidder)));
    await world.live.call('PUT', '/admin/settings/production', { maxLiveInterests: null });
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 409, 409]);
  });

  it('can be tried again after the deal has ended', async () => {
    const world = await begin();
    const bidder = await world.bidder('a');
    await world.asCreator(bidder, 'creator-interest-response', { decision: 'not_interested' });
    expect(await world.create(bidder)).toMatchObject({ status: 200 });
  });
});

describe('the messages of a production deal', () => {
  it.each(PRODUCTION_TEMPLATES)('have words for %s (R000-88)', (template) => {
    for (const recipient of ['production', 'creator', 'internal']) {
      const found = templateOf(template, recipient);
      const words = found && render(found, { pitchTitle: 'Night Train', creatorName: 'Ann', position: 2 });
      expect(words?.subject).toMatch(template === 'verification_failed' ? /^Your company/ : /Night Train/);
      expect(words?.body).toMatch(/pitch title: Night Train|Current position: #2/i);
    }
  });
});

describe('a production deal', () => {
  it('goes from interest to completion, and tells everybody on the way (R000-48 to R000-62, R000-88)', async () => {
    const world = await begin();
    const bidder = await world.producer('a');
    expect(await world.place(bidder)).toBe('PRODUCTION.underWay');
    await world.asCompany(bidder, 'production-complete');
    await world.work();

    const { body: status } = await world.live.call('GET', `/api/workflows/production/${bidder.id}/status`);
    expect(status).toMatchObject({ status: 'completed', output: { currentState: 'COMPLETED' }, error: null });
    const told = async (userId: string) =>
      (
        await world.live.owner.query<{ type: string; priority: string }>(
          `select type, priority from notifications.messages where user_id = $1 order by created_at, id`,
          [userId],
        )
      ).rows.map(({ type, priority }) => `${type} ${priority}`);
    expect(new Set(await told(bidder.userId))).toEqual(
      new Set([
        'meeting_scheduled high',
        'proposal_requested high',
        'exclusivity_granted high',
        'contract_ready high',
        'production_activated high',
        'production_complete high',
      ]),
    );
    expect(new Set(await told(world.creatorId))).toEqual(
      new Set([
        'production_interest high',
        'meeting_scheduled high',
        'proposal_ready_for_review high',
        'contract_ready high',
        'production_started high',
        'production_complete high',
      ]),
    );
    await world.live.prove(bidder.id);
  });

  it('leaves its proposal and its contract behind, for its parties only (R000-54, R000-60)', async () => {
    const world = await begin();
    const bidder = await world.signer('a');
    const path = `/api/workflows/production/${bidder.id}/documents`;
    const token = await world.live.tokenFor(bidder.userId, ['production']);
    const { body } = await world.live.call('GET', path, undefined, token);
    const { dealId } = (await world.read(bidder)).context as { dealId: string };
    const keys = (body['data'] as { key: string }[]).map(({ key }) => key).sort();
    expect(keys).toEqual([
      `contracts/${dealId}/production-agreement.json`,
      `contracts/${dealId}/production-agreement.pdf`,
      `proposals/${dealId}/proposal.json`,
    ]);
    expect((await world.live.call('GET', `${path}/production-agreement.json`, undefined, token)).body).toMatchObject({
      dealId,
      companyName: 'Film & Co',
      terms: { budget: '1000000.00', rightsStructure: 'worldwide' },
    });
    const stranger = await world.live.tokenFor('stranger', ['production']);
    expect(await world.live.call('GET', path, undefined, stranger)).toMatchObject({ status: 404 });
  });

  it('gives the company access, and marks the pitch as produced (R000-61, R000-62, R000-93)', async () => {
    const world = await begin();
    const bidder = await world.producer('a');
    const { rows } = await world.live.owner.query(
      `select access_type, granted_via, revoked_at from deals.pitch_access where user_id = $1 and pitch_id = $2`,
      [bidder.userId, world.pitchId],
    );
    expect(rows).toEqual([{ access_type: 'production_full', granted_via: 'production_deal', revoked_at: null }]);
    const pitch = async () => (await world.live.call('GET', `/admin/pitches/${world.pitchId}`)).body;
    expect(await pitch()).toMatchObject({ productionStatus: 'in_production', productionCompanyId: bidder.companyId });
    const tracked = async () =>
      (
        await world.live.owner.query(`select status from deals.production_tracking where pitch_id = $1`, [
          world.pitchId,
        ])
      ).rows;
    expect(await tracked()).toEqual([{ status: 'pre_production' }]);
    await world.asCompany(bidder, 'production-complete');
    expect(await pitch()).toMatchObject({ productionStatus: 'completed' });
    expect(await tracked()).toEqual([{ status: 'completed' }]);
  });

  it('takes access back and frees the pitch when an administrator ends the production after all (R000-46)', async () => {
    const world = await begin();
    const bidder = await world.producer('a');
    const force = { fromState: 'PRODUCTION', toState: 'REJECTED', reason: 'The company has gone bankrupt' };
    await world.live.call('POST', `/admin/workflows/${bidder.id}/force-transition`, force);
    await world.work();
    const { rows } = await world.live.owner.query(
      `select revoked_at is not null as revoked from deals.pitch_access where user_id = $1`,
      [bidder.userId],
    );
    expect(rows).toEqual([{ revoked: true }]);
    expect((await world.live.call('GET', `/admin/pitches/${world.pitchId}`)).body).toMatchObject({
      productionStatus: null,
    });
    expect(await world.line(bidder)).toMatchObject({ standing: 'none', waiting: 0 });
  });

  it('needs the approval of everybody the tenant names, each his own (R000-60)', async () => {
    const world = await begin();
    await world.live.call('PUT', '/admin/settings/production', { contractApprovals: ['creator', 'company', 'legal'] });
    const bidder = await world.holder('a');
    await world.live.call('PUT', '/admin/settings/production', { contractApprovals: null });
    await world.asCompany(bidder, 'terms-agreed');
    await world.work();
    expect(await world.asCompany(bidder, 'contract-signed', { signedDocumentKey: 'signed.pdf' })).toMatchObject({
      status: 409,
      body: {
        code: 'WF002',
        explanation: {
          missing: ['contract_approved_by_creator', 'contract_approved_by_company', 'contract_approved_by_legal'],
        },
      },
    });
    const path = `/api/workflows/production/${bidder.id}/checklist/contract_approved_by_creator`;
    const token = await world.live.tokenFor(bidder.userId, ['production', 'creator']);
    expect(await world.live.call('PUT', path, { done: true }, token)).toMatchObject({ status: 403 });
    for (const approver of ['creator', 'company'] as const) await world.approve(bidder, approver);
    expect(await world.place(bidder)).toBe('CONTRACT.approving');
    expect(await world.approve(bidder, 'legal')).toMatchObject({ status: 200 });
    expect(await world.place(bidder)).toBe('CONTRACT.sending');
  });

  it('is sent for signature also when both approve before it is drawn up (R000-60)', async () => {
    const world = await begin();
    const bidder = await world.holder('a');
    await world.asCompany(bidder, 'terms-agreed');
    for (const approver of ['company', 'creator'] as const)
      expect(await world.approve(bidder, approver)).toMatchObject({ status: 200 });
    expect(await world.place(bidder)).toBe('CONTRACT.drafting');
    await world.work();
    expect(await world.place(bidder)).toBe('CONTRACT.signing');
  });

  it('has its signatures collected by hand when the envelope cannot be sent (R000-84)', async () => {
    const world = await begin();
    const bidder = await world.holder('a');
    await world.asCompany(bidder, 'terms-agreed');
    await world.work();
    await world.live.breakDown('docusign');
    for (const approver of ['company', 'creator'] as const) await world.approve(bidder, approver);
    await world.work();
    await world.live.repair();
    expect(await world.place(bidder)).toBe('CONTRACT.manual');
    const legal = await world.live.tokenFor('legal_1', ['legal']);
    const event = { type: 'manual-signature-complete', payload: { signedDocumentKey: 'paper.pdf' } };
    await world.live.call('POST', `/api/workflows/production/${bidder.id}/event`, event, legal);
    expect(await world.place(bidder)).toBe('PRODUCTION.underWay');
  });

  it('calls its envelope back when nobody signs in 5 days (R000-60, R000-100)', async () => {
    const world = await begin();
    const bidder = await world.signer('a');
    const { envelopeId } = (await world.read(bidder)).context as { envelopeId: string };
    await world.advance('6d');
    expect(await world.read(bidder)).toMatchObject({ state: 'EXPIRED', compensation: 'done' });
    const envelopes = (await (await fetch(`${world.live.sandbox.url}/_sandbox/envelopes`)).json()) as {
      envelopeId: string;
      status: string;
    }[];
    expect(envelopes.find((envelope) => envelope.envelopeId === envelopeId)).toMatchObject({ status: 'voided' });
  });

  it('refuses terms that make no sense', async () => {
    const world = await begin();
    const bidder = await world.bidder('a');
    const submit = (terms: object) =>
      world.asCompany(bidder, 'proposal-submitted', { proposalDocumentKey: 'p.pdf', terms });
    const terms = { budget: 1_000_000, timeline: 'a year', rightsStructure: 'worldwide' };
    for (const wrong of [
      { backendPoints: 51 },
      { budget: 0 },
      { timeline: '' },
      { rightsStructure: undefined },
      { x: 1 },
    ])
      expect(await submit({ ...terms, ...wrong })).toMatchObject({ status: 400, body: { code: 'WF006' } });
    expect(await world.asCreator(bidder, 'proposal-response', { decision: 'counter' })).toMatchObject({ status: 400 });
  });

  it('takes what deals tell each other from nobody (R000-58)', async () => {
    const world = await begin();
    const bidder = await world.bidder('a');
    for (const type of ['exclusivity-taken', 'exclusivity-available', 'pitch-in-production']) {
      expect(await world.asCompany(bidder, type)).toMatchObject({ status: 403, body: { code: 'WF005' } });
      expect(await world.live.call('POST', `/api/workflows/production/${bidder.id}/event`, { type })).toMatchObject({
        status: 403,
      });
    }
  });

  it('keeps its settings, and refuses settings that make no sense (R000-101)', async () => {
    const live = await service();
    expect((await live.call('GET', '/admin/settings/production')).body).toMatchObject({
      exclusivityMs: 30 * 86_400_000,
      contractApprovals: ['creator', 'company'],
    });
    for (const wrong of [{ exclusivityMs: 1 }, { contractApprovals: [] }, { contractApprovals: ['mother'] }, { x: 1 }])
      expect(await live.call('PUT', '/admin/settings/production', wrong)).toMatchObject({ status: 400 });
  });
});
