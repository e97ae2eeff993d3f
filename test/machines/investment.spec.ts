import { draftTerms, toDecimal, toMinor } from '../../machines/investment.terms.js';
import { investment } from '../../machines/investment.js';
import type { Json } from '../../src/engine/core/driver.js';
import { xstateDriver } from '../../src/engine/core/xstate.driver.js';
import { given as instanceOf, NOON } from '../support/given.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const deadlines = {
  creatorDecisionMs: 7 * DAY,
  investorCounterMs: 3 * DAY,
  termSheetMs: 3 * DAY,
  diligenceReminderMs: 30 * DAY,
  commitmentMs: 48 * HOUR,
  escrowMs: 7 * DAY,
  closingMs: 7 * DAY,
  holdExpiringMs: 6 * DAY,
};
const offer = {
  dealId: 'deal_1',
  investorId: 'inv_123',
  creatorId: 'creator_789',
  pitchId: 'pitch_456',
  investmentType: 'equity',
  amountMinor: 250_000_00,
  message: 'Interested',
  deadlines,
  maxCounterOffers: 5,
  captureOn: 'closing',
};
const agreed = { offerMinor: 250_000_00, agreedMinor: 250_000_00 };
const investor = { id: 'inv_123', roles: ['investor'] };
const creator = { id: 'creator_789', roles: ['creator'] };
const legal = { id: 'legal_1', roles: ['legal'] };
const operator = { id: 'operator_1', roles: ['operator'] };
const provider = { id: 'system:stripe', roles: [] };
const verified = { accreditation: 'verified', limitMinor: 300_000_00, investedThisYearMinor: 0 };

const given = (state?: string, context: Record<string, Json> = {}) =>
  instanceOf(investment, state, { ...offer, ...context });

describe('interest and qualification', () => {
  it('tells the creator first (R000-29)', () =>
    given()
      .when({ done: 'announcement' })
      .then({ state: 'QUALIFICATION', effects: ['deals.qualify'] }));

  it('goes on when the creator cannot be told', () =>
    given().when({ failed: 'announcement' }).then({ state: 'QUALIFICATION' }));

  it('lets a verified investor within his limit negotiate (R000-30)', () =>
    given('QUALIFICATION')
      .when({ done: 'qualification', output: verified })
      .then({
        state: 'NEGOTIATION',
        phase: 'awaitingCreator',
        timers: ['CREATOR_DECISION'],
        effects: ['notification.send'],
        context: { limitLeftMinor: 300_000_00, deadlineAt: NOON + 7 * DAY },
      }));

  it.each([
    ['is not accredited', { ...verified, accreditation: 'pending' }, 'Accreditation not verified'],
    ['is over the limit', { ...verified, investedThisYearMinor: 50_000_01 }, 'Investment limit exceeded'],
  ])('rejects an investor who %s (R000-30)', (_, output, reason) =>
    given('QUALIFICATION')
      .when({ done: 'qualification', output })
      .then({
        state: 'REJECTED',
        status: 'done',
        context: { reasonCode: 'qualification_failed', reason },
        effects: ['notification.send'],
      }),
  );

  it('takes exactly the limit (R000-30)', () =>
    given('QUALIFICATION')
      .when({ done: 'qualification', output: { ...verified, investedThisYearMinor: 50_000_00 } })
      .then({ state: 'NEGOTIATION' }));

  it('takes any amount from an investor without a limit (R000-30)', () =>
    given('QUALIFICATION')
      .when({ done: 'qualification', output: { ...verified, limitMinor: null } })
      .then({ state: 'NEGOTIATION', context: { limitLeftMinor: null } }));

  it('fails, rather than rejects, when the investor is unknown (R000-30)', () =>
    given('QUALIFICATION')
      .when({ failed: 'qualification', error: { code: 'WF006', message: 'unknown investor' } })
      .then({ state: 'FAILED', context: { reasonCode: 'qualification_error', reason: 'unknown investor' } }));
});

