import { nda } from '../../machines/nda.js';
import { HOUSE_SCORECARD } from '../../machines/nda.risk.js';
import type { NdaContext, NdaInput } from '../../machines/nda.types.js';
import type { InstanceView } from '../../src/engine/reading.js';
import type { LiveService } from '../support/live.js';
import { coverEveryTransition, refuseEverythingElse, type Realisation } from '../support/model.js';
import { known } from '../support/nda.js';

const DAY = 86_400_000;
const at = Date.UTC(2026, 0, 5, 12);
const stamped = (cases: object[]) => cases.map((fields) => ({ at, facts: {}, ...fields }));

const CREATOR = { id: 'creator_model', roles: ['creator'] };
const LEGAL = { id: 'legal_model', roles: ['legal'] };
const DOCUSIGN = { id: 'system:docusign', roles: [] };

/** Draws the lines so that what is known of the requester alone decides between the three ways. */
const LINES = { creatorReviewFrom: 10, legalReviewFrom: 20 };
const AUTO = known;
const FOR_CREATOR = { ...known, emailVerified: false };
const FOR_LEGAL = { ...known, isSuspicious: true };
const failure = [{ error: { name: 'Error', message: 'no' } }];

const cases = {
  'creator-nda-review': stamped([
    { decision: 'approve', caller: CREATOR },
    { decision: 'reject', caller: CREATOR },
  ]),
  'legal-review': stamped([
    { decision: 'approve', caller: LEGAL },
    { decision: 'reject', caller: LEGAL },
    { decision: 'modify', modifiedTerms: { audit: 'yearly' }, caller: LEGAL },
  ]),
  'signature-status': ['env_1', 'env_2'].flatMap((envelopeId) =>
    stamped(
      ['sent', 'delivered', 'completed', 'declined', 'voided'].map((status) => ({
        envelopeId,
        status,
        caller: DOCUSIGN,
      })),
    ),
  ),
  'manual-signature-complete': stamped([{ caller: LEGAL }]),
  'xstate.done.actor.draft': stamped([{ output: null }]),
  'xstate.error.actor.draft': stamped(failure),
  'xstate.done.actor.assessment': stamped([{ output: AUTO }, { output: FOR_CREATOR }, { output: FOR_LEGAL }]),
  'xstate.error.actor.assessment': stamped(failure),
  'xstate.done.actor.envelope': stamped([{ output: { envelopeId: 'env_1' } }]),
  'xstate.error.actor.envelope': stamped(failure),
  'xstate.done.actor.access': stamped([{ output: null }]),
  'xstate.error.actor.access': stamped(failure),
};

/** What a tenant sets for the end of an NDA. */
interface Ending {
  offersRenewal: boolean;
  expiryReminderDays: number[];
}

const input = (ending: Ending): NdaInput => ({
  ndaId: 'nda_model',
  requesterId: 'inv_model',
  requesterType: 'investor',
  creatorId: CREATOR.id,
  pitchId: 'pitch_model',
  templateId: 'standard',
  durationMonths: 24,
  customTerms: {},
  territories: [],
  scorecard: { ...HOUSE_SCORECARD, ...LINES },
  ...ending,
  deadlines: {
    creatorReviewMs: 3 * DAY,
    legalReviewMs: 2 * DAY,
    signatureMs: 7 * DAY,
    viewedMs: 5 * DAY,
    accessRetryMs: DAY / 24,
  },
});

const exploration = (ending: Ending) => ({
  input: { instanceId: 'wf_model', tenant: 'demo', at, ...input(ending) } as never,
  cases,
  facets: (context: unknown) => {
    const { envelopeId, remindersAt } = context as NdaContext;
    return [envelopeId, remindersAt.length];
  },
});

const contextOf = ({ context }: InstanceView) => context as unknown as NdaContext;

let number = 0;
const realisation = (ending: Ending): Realisation => ({
  async start(live) {
    const n = ++number;
    const [requester, creator, pitch] = [`inv_${n}`, `creator_${n}`, `pitch_${n}`];
    await live.call('PUT', '/admin/settings/nda', ending);
    await live.call('PUT', '/admin/settings/nda-scorecard', LINES);
    await live.call('PUT', `/admin/requesters/${requester}`, {
      name: 'Rita Quest',
      email: `${requester}@example.com`,
      emailVerified: true,
    });
    await live.call('PUT', `/admin/creators/${creator}`, { name: 'Carl Reator', email: `${creator}@example.com` });
    await live.call('PUT', `/admin/pitches/${pitch}`, { title: 'A pitch', creatorId: creator });
    const { status, body } = await live.call(
      'POST',
      '/api/workflows/nda/create',
      { requesterId: requester, requesterEmail: `${requester}@example.com`, creatorId: creator, pitchId: pitch },
      await live.tokenFor(requester, ['investor']),
    );
    expect({ status, body }).toMatchObject({ status: 200, body: { success: true } });
    return String(body['instanceId']);
  },
  payload: {
    // What the model calls env_1 is the envelope that really went out, once there is one.
    'signature-status': (fields, view) => ({
      ...fields,
      envelopeId: fields['envelopeId'] === 'env_1' ? (contextOf(view).envelopeId ?? 'env_1') : fields['envelopeId'],
    }),
  },
  outcome: {
    draft: away('documents'),
    assessment: async (event, view, live) => {
      const record = event['output'] as typeof known | undefined;
      if (record === undefined) return away('requesters')(event, view, live);
      await live.owner.query('update deals.requesters set email_verified = $2, suspicious = $3 where id = $1', [
        contextOf(view).requesterId,
        record.emailVerified,
        record.isSuspicious,
      ]);
      return undefined;
    },
    envelope: async ({ type }, _, live) => {
      if (!type.startsWith('xstate.error.')) return undefined;
      await live.breakDown('docusign');
      return () => live.repair();
    },
    access: away('pitch_access'),
  },
});

/** A table that is not there for as long as the model wants the job to fail. */
function away(table: string) {
  return async ({ type }: { type: string }, _: InstanceView, live: LiveService) => {
    if (!type.startsWith('xstate.error.')) return undefined;
    await live.owner.query(`alter table deals.${table} rename to ${table}_away`);
    return async () => void (await live.owner.query(`alter table deals.${table}_away rename to ${table}`));
  };
}

const plain: Ending = { offersRenewal: false, expiryReminderDays: [90, 30] };
const walks = [plain, { ...plain, offersRenewal: true }]
  .flatMap((ending) => [ending, { ...ending, expiryReminderDays: [] }])
  .map((ending) => ({ exploration: exploration(ending), realisation: realisation(ending) }));

// R000-64, R000-65, R000-74: all nine states, every edge and every message of the signing provider, walked through HTTP.
coverEveryTransition(nda, walks);
refuseEverythingElse(nda, exploration(plain), realisation(plain));
