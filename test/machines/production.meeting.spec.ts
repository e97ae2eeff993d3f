import { NOON } from '../support/given.js';
import {
  busy,
  company,
  creator,
  DAY,
  fit,
  free,
  given,
  held,
  mine,
  terms,
  termsKept,
  unverified,
} from '../support/production.js';

const by = (caller: object, type: string, more: object = {}, facts: object = { standing: free, company: fit }) => ({
  type,
  caller,
  facts,
  ...more,
});

describe('the interest of a company', () => {
  const verified = (output: object, standing: object = free) => ({ done: 'verification', output, facts: { standing } });

  it('is shown to the creator, who has 5 days (R000-50, R000-52, R000-101)', () =>
    given()
      .when(verified(fit))
      .then({
        state: 'INTEREST',
        phase: 'awaitingCreator',
        effects: ['notification.send'],
        timers: ['CREATOR_INTEREST'],
        context: { deadlineAt: NOON + 5 * DAY },
      }));

  it.each([
    ['is not verified', unverified, 'verification_failed'],
    ['has ten active projects', busy, 'capacity_exceeded'],
  ])('ends when the company %s (R000-50, R000-100)', (_, output, reasonCode) =>
    given()
      .when(verified(output))
      .then({ state: 'REJECTED', context: { reasonCode }, effects: ['notification.send'] }),
  );

  it('ends with the reason when nobody knows the company (R000-50)', () =>
    given()
      .when({ failed: 'verification', error: { code: 'WF006', message: 'unknown company' } })
      .then({ state: 'REJECTED', context: { reasonCode: 'verification_error', reason: 'unknown company' } }));

  it('waits in the line while another company has the pitch (R000-49, R000-50, R000-100)', () =>
    given()
      .when(verified(fit, held))
      .then({
        state: 'WAITLISTED',
        phase: 'inLine',
        context: { waitlistedAt: NOON, position: 3 },
        effects: ['notification.send', 'notification.send'],
        timers: [],
      }));

  it('ends when the pitch is in production already (R000-61)', () =>
    given()
      .when(verified(fit, { ...held, isInProduction: true }))
      .then({ state: 'REJECTED', context: { reasonCode: 'pitch_in_production' } }));

  it('leads to a meeting when the creator is interested (R000-52)', () =>
    given('INTEREST.awaitingCreator')
      .when(by(creator, 'creator-interest-response', { decision: 'interested' }))
      .then({
        state: 'MEETING',
        phase: 'awaitingOutcome',
        effects: ['notification.send', 'notification.send'],
        timers: ['MEETING'],
        context: { deadlineAt: NOON + 7 * DAY },
      }));

  it('waits in the line when the pitch was taken meanwhile (R000-57)', () =>
    given('INTEREST.awaitingCreator')
      .when(by(creator, 'creator-interest-response', { decision: 'interested' }, { standing: held }))
      .then({ state: 'WAITLISTED', phase: 'inLine', context: { position: 3 } }));

  it('joins the line when another company is granted the pitch (R000-57)', () =>
    given('INTEREST.awaitingCreator')
      .when(by(company, 'exclusivity-taken', {}, { standing: held }))
      .then({ state: 'WAITLISTED', phase: 'inLine', context: { position: 3 }, effects: ['notification.send'] }));

  it('stays when the pitch is free again before it has heard that it was taken (R000-57)', () =>
    given('INTEREST.awaitingCreator')
      .when(by(company, 'exclusivity-taken'))
      .thenRefused({ guard: 'isPitchHeld', code: 'PITCH_FREE' }));

  it('ends when the creator is not interested (R000-52)', () =>
    given('INTEREST.awaitingCreator')
      .when(by(creator, 'creator-interest-response', { decision: 'not_interested', message: 'No' }))
      .then({ state: 'REJECTED', context: { reasonCode: 'interest_declined', reason: 'No' } }));

  it('expires after 5 days of silence, and tells both (R000-52)', () =>
    given('INTEREST.awaitingCreator')
      .when({ timer: 'CREATOR_INTEREST' })
      .then({
        state: 'EXPIRED',
        context: { reasonCode: 'creator_silent' },
        effects: ['notification.send', 'notification.send'],
      }));

  it('is put off by the creator for 30 days at most (R000-52)', async () => {
    await given('INTEREST.awaitingCreator')
      .when(by(creator, 'creator-interest-response', { decision: 'waitlist' }))
      .then({ state: 'WAITLISTED', phase: 'parked', timers: ['CREATOR_WAITLIST'] });
    await given('WAITLISTED.parked').when({ timer: 'CREATOR_WAITLIST' }).then({ state: 'EXPIRED' });
  });

  it.each([
    [true, free, { state: 'MEETING' }],
    [true, held, { state: 'WAITLISTED', phase: 'inLine' }],
    [false, free, { state: 'REJECTED' }],
  ])('goes on as the creator says (activate: %s, %j) (R000-52)', (activate, standing, then) =>
    given('WAITLISTED.parked')
      .when(by(creator, 'waitlist-activation', { activate }, { standing }))
      .then(then),
  );
});

