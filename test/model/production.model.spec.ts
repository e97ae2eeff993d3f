import { production } from '../../machines/production.js';
import type { ProductionContext, ProductionInput } from '../../machines/production.types.js';
import type { InstanceView } from '../../src/engine/reading.js';
import type { LiveService } from '../support/live.js';
import { coverEveryTransition, refuseEverythingElse, type Realisation } from '../support/model.js';

const DAY = 86_400_000;
const at = Date.UTC(2026, 0, 5, 12);

const COMPANY = { id: 'company_model', roles: ['production'] };
const CREATOR = { id: 'creator_model', roles: ['creator'] };
const LEGAL = { id: 'legal_model', roles: ['legal'] };
const DOCUSIGN = { id: 'system:docusign', roles: [] };
const LETTER = { id: 'system:letter', roles: [] };

const free = { isHeld: false, isMine: false, position: null, isInProduction: false };
const held = { ...free, isHeld: true, position: 1 };
const mine = { ...free, isMine: true };
const produced = { ...held, isInProduction: true };
const fit = { verification: 'verified', activeProjects: 0 };
const unfit = { verification: 'verified', activeProjects: 10 };
const unverified = { verification: 'pending', activeProjects: 0 };
const open = [{ item: 'contract_approved_by_company', clearedBy: ['company'] }];

const usual = { standing: free, company: fit, openApprovals: [] };
const stamped = (caller: object, cases: object[], facts: object[] = [usual]) =>
  cases.flatMap((fields) => facts.map((known) => ({ at, caller, facts: known, ...fields })));
const standing = (...standings: object[]) => standings.map((known) => ({ standing: known }));
const failure = [{ error: { name: 'Error', message: 'no' } }];

const cases = {
  'creator-interest-response': stamped(
    CREATOR,
    [{ decision: 'interested' }, { decision: 'not_interested' }, { decision: 'waitlist' }],
    standing(free, held),
  ),
  'waitlist-activation': stamped(CREATOR, [{ activate: true }, { activate: false }], standing(free, held)),
  'meeting-outcome': stamped(COMPANY, [
    { outcome: 'proceed' },
    { outcome: 'pass' },
    { outcome: 'need_more_info' },
    { outcome: 'need_more_info', nextMeetingDate: new Date(at + 3 * DAY).toISOString() },
    { outcome: 'need_more_info', nextMeetingDate: new Date(at - DAY).toISOString() },
  ]),
  'proposal-submitted': stamped(
    COMPANY,
    [1_000_000, 4_999.99].map((budget) => ({
      proposalDocumentKey: 'proposal.pdf',
      terms: { budget, timeline: 'a year', rightsStructure: 'worldwide' },
    })),
    [{ company: fit }, { company: unverified }],
  ),
  'proposal-response': stamped(
    CREATOR,
    [
      { decision: 'accept' },
      { decision: 'reject' },
      { decision: 'counter', counterTerms: { budget: 2_000_000 } },
      { decision: 'counter', counterTerms: { budget: 4_999.99 } },
    ],
    [
      { standing: free, company: fit },
      { standing: held, company: fit },
      { standing: free, company: unverified },
    ],
  ),
  'counter-response': stamped(COMPANY, [{ accepted: true }, { accepted: false }]),
  'terms-agreed': stamped(COMPANY, [{}]),
  'terms-rejected': stamped(COMPANY, [{}]),
  'contract-approved': stamped(COMPANY, [{}], [{ openApprovals: [] }, { openApprovals: open }]),
  'contract-signed': [
    ...stamped(COMPANY, [{ signedDocumentKey: 'signed.pdf' }], [{ openApprovals: [] }, { openApprovals: open }]),
    ...stamped(
      DOCUSIGN,
      [{ signedDocumentKey: 'env_1' }, { signedDocumentKey: 'env_other' }],
      [{ openApprovals: open }],
    ),
  ],
  'contract-declined': [
    ...stamped(COMPANY, [{}]),
    ...stamped(DOCUSIGN, [{ envelopeId: 'env_1' }, { envelopeId: 'env_other' }]),
  ],
  'manual-signature-complete': stamped(LEGAL, [{}], [{ openApprovals: [] }, { openApprovals: open }]),
  'production-complete': stamped(COMPANY, [{}]),
  'exclusivity-taken': stamped(LETTER, [{}], standing(free, held)),
  'exclusivity-available': stamped(
    LETTER,
    [{}],
    [mine, held].flatMap((known) => [fit, unfit].map((company) => ({ standing: known, company }))),
  ),
  'pitch-in-production': stamped(LETTER, [{}], standing(free, produced)),

  'xstate.done.actor.verification': [free, held, produced].flatMap((known) =>
    [fit, { verification: 'pending', activeProjects: 0 }, unfit].map((output) => ({
      at,
      output,
      facts: { standing: known },
    })),
  ),
  'xstate.error.actor.verification': stamped(LETTER, failure),
  'xstate.done.actor.contract': stamped(LETTER, [{ output: null }], [{ openApprovals: open }, { openApprovals: [] }]),
  'xstate.error.actor.contract': stamped(LETTER, failure),
  'xstate.done.actor.envelope': stamped(LETTER, [{ output: { envelopeId: 'env_1' } }]),
  'xstate.error.actor.envelope': stamped(LETTER, failure),
  ...Object.fromEntries(
    [
      'CREATOR_INTEREST.production.INTEREST.awaitingCreator',
      'CREATOR_WAITLIST.production.WAITLISTED.parked',
      'MEETING.production.MEETING.awaitingOutcome',
      'NEXT_MEETING.production.MEETING.adjourned',
      'PROPOSAL.production.PROPOSAL.awaitingProposal',
      'PROPOSAL_RESPONSE.production.PROPOSAL.reviewing',
      'COUNTER.production.NEGOTIATION.countering',
      'EXCLUSIVITY.production.NEGOTIATION',
      'CONTRACT.production.CONTRACT',
      'PRODUCTION.production.PRODUCTION.underWay',
    ].map((timer) => [`xstate.after.${timer}`, stamped(LETTER, [{}])]),
  ),
};

