import { agreed, given, operator, provider } from '../support/investment.js';

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

  it('closes the deal when the provider holds the agreed amount (R000-80, R000-100)', () =>
    given('ESCROW.awaitingPayment', held)
      .when(confirmed)
      .then({
        state: 'CLOSING',
        phase: 'documents.sending,funds.held',
        timers: ['CLOSING', 'HOLD_EXPIRING'],
        effects: ['docusign.envelope'],
      }));

  it('takes money from a bank account as it comes: captured, and returnable (R000-47)', () =>
    given('ESCROW.awaitingPayment', held)
      .when({ ...confirmed, captured: true })
      .then({
        state: 'CLOSING',
        phase: 'documents.sending,funds.captured',
        timers: ['CLOSING'],
        effects: ['docusign.envelope'],
        context: { captured: true, returnable: true },
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

  it('keeps the deal after a declined payment (R000-41, R000-100)', () =>
    given('ESCROW.awaitingPayment', held)
      .when({ type: 'payment-failed', transactionId: 'pi_1', reason: 'card_declined' })
      .then({ state: 'ESCROW', phase: 'paymentFailed', timers: ['ESCROW'], context: { failedPayments: 1 } }));

  it('fails after the third declined payment (R000-41)', () =>
    given('ESCROW.paymentFailed', { ...held, failedPayments: 2 })
      .when({ type: 'payment-failed', transactionId: 'pi_1' })
      .then({ state: 'FAILED', tags: ['lost', 'failed', 'compensate'], context: { reasonCode: 'escrow_failed' } }));

  it('makes a new payment on request and gives up the old one (R000-41, R000-100)', () =>
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