describe('negotiation', () => {
  const decide = (decision: string, more = {}) => ({ type: 'creator-decision', decision, caller: creator, ...more });
  const counters = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ by: 'creator', amountMinor: 200_000_00 + i, message: null, at: NOON }));

  it('agrees on the offer when the creator approves, and draws up the terms (R000-32, R000-35)', () =>
    given('NEGOTIATION')
      .when(decide('approve'))
      .then({
        state: 'TERM_SHEET',
        phase: 'sending',
        timers: ['TERM_SHEET'],
        effects: ['notification.send', 'docusign.envelope'],
        context: { agreedMinor: 250_000_00, terms: { investmentAmount: '250000.00', equityPercentage: 5 } },
      }));

  it('ends when the creator rejects (R000-32)', () =>
    given('NEGOTIATION')
      .when(decide('reject'))
      .then({ state: 'REJECTED', effects: ['notification.send'], context: { reasonCode: 'negotiation_failed' } }));

  it('expires when the creator is silent for 7 days (R000-27, R000-101)', () =>
    given('NEGOTIATION')
      .when({ timer: 'CREATOR_DECISION' })
      .then({ state: 'EXPIRED', effects: ['notification.send', 'notification.send'] }));

  it('lets the investor answer a counter-offer within 3 days (R000-33)', () =>
    given('NEGOTIATION')
      .when(decide('counter', { counterAmount: 199_999.99, message: 'Less' }))
      .then({
        state: 'NEGOTIATION',
        phase: 'awaitingInvestor',
        timers: ['INVESTOR_COUNTER'],
        context: {
          offerMinor: 199_999_99,
          counterOffers: [{ by: 'creator', amountMinor: 199_999_99, message: 'Less', at: NOON }],
          deadlineAt: NOON + 3 * DAY,
        },
      }));

  it('refuses the sixth counter-offer, and says why (R000-33)', () =>
    given('NEGOTIATION', { counterOffers: counters(5) })
      .when(decide('counter', { counterAmount: 1_000 }))
      .thenRefused({ guard: 'roundsLeft', code: 'TOO_MANY_COUNTER_OFFERS', data: { most: 5 } }));

  it('refuses a counter-offer above what the investor may invest (R000-30)', () =>
    given('NEGOTIATION', { limitLeftMinor: 260_000_00 })
      .when(decide('counter', { counterAmount: 260_000.01 }))
      .thenRefused({ guard: 'isWithinLimit', code: 'INVESTMENT_LIMIT_EXCEEDED', data: { limitLeft: '260000.00' } }));

  it('agrees on the counter-offer when the investor accepts it (R000-33)', () =>
    given('NEGOTIATION.awaitingInvestor', { offerMinor: 200_000_00, counterOffers: counters(1) })
      .when({ type: 'investor-counter-response', accepted: true })
      .then({ state: 'TERM_SHEET', context: { agreedMinor: 200_000_00 } }));

  it('ends when the investor declines without a counter-offer (R000-33)', () =>
    given('NEGOTIATION.awaitingInvestor')
      .when({ type: 'investor-counter-response', accepted: false })
      .then({ state: 'WITHDRAWN', context: { reasonCode: 'negotiation_failed' } }));

  it('goes back to the creator when the investor counters (R000-33)', () =>
    given('NEGOTIATION.awaitingInvestor', { counterOffers: counters(1) })
      .when({ type: 'investor-counter-response', accepted: false, counterAmount: 220_000 })
      .then({
        state: 'NEGOTIATION',
        phase: 'awaitingCreator',
        timers: ['CREATOR_DECISION'],
        context: { offerMinor: 220_000_00 },
      }));

  it('withdraws when the investor does not answer in 3 days (R000-33, R000-101)', () =>
    given('NEGOTIATION.awaitingInvestor').when({ timer: 'INVESTOR_COUNTER' }).then({ state: 'WITHDRAWN' }));
});

describe('withdrawal (R000-34)', () => {
  it.each(['INTEREST', 'QUALIFICATION', 'NEGOTIATION', 'TERM_SHEET', 'DUE_DILIGENCE', 'COMMITMENT'])(
    'is possible in %s',
    (state) =>
      given(state)
        .when({ type: 'investor-withdraw', reason: 'Changed my mind' })
        .then({
          state: 'WITHDRAWN',
          tags: ['lost', 'compensate'],
          context: { reasonCode: 'investor_withdrew', reason: 'Changed my mind' },
        }),
  );

  it.each(['ESCROW', 'CLOSING', 'FUNDED'])('is refused from %s on', (state) =>
    given(state, agreed).when({ type: 'investor-withdraw' }).thenRefused({ verdict: 'EVENT_NOT_HANDLED_IN_STATE' }),
  );
});