const input: ProductionInput = {
  dealId: 'deal_model',
  companyId: 'co_model',
  companyUserId: COMPANY.id,
  creatorId: CREATOR.id,
  pitchId: 'pitch_model',
  interestType: 'option',
  message: null,
  proposedBudgetMinor: null,
  proposedTimeline: null,
  ndaId: null,
  approvals: ['creator', 'company'],
  maxActiveProjects: 10,
  policy: {
    leastBudgetMinor: { option: 5_000_00, purchase: 50_000_00, distribution: 10_000_00, co_production: 0 },
    verifiedAboveMinor: 500_000_00,
    rightsDetails: false,
  },
  deadlines: {
    creatorInterestMs: 5 * DAY,
    creatorWaitlistMs: 30 * DAY,
    meetingMs: 7 * DAY,
    proposalMs: 14 * DAY,
    proposalResponseMs: 7 * DAY,
    counterMs: 3 * DAY,
    exclusivityMs: 30 * DAY,
    contractMs: 5 * DAY,
    productionMs: 365 * DAY,
  },
};

const exploration = {
  input: { instanceId: 'wf_model', tenant: 'demo', at, ...input } as never,
  cases,
  // What decides on the next step, beside the state: whether the deal waits, and for which envelope.
  facets: (context: unknown) => {
    const { waitlistedAt, envelopeId } = context as ProductionContext;
    return [waitlistedAt !== null, envelopeId];
  },
};

const contextOf = ({ context }: InstanceView) => context as unknown as ProductionContext;

/** Approves the contract, or takes every approval back. */
async function approve(done: boolean, view: InstanceView, live: LiveService): Promise<void> {
  // As the one who ticks, not by the checklist's route: the last tick there would send the contract on by itself.
  for (const approver of ['creator', 'company'])
    await live.owner.query(
      `insert into deals.checklist_items (tenant, instance_id, item, done, done_by, done_at)
       values ('demo', $1, $2, $3, 'model', now())
       on conflict (tenant, instance_id, item) do update set done = excluded.done`,
      [view.id, `contract_approved_by_${approver}`, done],
    );
}

/** Makes the pitch free, held by another deal, kept for this one, or produced by another. */
async function stand(known: typeof free, view: InstanceView, live: LiveService): Promise<void> {
  const { pitchId } = contextOf(view);
  await live.owner.query(`delete from deals.production_deals where workflow_instance_id = 'rival_of_' || $1`, [
    view.id,
  ]);
  if (known.isInProduction)
    await live.owner.query(
      `insert into deals.production_deals (tenant, id, workflow_instance_id, production_company_id, production_company_user_id, creator_id,
                                           pitch_id, interest_type, status, created_at, updated_at)
       values ('demo', 'rival_of_' || $1, 'rival_of_' || $1, 'rival', 'rival', 'creator', $2, 'option', 'PRODUCTION', now(), now())`,
      [view.id, pitchId],
    );
  const holder = known.isMine ? view.id : known.isHeld ? `rival_of_${view.id}` : null;
  await live.owner.query(
    `update deals.leases set holder = $2, granted_at = case when $2::text is not null then now() end where key = 'pitch:' || $1`,
    [pitchId, holder],
  );
}

