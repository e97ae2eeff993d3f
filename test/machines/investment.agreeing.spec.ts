import { NOON } from '../support/given.js';
import { DAY, agreed, creator, given, verified } from '../support/investment.js';

describe('interest and qualification', () => {
  it('tells the creator first (R000-29)', () =>
    given()
      .when({ done: 'announcement' })
      .then({ state: 'QUALIFICATION', effects: ['deals.qualify'] }));

  it('goes on when the creator cannot be told', () =>
    given().when({ failed: 'announcement' }).then({ state: 'QUALIFICATION' }));

  it('lets a verified investor within his limit negotiate (R000-30, R000-100)', () =>
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
  ])('rejects an investor who %s (R000-30, R000-100)', (_, output, reason) =>
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

  it('fails, rather than rejects, when the investor is unknown (R000-30, R000-100)', () =>
    given('QUALIFICATION')
      .when({ failed: 'qualification', error: { code: 'WF006', message: 'unknown investor' } })
      .then({ state: 'FAILED', context: { reasonCode: 'qualification_error', reason: 'unknown investor' } }));
});

describe('negotiation', () => {
  const decide = (decision: string, more = {}) => ({ type: 'creator-decision', decision, caller: creator, ...more });
  const counters = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ by: 'creator', amountMinor: 200_000_00 + i, message: null, at: NOON }));

  it('agrees on the offer when the creator approves, and draws up the terms (R000-32, R000-35, R000-100)', () =>
    given('NEGOTIATION')
      .when(decide('approve'))
      .then({
        state: 'TERM_SHEET',
        phase: 'sending',
        timers: ['TERM_SHEET'],
        effects: ['notification.send', 'docusign.envelope'],
        context: { agreedMinor: 250_000_00, terms: { investmentAmount: '250000.00', equityPercentage: 5 } },
      }));

  it('ends when the creator rejects (R000-32, R000-100)', () =>
    given('NEGOTIATION')
      .when(decide('reject'))
      .then({ state: 'REJECTED', effects: ['notification.send'], context: { reasonCode: 'negotiation_failed' } }));

  it('expires when the creator is silent for 7 days (R000-27, R000-101, R000-100)', () =>
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
      .thenRefused({ guard: 'isWithinLimit', code: 'INVESTMENT_LIMIT_EXCEEDED' }));

  it('agrees on the counter-offer when the investor accepts it (R000-33)', () =>
    given('NEGOTIATION.awaitingInvestor', { offerMinor: 200_000_00, counterOffers: counters(1) })
      .when({ type: 'investor-counter-response', accepted: true })
      .then({ state: 'TERM_SHEET', context: { agreedMinor: 200_000_00 } }));

  it('ends when the investor declines without a counter-offer (R000-33)', () =>
    given('NEGOTIATION.awaitingInvestor')
      .when({ type: 'investor-counter-response', accepted: false })
      .then({ state: 'WITHDRAWN', context: { reasonCode: 'negotiation_failed' } }));

  it('goes back to the creator when the investor counters (R000-33, R000-100)', () =>
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