describe('term sheet', () => {
  const out = { ...agreed, envelopeId: 'env_1' };
  const sign = (party: string, caller: object, signedDocumentKey = 'signed/1.pdf') => ({
    type: 'term-sheet-signed',
    party,
    signedDocumentKey,
    caller,
  });

  it('asks both parties to sign once the envelope is out (R000-35)', () =>
    given('TERM_SHEET')
      .when({ done: 'termSheet', output: { envelopeId: 'env_1' } })
      .then({
        state: 'TERM_SHEET',
        phase: 'signing.investor.open,creator.open',
        effects: ['notification.send', 'notification.send'],
        timers: ['TERM_SHEET'],
        context: { envelopeId: 'env_1' },
      }));

  it('waits for the second signature (R000-36)', () =>
    given('TERM_SHEET.signing', out)
      .when(sign('creator', creator))
      .then({ state: 'TERM_SHEET', phase: 'signing.investor.open,creator.signed' }));

  it.each([
    ['creator', 'TERM_SHEET.signing.investor.signed', creator],
    ['investor', 'TERM_SHEET.signing.creator.signed', investor],
  ])('is done when the %s signs last (R000-36)', (party, state, caller) =>
    given(state, out)
      .when(sign(party, caller))
      .then({ state: 'DUE_DILIGENCE', phase: 'checking', timers: [], effects: ['deals.diligence'] }),
  );

  it('counts no signature twice (R000-36)', () =>
    given('TERM_SHEET.signing.investor.signed', out)
      .when(sign('investor', investor))
      .thenRefused({ guard: 'isSignatureOf', code: 'ALREADY_SIGNED' }));

  it('lets nobody sign for the other party (R000-36)', () =>
    given('TERM_SHEET.signing', out)
      .when(sign('creator', investor))
      .thenRefused({ guard: 'isGenuine', code: 'SIGNED_FOR_ANOTHER' }));

  it('takes the word of the signature provider for its own envelope only', async () => {
    await given('TERM_SHEET.signing', out)
      .when(sign('investor', provider, 'env_1'))
      .then({ state: 'TERM_SHEET', phase: 'signing.investor.signed,creator.open' });
    await given('TERM_SHEET.signing', out)
      .when(sign('investor', provider, 'env_2'))
      .thenRefused({ guard: 'isGenuine', code: 'OTHER_ENVELOPE' });
  });

  it('has legal collect the signatures when the envelope cannot be sent (R000-84)', async () => {
    await given('TERM_SHEET')
      .when({ failed: 'termSheet', error: { message: 'DocuSign is down' } })
      .then({ state: 'TERM_SHEET', phase: 'manual.investor.open,creator.open', effects: ['notification.send'] });
    await given('TERM_SHEET.manual.creator.signed', agreed)
      .when({ type: 'manual-signature-complete', party: 'investor', caller: legal })
      .then({ state: 'DUE_DILIGENCE' });
  });

  it('ends when a party declines the terms (R000-27, R000-36)', () =>
    given('TERM_SHEET.signing', out)
      .when({ type: 'term-sheet-response', accepted: false, modifications: 'Two board seats' })
      .then({ state: 'WITHDRAWN', context: { reasonCode: 'term_sheet_rejected', reason: 'Two board seats' } }));

  it('is accepted by signing, not by saying so (R000-36)', () =>
    given('TERM_SHEET.signing', out)
      .when({ type: 'term-sheet-response', accepted: true })
      .thenRefused({ guard: 'declinesTerms', code: 'SIGNATURE_NEEDED' }));

  it.each(['TERM_SHEET', 'TERM_SHEET.signing', 'TERM_SHEET.manual'])(
    'expires after 3 days, also in %s (R000-36, R000-101)',
    (state) =>
      given(state, out)
        .when({ timer: 'TERM_SHEET' })
        .then({ state: 'EXPIRED', tags: ['lost', 'compensate'] }),
  );
});

