/** Two companies want the same pitch: one negotiates alone while the other waits in the line, then leaves; the other produces it. */
import { arrived } from './books.mjs';
import { follow, say } from './follow.mjs';

const CREATOR = 'creator_789';
/** What must be in the providers' books of the second company at the end, and how often. */
const EXPECTED = { 'envelope.create': 1, signature: 2 };
const TERMS = {
  budget: 2_500_000,
  timeline: 'eighteen months',
  rightsStructure: 'worldwide, ten years',
  backendPoints: 5,
};

/** Tells the story; true when it ended well. */
export async function production({ as, asUser, admin, sandbox }) {
  const creator = as('creator');
  const pitchId = await freePitch(admin);
  await admin('PUT', `/admin/pitches/${pitchId}`, { title: 'Night Train', creatorId: CREATOR });
  const bidders = [
    { name: 'Aurora Films', companyId: 'co_aurora', userId: 'company_user_1', ask: as('production') },
    {
      name: 'Borealis Pictures',
      companyId: 'co_borealis',
      userId: 'company_user_2',
      ask: await asUser('company_user_2', ['production']),
    },
  ];
  for (const { name, companyId } of bidders) {
    const company = { name, email: `${companyId}@example.com`, verificationStatus: 'verified', activeProjectsCount: 1 };
    await admin('PUT', `/admin/companies/${companyId}`, company);
  }
  const [first, second] = bidders;
  const seen = { first: { seq: 0 }, second: { seq: 0 } };

  const firstId = await openDeal(admin, pitchId, first);
  await follow(admin, firstId, deedsOf(firstId, first, creator, admin, sandbox), {
    goal: 'NEGOTIATION',
    printed: seen.first,
  });
  const secondId = await openDeal(admin, pitchId, second);
  const before = await follow(
    admin,
    secondId,
    {},
    { goal: 'WAITLISTED', isPast: ({ state }) => state !== 'INTEREST', printed: seen.second },
  );
  if (before.state === 'WAITLISTED') {
    const { position, waiting } = await second.ask('GET', `/api/workflows/production/${secondId}/line`);
    say(`\n${first.name} has the pitch to itself; ${second.name} is number ${position} of ${waiting} in the line`);
    await first.ask('POST', `/api/workflows/production/${firstId}/event`, {
      type: 'terms-rejected',
      payload: { reason: 'Too expensive' },
    });
  }
  const left = await follow(admin, firstId, {}, { printed: seen.first });
  say(`\n${first.name} has left (${left.state}); it is the turn of ${second.name}`);
  const deal = await follow(admin, secondId, deedsOf(secondId, second, creator, admin, sandbox), {
    printed: seen.second,
  });
  const isGood = await arrived(deal, 'COMPLETED', EXPECTED, sandbox);
  return isGood && left.state === 'REJECTED';
}

/** What somebody does when the deal waits for him. */
function deedsOf(id, { ask }, creator, admin, sandbox) {
  const event = (who, type, payload = {}) => who('POST', `/api/workflows/production/${id}/event`, { type, payload });
  return {
    'INTEREST.awaitingCreator': () => event(creator, 'creator-interest-response', { decision: 'interested' }),
    'MEETING.awaitingOutcome': () => event(ask, 'meeting-outcome', { outcome: 'proceed' }),
    'PROPOSAL.awaitingProposal': () =>
      event(ask, 'proposal-submitted', { proposalDocumentKey: 'proposal.pdf', terms: TERMS }),
    'PROPOSAL.reviewing': () => event(creator, 'proposal-response', { decision: 'accept' }),
    'NEGOTIATION.agreeing': () => event(ask, 'terms-agreed'),
    'CONTRACT.approving': async () => {
      for (const [who, approver] of [
        [ask, 'company'],
        [creator, 'creator'],
      ])
        await who('PUT', `/api/workflows/production/${id}/checklist/contract_approved_by_${approver}`, { done: true });
    },
    'CONTRACT.signing': async ({ context: { envelopeId } }) => {
      for (const role of ['company', 'creator']) await sandbox(`docusign/envelopes/${envelopeId}/sign`, { role });
    },
    PRODUCTION: () => event(ask, 'production-complete'),
  };
}

/** The pitch of an interrupted demo, or the first that nobody has produced yet. */
async function freePitch(admin) {
  for (let n = 1; ; n++) {
    const { productionStatus } = await admin('GET', `/admin/pitches/pitch_demo_${n}`);
    if (!productionStatus || (await isUnfinished(admin, `pitch_demo_${n}`))) return `pitch_demo_${n}`;
  }
}

async function isUnfinished(admin, pitchId) {
  const { data } = await admin('GET', `/api/instances?lifecycle=production&text=${pitchId}&status=active`);
  return data.length > 0;
}

/** A new deal of a company, or the one that an interrupted demo has begun. */
async function openDeal(admin, pitchId, { name, companyId, userId, ask }) {
  const { data } = await admin('GET', `/api/instances?lifecycle=production&text=${pitchId}&party=${userId}`);
  const begun = data.find(({ keys }) => keys.pitchId === pitchId);
  if (begun) {
    say(`taking up the deal ${begun.id} of ${name}`);
    return begun.id;
  }
  const { instanceId } = await ask('POST', '/api/workflows/production/create', {
    productionCompanyId: companyId,
    productionCompanyUserId: userId,
    pitchId,
    creatorId: CREATOR,
    interestType: 'purchase',
    message: 'We would love to produce it',
  });
  say(`${instanceId}: ${name} is interested in ${pitchId}`);
  return instanceId;
}
