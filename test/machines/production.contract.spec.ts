import { NOON } from '../support/given.js';
import { company, creator, DAY, docusign, fit, free, given, legal, termsKept } from '../support/production.js';

const by = (caller: object, type: string, more: object = {}, facts: object = { standing: free, company: fit }) => ({
  type,
  caller,
  facts,
  ...more,
});
const open = [{ item: 'contract_approved_by_company', clearedBy: ['company'] }];
const approved = { openApprovals: [] };
const unapproved = { openApprovals: open };

describe('negotiation', () => {
  it('asks the company for its answer to a counter-proposal within 3 days (R000-55)', () =>
    given('PROPOSAL.reviewing', { terms: termsKept })
      .when(by(creator, 'proposal-response', { decision: 'counter', counterTerms: { budget: 2_000_000 } }))
      .then({
        state: 'NEGOTIATION',
        phase: 'countering',
        timers: ['COUNTER', 'EXCLUSIVITY'],
        context: { deadlineAt: NOON + 3 * DAY, counterTerms: { budget: 2_000_000 }, terms: termsKept },
      }));

  it('takes the terms of an accepted counter-proposal into the contract (R000-55)', () =>
    given('NEGOTIATION.countering', { terms: termsKept, counterTerms: { budget: 2_000_000 } })
      .when(by(company, 'counter-response', { accepted: true }))
      .then({ state: 'CONTRACT', context: { terms: { ...termsKept, budgetMinor: 2_000_000_00 } } }));

  it.each([
    [by(company, 'counter-response', { accepted: false, message: 'No' }), 'REJECTED', 'counter_refused'],
    [{ timer: 'COUNTER' }, 'EXPIRED', 'counter_unanswered'],
  ])('ends when the counter-proposal is refused or not answered: %j (R000-55)', (happening, state, reasonCode) =>
    given('NEGOTIATION.countering')
      .when(happening)
      .then({ state, context: { reasonCode, exclusiveUntil: null } }),
  );

  it.each([company, creator])('ends when %j does not agree, and lets go of the pitch', (caller) =>
    given('NEGOTIATION')
      .when(by(caller, 'terms-rejected', { reason: 'No' }))
      .then({ state: 'REJECTED', context: { reasonCode: 'terms_rejected', exclusiveUntil: null } }),
  );

  it('goes back to the proposal when exclusivity lapses (R000-49, R000-100)', () =>
    given('NEGOTIATION', { exclusiveUntil: NOON })
      .when({ timer: 'EXCLUSIVITY' })
      .then({
        state: 'PROPOSAL',
        phase: 'reviewing',
        context: { exclusiveUntil: null },
        timers: ['PROPOSAL_RESPONSE'],
      }));
});