describe('due diligence', () => {
  const sound = { creatorOwnsPitch: true, pitchIsFree: true, termsValid: true };
  const open = [
    { item: 'dd_documents_provided', clearedBy: ['creator', 'legal'] },
    { item: 'dd_review_complete', clearedBy: ['legal'] },
  ];

  it('goes to the reviewers when the three automatic checks hold (R000-37)', () =>
    given('DUE_DILIGENCE', agreed)
      .when({ done: 'diligence', output: sound })
      .then({ state: 'DUE_DILIGENCE', phase: 'reviewing', timers: ['DILIGENCE_REMINDER'] }));

  it.each(['creatorOwnsPitch', 'pitchIsFree', 'termsValid'])('fails when %s does not hold (R000-37)', (check) =>
    given('DUE_DILIGENCE', agreed)
      .when({ done: 'diligence', output: { ...sound, [check]: false } })
      .then({ state: 'FAILED', context: { reasonCode: 'diligence_failed', reason: check } }),
  );

  it('is not complete while the checklist has open items, and names them (R000-37)', () =>
    given('DUE_DILIGENCE.reviewing', agreed)
      .when({ type: 'due-diligence-complete', facts: { openItems: open } })
      .thenRefused({ guard: 'isChecklistDone', code: 'CHECKLIST_OPEN' }));

  it('says who can clear the checklist (R000-37)', async () => {
    const driver = xstateDriver(investment);
    const { snapshot } = await driver.start({ ...offer, instanceId: 'wf_1', tenant: 'acme', at: NOON });
    const stamp = { at: NOON, caller: legal, facts: { openItems: open } };
    const { snapshot: reviewing } = await driver.force(
      snapshot,
      'DUE_DILIGENCE.reviewing',
      { ...stamp, type: 'given' },
      { suppressEffects: true },
    );
    expect(driver.explain(reviewing, { ...stamp, type: 'due-diligence-complete' })).toMatchObject({
      verdict: 'GUARDS_REFUSED',
      missing: ['dd_documents_provided', 'dd_review_complete'],
      clearedBy: ['creator', 'legal'],
    });
  });

  it('asks for the final commitment once everything is cleared (R000-39)', () =>
    given('DUE_DILIGENCE.reviewing', agreed)
      .when({ type: 'due-diligence-complete', facts: { openItems: [] } })
      .then({
        state: 'COMMITMENT',
        timers: ['COMMITMENT'],
        effects: ['notification.send', 'notification.send', 'notification.send'],
        context: { deadlineAt: NOON + 48 * HOUR },
      }));

  it('fails with the issues that were found (R000-37)', () =>
    given('DUE_DILIGENCE.reviewing', agreed)
      .when({ type: 'due-diligence-failed', issues: ['No chain of title', 'Debts'] })
      .then({ state: 'FAILED', context: { reason: 'No chain of title; Debts' } }));

  it('reminds everybody every 30 days instead of cutting them off', () =>
    given('DUE_DILIGENCE.reviewing', agreed)
      .when({ timer: 'DILIGENCE_REMINDER' })
      .then({
        state: 'DUE_DILIGENCE',
        phase: 'reviewing',
        timers: ['DILIGENCE_REMINDER'],
        effects: Array.from({ length: 3 }, () => 'notification.send'),
      }));
});

describe('commitment (R000-39)', () => {
  const confirm = (confirmed: boolean, rivalDeals: string[] = []) => ({
    type: 'commitment-confirmed',
    confirmed,
    facts: { rivalDeals },
  });

  it('holds the money once the investor has confirmed (R000-40)', () =>
    given('COMMITMENT', agreed)
      .when(confirm(true))
      .then({ state: 'ESCROW', phase: 'creatingHold', timers: ['ESCROW'], effects: ['stripe.hold'] }));

  it('is withdrawn when the investor says no', () =>
    given('COMMITMENT', agreed)
      .when(confirm(false))
      .then({ state: 'WITHDRAWN', context: { reasonCode: 'commitment_withdrawn' } }));

  it('is withdrawn after 48 hours of silence (R000-101)', () =>
    given('COMMITMENT', agreed).when({ timer: 'COMMITMENT' }).then({ state: 'WITHDRAWN' }));

  it('waits while another deal of the pitch has money in it (R000-37)', () =>
    given('COMMITMENT', agreed)
      .when(confirm(true, ['deal_2']))
      .thenRefused({ guard: 'isPitchFree', code: 'PITCH_TAKEN' }));
});