const companyIs = (live: LiveService, id: string, { verification, activeProjects }: typeof fit) =>
  live.owner.query(`update deals.companies set verification_status = $2, active_projects_count = $3 where id = $1`, [
    id,
    verification,
    activeProjects,
  ]);

let number = 0;
const realisation: Realisation = {
  async start(live) {
    const n = ++number;
    const [company, user, creator, pitch] = [`co_${n}`, `user_${n}`, `creator_${n}`, `pitch_${n}`];
    await live.call('PUT', `/admin/companies/${company}`, {
      name: 'Film & Co',
      email: `${company}@example.com`,
      verificationStatus: 'verified',
      activeProjectsCount: 0,
    });
    await live.call('PUT', `/admin/creators/${creator}`, { name: 'Carl Reator', email: `${creator}@example.com` });
    await live.call('PUT', `/admin/pitches/${pitch}`, { title: 'A pitch', creatorId: creator });
    const body = {
      productionCompanyId: company,
      productionCompanyUserId: user,
      pitchId: pitch,
      creatorId: creator,
      interestType: 'option',
    };
    const { status, body: answer } = await live.call(
      'POST',
      '/api/workflows/production/create',
      body,
      await live.tokenFor(user, ['production']),
    );
    expect({ status, answer }).toMatchObject({ status: 200, answer: { success: true } });
    return String(answer['instanceId']);
  },
  sender: ({ caller }) => {
    const { id } = (caller ?? {}) as { id?: string };
    if (id === DOCUSIGN.id) return 'webhook:docusign';
    return id === LETTER.id ? 'worker' : undefined;
  },
  payload: {
    'contract-signed': (fields, view) =>
      fields['signedDocumentKey'] === 'env_1'
        ? { ...fields, signedDocumentKey: contextOf(view).envelopeId ?? 'env_1' }
        : fields,
    'contract-declined': (fields, view) =>
      fields['envelopeId'] === 'env_1' ? { ...fields, envelopeId: contextOf(view).envelopeId ?? 'env_1' } : fields,
    // The live service tells the time by its own clock.
    'meeting-outcome': ({ nextMeetingDate, ...fields }, view) => ({
      ...fields,
      ...(nextMeetingDate !== undefined && {
        nextMeetingDate: new Date(Date.parse(String(nextMeetingDate)) - at + Date.parse(view.updatedAt)).toISOString(),
      }),
    }),
  },
  arrange: {
    standing: (known, view, live) => stand(known as typeof free, view, live),
    company: async (profile, view, live) =>
      void (await companyIs(live, contextOf(view).companyId, profile as typeof fit)),
    openApprovals: (items, view, live) => approve((items as object[]).length === 0, view, live),
  },
  outcome: {
    verification: async (event, view, live) => {
      const { companyId } = contextOf(view);
      const profile = event['output'] as typeof fit | undefined;
      if (profile !== undefined) {
        await companyIs(live, companyId, profile);
        return undefined;
      }
      await live.owner.query(`update deals.companies set id = 'away_' || id where id = $1`, [companyId]);
      return async () =>
        void (await live.owner.query(`update deals.companies set id = $1 where id = 'away_' || $1`, [companyId]));
    },
    contract: async (event, view, live) => {
      if (event.type.startsWith('xstate.done.')) return undefined;
      // No font of ours has such letters: the contract cannot be drawn up.
      const { creatorId } = contextOf(view);
      await live.owner.query(`update deals.creators set name = '王芳' where id = $1`, [creatorId]);
      return async () =>
        void (await live.owner.query(`update deals.creators set name = 'Carl Reator' where id = $1`, [creatorId]));
    },
    envelope: async (event, _, live) => {
      if (!event.type.startsWith('xstate.error.')) return undefined;
      await live.breakDown('docusign');
      return () => live.repair();
    },
  },
};

// R000-48, R000-49: all ten states, every edge, walked through HTTP.
coverEveryTransition(production, [{ exploration, realisation }]);
refuseEverythingElse(production, exploration, realisation);