describe('the contract', () => {
  it.each([
    [NOON + DAY, NOON + 5 * DAY],
    [NOON + 20 * DAY, NOON + 20 * DAY],
  ])('keeps the pitch at least until the signing deadline: %d (R000-56)', (exclusiveUntil, then) =>
    given('NEGOTIATION', { exclusiveUntil })
      .when(by(company, 'terms-agreed'))
      .then({
        state: 'CONTRACT',
        phase: 'drafting',
        effects: ['production.contract'],
        timers: ['CONTRACT'],
        context: { exclusiveUntil: then, deadlineAt: NOON + 5 * DAY },
      }),
  );

  it('is shown to both once it is drawn up (R000-60)', () =>
    given('CONTRACT')
      .when({ done: 'contract', facts: unapproved })
      .then({ state: 'CONTRACT', phase: 'approving', effects: ['notification.send', 'notification.send'] }));

  it('is sent at once when everybody has approved it before it was drawn up (R000-60)', () =>
    given('CONTRACT')
      .when({ done: 'contract', facts: approved })
      .then({
        state: 'CONTRACT',
        phase: 'sending',
        effects: ['notification.send', 'notification.send', 'docusign.envelope'],
      }));

  it('is sent for signature when everybody has approved it, and not before (R000-60)', async () => {
    await given('CONTRACT.approving')
      .when(by(company, 'contract-approved', {}, unapproved))
      .thenRefused({ guard: 'isApproved', code: 'CHECKLIST_OPEN' });
    await given('CONTRACT.approving')
      .when(by(company, 'contract-approved', {}, approved))
      .then({ state: 'CONTRACT', phase: 'sending', effects: ['docusign.envelope'] });
  });

  it('takes a signed copy that a party hands in, once everybody has approved (R000-60)', async () => {
    const signed = { signedDocumentKey: 'signed.pdf' };
    await given('CONTRACT.approving')
      .when(by(creator, 'contract-signed', signed, unapproved))
      .thenRefused({ guard: 'isApproved', code: 'CHECKLIST_OPEN' });
    await given('CONTRACT.approving')
      .when(by(creator, 'contract-signed', signed, approved))
      .then({ state: 'PRODUCTION', context: signed });
  });

  it('does not listen to providers before it knows its envelope (P16)', () =>
    given('CONTRACT.sending')
      .when(by(docusign, 'contract-signed', { signedDocumentKey: 'env_1' }, approved))
      .thenRefused({ verdict: 'EVENT_NOT_HANDLED_IN_STATE' }));

  it('is signed when its own envelope is, and not when another is (R000-60)', async () => {
    await given('CONTRACT.signing', { envelopeId: 'env_1' })
      .when(by(docusign, 'contract-signed', { signedDocumentKey: 'env_2' }, approved))
      .thenRefused({ guard: 'isThisEnvelope', code: 'OTHER_ENVELOPE' });
    await given('CONTRACT.signing', { envelopeId: 'env_1' })
      .when(by(docusign, 'contract-signed', { signedDocumentKey: 'env_1' }, approved))
      .then({
        state: 'PRODUCTION',
        effects: ['production.grantAccess', 'notification.send', 'notification.send'],
        timers: ['PRODUCTION'],
        context: { signedDocumentKey: 'env_1', exclusiveUntil: null, deadlineAt: NOON + 365 * DAY },
      });
  });

  it.each(['contract', 'envelope'])(
    'has legal collect the signatures when the %s finally fails (R000-84)',
    async (job) => {
      await given(job === 'contract' ? 'CONTRACT' : 'CONTRACT.sending')
        .when({ failed: job })
        .then({ state: 'CONTRACT', phase: 'manual', effects: ['notification.send'] });
      await given('CONTRACT.manual')
        .when(by(legal, 'manual-signature-complete', {}, unapproved))
        .thenRefused({ guard: 'isApproved', code: 'CHECKLIST_OPEN' });
      await given('CONTRACT.manual')
        .when(by(legal, 'manual-signature-complete', {}, approved))
        .then({ state: 'PRODUCTION' });
    },
  );

  it.each([
    by(company, 'contract-declined', { reason: 'No' }),
    by(docusign, 'contract-declined', { envelopeId: 'env_1' }),
  ])('ends the deal when a party declines it', (happening) =>
    given('CONTRACT.signing', { envelopeId: 'env_1' })
      .when(happening)
      .then({ state: 'REJECTED', tags: ['lost', 'compensate'], context: { reasonCode: 'contract_declined' } }),
  );

  it.each(['CONTRACT', 'CONTRACT.approving', 'CONTRACT.signing', 'CONTRACT.manual'])(
    'expires after 5 days, also in %s, and calls its envelope back (R000-60)',
    (state) =>
      given(state)
        .when({ timer: 'CONTRACT' })
        .then({
          state: 'EXPIRED',
          tags: ['lost', 'compensate'],
          context: { reasonCode: 'signature_deadline_missed', exclusiveUntil: null },
        }),
  );
});

describe('a production', () => {
  it('is late after 365 days: people are told, and it goes on (R000-62)', () =>
    given('PRODUCTION')
      .when({ timer: 'PRODUCTION' })
      .then({
        state: 'PRODUCTION',
        effects: ['notification.send', 'notification.send', 'notification.send'],
        timers: ['PRODUCTION'],
        context: { deadlineAt: NOON + 365 * DAY },
      }));

  it('ends well when somebody says that it is done (R000-62)', () =>
    given('PRODUCTION')
      .when(by(company, 'production-complete'))
      .then({
        state: 'COMPLETED',
        status: 'done',
        tags: ['won'],
        effects: ['notification.send', 'notification.send'],
      }));
});