describe('escrow', () => {
  const held = { ...agreed, transactionId: 'pi_1' };
  const wired = { offerMinor: 1_000_000_00, agreedMinor: 1_000_000_00 };
  const confirmed = {
    type: 'escrow-confirmed',
    transactionId: 'pi_1',
    amountMinor: 250_000_00,
    currency: 'usd',
    caller: provider,
  };

  it('asks the investor to pay once the hold is prepared (R000-40)', () =>
    given('ESCROW.creatingHold', agreed)
      .when({ done: 'hold', output: { transactionId: 'pi_1' } })
      .then({
        state: 'ESCROW',
        phase: 'awaitingPayment',
        effects: ['notification.send'],
        timers: ['ESCROW'],
        context: { transactionId: 'pi_1' },
      }));

  it('closes the deal when the provider holds the agreed amount (R000-80)', () =>
    given('ESCROW.awaitingPayment', held)
      .when(confirmed)
      .then({
        state: 'CLOSING',
        phase: 'documents.sending,funds.held',
        timers: ['CLOSING', 'HOLD_EXPIRING'],
        effects: ['docusign.envelope'],
      }));

  it.each([
    ['another payment', { transactionId: 'pi_2' }, 'isThisPayment', 'OTHER_TRANSACTION'],
    ['less money', { amountMinor: 249_999_99 }, 'isPaidInFull', 'AMOUNT_MISMATCH'],
    ['other money', { currency: 'eur' }, 'isPaidInFull', 'AMOUNT_MISMATCH'],
    ['money of no known currency', { currency: undefined }, 'isPaidInFull', 'AMOUNT_MISMATCH'],
    ['the word of an operator', { caller: operator }, 'isConfirmedByProvider', 'PROVIDER_CONFIRMS'],
  ])('does not take %s for the hold (R000-47)', (_, difference, guard, code) =>
    given('ESCROW.awaitingPayment', held)
      .when({ ...confirmed, ...difference })
      .thenRefused({ guard, code }),
  );

  it('keeps the deal after a declined payment (R000-41)', () =>
    given('ESCROW.awaitingPayment', held)
      .when({ type: 'payment-failed', transactionId: 'pi_1', reason: 'card_declined' })
      .then({ state: 'ESCROW', phase: 'paymentFailed', timers: ['ESCROW'], context: { failedPayments: 1 } }));

  it('fails after the third declined payment (R000-41)', () =>
    given('ESCROW.paymentFailed', { ...held, failedPayments: 2 })
      .when({ type: 'payment-failed', transactionId: 'pi_1' })
      .then({ state: 'FAILED', tags: ['lost', 'failed', 'compensate'], context: { reasonCode: 'escrow_failed' } }));

  it('makes a new payment on request and gives up the old one (R000-41)', () =>
    given('ESCROW.paymentFailed', { ...held, failedPayments: 1 })
      .when({ type: 'payment-retry' })
      .then({
        state: 'ESCROW',
        phase: 'creatingHold',
        effects: ['stripe.hold'],
        context: { transactionId: null, abandonedTransactions: ['pi_1'] },
      }));

  it('takes the same payment when the investor succeeds at the second try (R000-41)', () =>
    given('ESCROW.paymentFailed', held).when(confirmed).then({ state: 'CLOSING' }));

  it('is not troubled by the end of a payment it gave up (R000-41)', () =>
    given('ESCROW.awaitingPayment', { ...held, transactionId: 'pi_2', abandonedTransactions: ['pi_1'] })
      .when({ type: 'escrow-canceled', transactionId: 'pi_1' })
      .then({ state: 'ESCROW', phase: 'awaitingPayment', context: { abandonedTransactions: [] } }));

  it('asks again when the payment was cancelled at the provider (R000-80)', () =>
    given('ESCROW.awaitingPayment', held)
      .when({ type: 'escrow-canceled', transactionId: 'pi_1' })
      .then({ state: 'ESCROW', phase: 'paymentFailed' }));

  it.each(['ESCROW.creatingHold', 'ESCROW.awaitingPayment', 'ESCROW.paymentFailed', 'ESCROW.awaitingWire'])(
    'fails 7 days after it began, also in %s, and undoes the hold (R000-40, R000-101)',
    (state) =>
      given(state, held)
        .when({ timer: 'ESCROW' })
        .then({ state: 'FAILED', context: { reasonCode: 'escrow_timeout' }, tags: ['lost', 'failed', 'compensate'] }),
  );

  it.each([
    ['holds 999,999.99 on a card', 999_999_99, 'creatingHold'],
    ['asks for a wire from 1,000,000.00 on', 1_000_000_00, 'awaitingWire'],
  ])('%s (R000-47)', (_, amountMinor, phase) =>
    given('COMMITMENT', { offerMinor: amountMinor, agreedMinor: amountMinor })
      .when({ type: 'commitment-confirmed', confirmed: true, facts: { rivalDeals: [] } })
      .then({ state: 'ESCROW', phase }),
  );

  it('closes the deal when an operator confirms the wire (R000-47)', () =>
    given('ESCROW.awaitingWire', wired)
      .when({ type: 'escrow-confirmed', transactionId: 'wire_1', amount: 1_000_000, caller: operator })
      .then({
        state: 'CLOSING',
        phase: 'documents.sending,funds.captured',
        timers: ['CLOSING'],
        effects: ['deals.bookWire', 'docusign.envelope'],
        context: { transactionId: 'wire_1', captured: true },
      }));

  it('does not take a wire of another amount (R000-47)', () =>
    given('ESCROW.awaitingWire', wired)
      .when({ type: 'escrow-confirmed', transactionId: 'wire_1', amount: 999_999.99, caller: operator })
      .thenRefused({ guard: 'isPaidInFull', code: 'AMOUNT_MISMATCH' }));

  it('fails when no hold can be made (R000-26)', () =>
    given('ESCROW.creatingHold', agreed)
      .when({ failed: 'hold', error: { message: 'Stripe said no' } })
      .then({ state: 'FAILED', context: { reason: 'Stripe said no' } }));
});