describe('the line for a pitch', () => {
  it('moves up: whose turn it is meets the creator (R000-59)', () =>
    given('WAITLISTED', { waitlistedAt: NOON - DAY })
      .when(by(company, 'exclusivity-available', {}, { standing: mine, company: fit }))
      .then({ state: 'MEETING', context: { waitlistedAt: null, position: null } }));

  it.each([
    ['is not verified any more', unverified],
    ['took on too much meanwhile', busy],
    ['is gone', null],
  ])('passes a company over that %s (R000-59)', (_, record) =>
    given('WAITLISTED', { waitlistedAt: NOON - DAY })
      .when(by(company, 'exclusivity-available', {}, { standing: mine, company: record }))
      .then({
        state: 'WAITLISTED',
        phase: 'inLine',
        context: { waitlistedAt: NOON - DAY },
        effects: ['notification.send'],
      }),
  );

  it('moves nobody whose turn it is not (R000-58)', () =>
    given('WAITLISTED', { waitlistedAt: NOON - DAY })
      .when(by(company, 'exclusivity-available', {}, { standing: held, company: fit }))
      .thenRefused({ guard: 'isOwnPitch', code: 'NOT_THE_HOLDER' }));

  it.each(['MEETING', 'PROPOSAL', 'PROPOSAL.reviewing'])('is joined in %s without leaving it (R000-57)', (state) =>
    given(state)
      .when(by(company, 'exclusivity-taken', {}, { standing: held }))
      .then({ state: state.split('.')[0] ?? '', context: { waitlistedAt: NOON, position: 3 } }),
  );

  it('gives the creator all his time again when it is the turn of a proposal (R000-59)', () =>
    given('PROPOSAL.reviewing', { waitlistedAt: NOON - DAY })
      .when(by(company, 'exclusivity-available', {}, { standing: mine, company: fit }))
      .then({
        state: 'PROPOSAL',
        phase: 'reviewing',
        context: { waitlistedAt: null, deadlineAt: NOON + 7 * DAY },
      }));

  it('lets no proposal expire while the creator must not accept it (R000-57)', () =>
    given('PROPOSAL.reviewing', { waitlistedAt: NOON - DAY })
      .when({ timer: 'PROPOSAL_RESPONSE' })
      .then({ state: 'PROPOSAL', phase: 'reviewing', timers: ['PROPOSAL_RESPONSE'] }));

  it.each(['INTEREST.awaitingCreator', 'WAITLISTED', 'WAITLISTED.parked', 'MEETING', 'PROPOSAL', 'NEGOTIATION'])(
    'ends, also for %s, when another company produces the pitch (R000-61)',
    (state) =>
      given(state)
        .when(by(company, 'pitch-in-production', {}, { standing: { ...held, isInProduction: true } }))
        .then({ state: 'REJECTED', context: { reasonCode: 'pitch_in_production' } }),
  );
});

