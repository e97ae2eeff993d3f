import { agreed, creator, given, investor } from '../support/investment.js';

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

  it('keeps money from a bank account until it can hardly be called back any more (R000-47)', async () => {
    await given('CLOSING.documents.signing.investor.signed', { ...held, captured: true, returnable: true })
      .when(sign('creator', creator))
      .then({ state: 'FUNDED', phase: 'clearing', timers: ['BANK_RISK'], effects: [] });
    await given('FUNDED.clearing', { ...held, captured: true, returnable: true })
      .when({ timer: 'BANK_RISK' })
      .then({ state: 'FUNDED', phase: 'transferring', effects: ['stripe.transfer'] });
  });

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