describe('closing', () => {
  const held = { ...agreed, transactionId: 'pi_1', envelopeId: 'env_2' };
  const sign = (party: string, caller: object) => ({ type: 'closing-documents-signed', party, caller });

  it('asks both parties to sign the closing documents (R000-42)', () =>
    given('CLOSING', held)
      .when({ done: 'closingDocuments', output: { envelopeId: 'env_3' } })
      .then({
        state: 'CLOSING',
        phase: 'documents.signing.investor.open,creator.open,funds.held',
        effects: ['notification.send', 'notification.send'],
      }));

  it('takes and hands over the money when both have signed (R000-42, R000-43)', async () => {
    await given('CLOSING.documents.signing', held).when(sign('investor', investor)).then({ state: 'CLOSING' });
    await given('CLOSING.documents.signing.investor.signed', held)
      .when(sign('creator', creator))
      .then({ state: 'FUNDED', phase: 'capturing', timers: [], effects: ['stripe.capture'] });
  });

  it('has legal collect the signatures when the envelope cannot be sent (R000-84)', () =>
    given('CLOSING', held)
      .when({ failed: 'closingDocuments' })
      .then({ state: 'CLOSING', phase: 'documents.manual.investor.open,creator.open,funds.held' }));

  it('captures early when the hold is about to lapse (R000-81)', () =>
    given('CLOSING.documents.signing', held)
      .when({ timer: 'HOLD_EXPIRING' })
      .then({
        state: 'CLOSING',
        phase: 'documents.signing.investor.open,creator.open,funds.capturing',
        effects: ['stripe.capture'],
        timers: ['CLOSING'],
      }));

  it('tells legal instead when the tenant captures at FUNDED only (R000-81)', () =>
    given('CLOSING.documents.signing', { ...held, captureOn: 'funded' })
      .when({ timer: 'HOLD_EXPIRING' })
      .then({
        state: 'CLOSING',
        phase: 'documents.signing.investor.open,creator.open,funds.expiring',
        effects: ['notification.send'],
      }));

  it('does not capture twice (R000-43)', () =>
    given('CLOSING.documents.signing.investor.signed', { ...held, captured: true })
      .when(sign('creator', creator))
      .then({ state: 'FUNDED', phase: 'transferring', effects: ['stripe.transfer'] }));

  it('fails when the hold has lapsed (R000-81)', () =>
    given('CLOSING.documents.signing', held)
      .when({ type: 'escrow-canceled', transactionId: 'pi_1' })
      .then({ state: 'FAILED', context: { reasonCode: 'escrow_failed' } }));

  it('fails after 7 days, and undoes envelopes and holds (R000-27, R000-42, R000-101)', () =>
    given('CLOSING.documents.signing', held)
      .when({ timer: 'CLOSING' })
      .then({ state: 'FAILED', tags: ['lost', 'failed', 'compensate'], context: { reasonCode: 'closing_timeout' } }));
});