describe('meetings', () => {
  const outcome = (what: string, more: object = {}) => by(company, 'meeting-outcome', { outcome: what, ...more });

  it('lead to a proposal within 14 days (R000-53)', () =>
    given('MEETING')
      .when(outcome('proceed'))
      .then({
        state: 'PROPOSAL',
        phase: 'awaitingProposal',
        effects: ['notification.send'],
        timers: ['PROPOSAL'],
        context: { deadlineAt: NOON + 14 * DAY },
      }));

  it('end the deal when somebody passes, with his reason (R000-53, R000-100)', () =>
    given('MEETING')
      .when(outcome('pass', { notes: 'Too expensive' }))
      .then({ state: 'REJECTED', context: { reasonCode: 'production_passed', reason: 'Too expensive' } }));

  it('are followed by others, and nobody is waited for until then (R000-53, R000-100)', async () => {
    const nextMeetingDate = new Date(NOON + 20 * DAY).toISOString();
    await given('MEETING')
      .when(outcome('need_more_info', { nextMeetingDate }))
      .then({
        state: 'MEETING',
        phase: 'adjourned',
        timers: ['NEXT_MEETING'],
        context: { deadlineAt: NOON + 20 * DAY },
      });
    await given('MEETING.adjourned', { deadlineAt: NOON })
      .when({ timer: 'NEXT_MEETING' })
      .then({
        phase: 'awaitingOutcome',
        state: 'MEETING',
        timers: ['MEETING'],
        context: { deadlineAt: NOON + 7 * DAY },
      });
  });

  it('start their 7 days anew when no day is named (R000-53)', () =>
    given('MEETING')
      .when(outcome('need_more_info'))
      .then({ state: 'MEETING', phase: 'awaitingOutcome', timers: ['MEETING'] }));

  it('are not held in the past', () =>
    given('MEETING')
      .when(outcome('need_more_info', { nextMeetingDate: new Date(NOON - 1).toISOString() }))
      .thenRefused({ guard: 'isMeetingAhead', code: 'MEETING_NOT_AHEAD' }));

  it('expire after 7 days without an outcome (R000-53)', () =>
    given('MEETING')
      .when({ timer: 'MEETING' })
      .then({ state: 'EXPIRED', context: { reasonCode: 'meeting_timeout' } }));
});

describe('a proposal', () => {
  const answer = (decision: string, more: object = {}, standing: object = free) =>
    by(creator, 'proposal-response', { decision, ...more }, { standing });

  it('is kept and reviewed within 7 days (R000-54)', () =>
    given('PROPOSAL')
      .when(by(company, 'proposal-submitted', { proposalDocumentKey: 'p.pdf', terms }))
      .then({
        state: 'PROPOSAL',
        phase: 'reviewing',
        effects: ['production.keepProposal', 'notification.send'],
        context: { terms: termsKept, proposalDocumentKey: 'p.pdf', deadlineAt: NOON + 7 * DAY },
      }));

  it('gives the company the pitch for 30 days when it is accepted (R000-55, R000-56)', () =>
    given('PROPOSAL.reviewing', { terms: termsKept })
      .when(answer('accept'))
      .then({
        state: 'NEGOTIATION',
        phase: 'agreeing',
        timers: ['EXCLUSIVITY'],
        tags: ['open', 'exclusive'],
        context: { exclusiveUntil: NOON + 30 * DAY },
      }));

  it.each(['accept', 'counter'])(
    'is not to be answered with %s while another has the pitch, and says where it stands (R000-57)',
    (decision) =>
      given('PROPOSAL.reviewing')
        .when(answer(decision, { counterTerms: {} }, held))
        .thenRefused({ guard: 'isPitchFree', code: 'EXCLUSIVITY_HELD', data: { position: 3 } }),
  );

  it('can be rejected all the same (R000-54)', () =>
    given('PROPOSAL.reviewing')
      .when(answer('reject', { message: 'No' }, held))
      .then({ state: 'REJECTED', context: { reasonCode: 'proposal_rejected', reason: 'No' } }));

  it.each([
    ['PROPOSAL', 'PROPOSAL', 'proposal_timeout'],
    ['PROPOSAL.reviewing', 'PROPOSAL_RESPONSE', 'proposal_unanswered'],
  ])('expires in %s (R000-54)', (state, timer, reasonCode) =>
    given(state).when({ timer }).then({ state: 'EXPIRED', context: { reasonCode } }),
  );
});
