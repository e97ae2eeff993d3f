import { investment } from '../../machines/investment.js';
import { xstateDriver } from '../../src/engine/core/xstate.driver.js';
import { NOON } from '../support/given.js';
import { HOUR, agreed, creator, given, investor, legal, offer, provider } from '../support/investment.js';

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