describe('funding', () => {
  const held = { ...agreed, transactionId: 'pi_1' };

  it('pays the creator once the money is captured (R000-43)', () =>
    given('FUNDED.capturing', held)
      .when({ done: 'capture', output: { transactionId: 'pi_1' } })
      .then({ state: 'FUNDED', phase: 'transferring', effects: ['stripe.transfer'], context: { captured: true } }));

  it('completes when the creator is paid (R000-44)', () =>
    given('FUNDED.transferring', held)
      .when({ done: 'transfer', output: { transferId: 'tr_1' } })
      .then({
        state: 'COMPLETED',
        tags: ['won'],
        effects: ['deals.countFunding', 'pitch.grantAccess', 'notification.send', 'notification.send'],
        context: { transferId: 'tr_1' },
      }));

  it("completes on the provider's message too, whichever comes first (R000-80)", () =>
    given('FUNDED.transferring', held)
      .when({ type: 'transfer-complete', transferId: 'tr_1', amountMinor: 250_000_00, currency: 'usd' })
      .then({ state: 'COMPLETED', context: { transferId: 'tr_1' } }));

  it('does not complete on a transfer of another amount (R000-47)', () =>
    given('FUNDED.transferring', held)
      .when({ type: 'transfer-complete', transferId: 'tr_1', amountMinor: 1, currency: 'usd' })
      .thenRefused({ guard: 'isFullTransfer', code: 'AMOUNT_MISMATCH' }));

  it.each([
    ['FUNDED.capturing', { failed: 'capture' }],
    ['FUNDED.transferring', { failed: 'transfer' }],
    ['FUNDED.transferring', { type: 'transfer-failed', transferId: 'tr_1' }],
  ])('fails in %s when the money cannot be moved, and undoes what was (R000-27, R000-46)', (state, happening) =>
    given(state, held)
      .when(happening)
      .then({ state: 'FAILED', tags: ['lost', 'failed', 'compensate'], context: { reasonCode: 'funding_failed' } }),
  );

  it('notes that the money was captured, however it learns of it (R000-80)', () =>
    given('FUNDED.capturing', held)
      .when({ type: 'funds-captured', transactionId: 'pi_1' })
      .then({ state: 'FUNDED', phase: 'capturing', context: { captured: true } }));
});

