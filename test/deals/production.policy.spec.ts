import { liveService } from '../support/live.js';
import { PitchWorld } from '../support/production.world.js';

const service = liveService();
const settings = async (changes: object): Promise<void> => {
  const { status } = await (await service()).call('PUT', '/admin/settings/production', changes);
  expect(status).toBe(200);
};
afterEach(() => settings({ leastForOption: null, verifiedAbove: null, rightsDetails: null, maxDealsPerHour: null }));

const terms = { budget: 1_000_000, timeline: 'a year', rightsStructure: 'exclusive' };

/** A company that has been asked for its proposal. */
async function asked() {
  const world = await PitchWorld.begin(await service());
  const bidder = await world.bidder('a');
  await world.asCreator(bidder, 'creator-interest-response', { decision: 'interested' });
  await world.asCompany(bidder, 'meeting-outcome', { outcome: 'proceed' });
  const offer = (change: object) =>
    world.asCompany(bidder, 'proposal-submitted', { proposalDocumentKey: 'p.pdf', terms: { ...terms, ...change } });
  return { world, bidder, offer };
}

it('an offer below the least budget is refused with the reason, and nothing of it is kept (R000-63)', async () => {
  const { world, bidder, offer } = await asked();
  const before = await world.live.fingerprint(bidder.id);
  expect(await offer({ budget: 4_999.99 })).toMatchObject({
    status: 409,
    body: {
      code: 'WF002',
      explanation: {
        failing: [{ name: 'isSeriousOffer', reason: { code: 'BUDGET_TOO_LOW', data: { least: '5000.00' } } }],
      },
    },
  });
  expect(await world.live.fingerprint(bidder.id)).toEqual(before);
  expect(await offer({ budget: 5_000 })).toMatchObject({ status: 200 });
});

it('a budget that is named with the interest has to be one that could be offered (R000-63)', async () => {
  const world = await PitchWorld.begin(await service());
  const bidder = await world.company('a');
  for (const [interestType, least] of [
    ['option', 5_000],
    ['purchase', 50_000],
    ['distribution', 10_000],
  ] as const)
    expect(await world.create(bidder, { interestType, proposedBudget: least - 0.01 })).toMatchObject({
      status: 400,
      body: {
        code: 'WF006',
        errors: [
          {
            field: 'proposedBudget',
            message: `proposedBudget must be at least ${least}.00 for this kind of interest (${interestType})`,
          },
        ],
      },
    });
  expect(await world.create(bidder, { proposedBudget: 5_000 })).toMatchObject({ status: 200 });
});

it('a company that lost its verification offers no more than $500,000 (R000-63)', async () => {
  const { world, bidder, offer } = await asked();
  await world.putCompany(bidder.companyId, { verificationStatus: 'pending' });
  expect(await offer({ budget: 500_000.01 })).toMatchObject({
    status: 409,
    body: { explanation: { failing: [{ name: 'isVouchedFor', reason: { code: 'COMPANY_NOT_VERIFIED' } }] } },
  });
  expect(await offer({ budget: 500_000 })).toMatchObject({ status: 200 });
});

it.each([
  [50, 200],
  [50.0001, 400],
  [-1, 400],
])(
  'of the backend a company offers 0 to 50 percent: %d is answered with %d (R000-63)',
  async (backendPoints, status) => {
    const { offer } = await asked();
    expect(await offer({ backendPoints })).toMatchObject({ status });
  },
);

it('territory, duration and option period are needed where the tenant says so, and are in the contract (R000-63)', async () => {
  await settings({ rightsDetails: true });
  const { world, bidder, offer } = await asked();
  const rights = { rightsTerritory: 'worldwide', rightsDurationMonths: 84, optionPeriodMonths: 18 };
  for (const name of Object.keys(rights))
    expect(await offer({ ...rights, [name]: undefined })).toMatchObject({
      status: 409,
      body: { explanation: { failing: [{ name: 'namesRights', reason: { data: { missing: [name] } } }] } },
    });
  for (const wrong of [{ rightsTerritory: '' }, { rightsDurationMonths: 0 }, { optionPeriodMonths: 1.5 }])
    expect(await offer({ ...rights, ...wrong })).toMatchObject({ status: 400, body: { code: 'WF006' } });
  expect(await offer(rights)).toMatchObject({ status: 200 });
  await world.work();
  await world.asCreator(bidder, 'proposal-response', { decision: 'accept' });
  await world.asCompany(bidder, 'terms-agreed');
  await world.work();
  const { body } = await world.live.call('GET', `/api/workflows/production/${bidder.id}/documents`);
  expect(JSON.stringify(body)).toContain('production-agreement');
  const { context } = await world.read(bidder);
  expect(context).toMatchObject({ terms: rights });
});

it('a deal keeps the limits it began with, and a tenant sets its own or none (R000-63, R000-101)', async () => {
  await settings({ leastForOption: 0, verifiedAbove: 0 });
  const { world, bidder, offer } = await asked();
  await settings({ leastForOption: null, verifiedAbove: null });
  await world.putCompany(bidder.companyId, { verificationStatus: 'pending' });
  expect(await offer({ budget: 0.01 })).toMatchObject({ status: 200 });
  const live = await service();
  for (const wrong of [
    { leastForOption: -1 },
    { verifiedAbove: 0.5 },
    { rightsDetails: 'yes' },
    { maxDealsPerHour: -1 },
  ])
    expect(await live.call('PUT', '/admin/settings/production', wrong)).toMatchObject({ status: 400 });
});

it('a company begins as many deals in an hour as the tenant lets it, whoever asks for it (R000-63)', async () => {
  await settings({ maxDealsPerHour: 5 });
  const live = await service();
  const first = await PitchWorld.begin(live);
  const company = await first.company('busy');
  const worlds = await Promise.all(Array.from({ length: 7 }, () => PitchWorld.begin(live)));
  const answers = await Promise.all(worlds.map((world) => world.create({ ...company })));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(2);
  expect(answers.find(({ status }) => status === 429)?.body).toMatchObject({
    code: 'RATE_LIMITED',
    detail: 'A company may begin 5 production deals in an hour.',
  });
  // Another company is not kept waiting by this one.
  expect(await first.create(await first.company('other'))).toMatchObject({ status: 200 });
  await live.call('POST', '/admin/clock', { advance: '61m' });
  expect(await first.create(company)).toMatchObject({ status: 200 });
});