describe('the lifecycle', () => {
  const { states, transitions } = xstateDriver(investment).describe();
  const top = (path: string) => path.split('.')[0] ?? path;
  const edges = transitions
    .flatMap(({ source, targets, meta }) =>
      targets.map((target) => ({ from: top(source), to: top(target), extension: 'extension' in meta })),
    )
    .filter(({ from, to }) => from !== to);
  const named = (list: typeof edges) => [...new Set(list.map(({ from, to }) => `${from}→${to}`))].sort();

  it('has the fourteen states of the product (R000-25)', () =>
    expect(states.filter(({ parent }) => parent === null).map(({ id }) => id)).toEqual([
      'INTEREST',
      'QUALIFICATION',
      'NEGOTIATION',
      'TERM_SHEET',
      'DUE_DILIGENCE',
      'COMMITMENT',
      'ESCROW',
      'CLOSING',
      'FUNDED',
      'COMPLETED',
      'REJECTED',
      'WITHDRAWN',
      'EXPIRED',
      'FAILED',
    ]));

  it("has every edge of the product's diagram (R000-26)", () =>
    expect(named(edges.filter(({ extension }) => !extension))).toEqual(
      [
        'INTEREST→QUALIFICATION',
        'QUALIFICATION→NEGOTIATION',
        'QUALIFICATION→REJECTED',
        'NEGOTIATION→TERM_SHEET',
        'NEGOTIATION→WITHDRAWN',
        'NEGOTIATION→REJECTED',
        'TERM_SHEET→DUE_DILIGENCE',
        'TERM_SHEET→EXPIRED',
        'DUE_DILIGENCE→COMMITMENT',
        'DUE_DILIGENCE→FAILED',
        'COMMITMENT→ESCROW',
        'ESCROW→CLOSING',
        'ESCROW→FAILED',
        'CLOSING→FUNDED',
        'FUNDED→COMPLETED',
      ].sort(),
    ));

  it('marks every other edge as an extension (R000-27, R000-30, R000-34)', () =>
    expect(named(edges.filter(({ extension }) => extension))).toEqual(
      [
        'NEGOTIATION→EXPIRED',
        'COMMITMENT→WITHDRAWN',
        'TERM_SHEET→WITHDRAWN',
        'DUE_DILIGENCE→WITHDRAWN',
        'CLOSING→FAILED',
        'FUNDED→FAILED',
        'INTEREST→WITHDRAWN',
        'QUALIFICATION→WITHDRAWN',
        'QUALIFICATION→FAILED',
      ].sort(),
    ));

  it('describes every state', () =>
    expect(states.filter(({ description }) => !description).map(({ id }) => id)).toEqual([]));

  it('lets people neither confirm nor deny what a provider has to say (R000-80)', () => {
    const providersOnly = Object.entries(investment.events)
      .filter(([, { from }]) => from.every((name) => name.startsWith('webhook:')))
      .map(([type]) => type);
    expect(providersOnly).toEqual([
      'payment-failed',
      'escrow-canceled',
      'funds-captured',
      'transfer-complete',
      'transfer-failed',
    ]);
  });
});

describe('terms (R000-35)', () => {
  const common = (investmentType: string) => ({
    investmentAmount: '1000000.01',
    investmentType,
    closingDate: '2026-02-04',
    governingLaw: 'Delaware, USA',
  });

  it.each([
    ['equity', { equityPercentage: 20, votingRights: 'Class A Common', boardSeats: 1, proRataRights: true }],
    ['debt', { interestRate: 8.5, maturityDate: '2029-01-04', paymentSchedule: 'quarterly', collateral: 'None' }],
    [
      'convertible',
      { conversionDiscount: 20, valuationCap: '10000000.00', interestRate: 5, maturityDate: '2027-06-29' },
    ],
    [
      'revenue_share',
      { revenuePercentage: 5, paymentCap: '2500000.03', paymentSchedule: 'monthly', startDate: '2026-04-05' },
    ],
  ] as const)('has its own terms for %s', (type, own) =>
    expect(draftTerms(type, 1_000_000_01, NOON)).toEqual({ ...common(type), ...own }),
  );

  it.each([
    [500_000_00, { boardSeats: 0, proRataRights: false }],
    [500_000_01, { boardSeats: 0, proRataRights: true }],
    [1_000_000_00, { boardSeats: 0, proRataRights: true }],
  ])('gives %d cents their rights', (amount, rights) =>
    expect(draftTerms('equity', amount, NOON)).toMatchObject(rights),
  );
});

describe('amounts (R000-47)', () => {
  it.each([
    [19.99, 19_99, '19.99'],
    [0.29, 29, '0.29'],
    [0.07, 7, '0.07'],
    [1_000, 1_000_00, '1000.00'],
    [9_999_999.99, 9_999_999_99, '9999999.99'],
  ])('knows %d as whole cents and back', (amount, minor, decimal) => {
    expect(toMinor(amount)).toBe(minor);
    expect(toDecimal(minor)).toBe(decimal);
  });
});
