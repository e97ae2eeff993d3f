import { addMonths } from '../../machines/calendar.js';
import { nda } from '../../machines/nda.js';
import { describe as describeLifecycle } from '../../src/engine/core/describe.js';
import { NOON } from '../support/given.js';
import { creator, customTerms, DAY, given, HOUR, known, legal, provider } from '../support/nda.js';

const APPROVALS = ['AUTO_APPROVED', 'CREATOR_REVIEW', 'LEGAL_REVIEW'];
/** When an NDA ends that has been in force since NOON. */
const END = Date.UTC(2028, 0, 5, 12);
const out = { envelopeId: 'env_1' };
const news = (status: string, more: object = {}) => ({
  type: 'signature-status',
  envelopeId: 'env_1',
  status,
  caller: provider,
  ...more,
});

describe('an NDA', () => {
  it('has the nine states of the product’s diagram, the three approvals in one group (R000-64)', () => {
    const { states } = describeLifecycle(nda);
    const tops = states.filter(({ id, meta }) => !id.includes('.') && meta['group'] !== true);
    expect(tops.map(({ id }) => id)).toEqual([
      'DRAFT',
      'PENDING',
      'AUTO_APPROVED',
      'CREATOR_REVIEW',
      'LEGAL_REVIEW',
      'SIGNED',
      'ACTIVE',
      'EXPIRED',
      'REJECTED',
    ]);
    expect(states.filter(({ parent }) => parent === 'APPROVAL').map(({ id }) => id)).toEqual(APPROVALS);
  });

  it('has every edge of the diagram, and marks those it adds (R000-65)', () => {
    const top = (path: string) => path.split('.')[0];
    const edges = (extension: boolean) =>
      new Set(
        describeLifecycle(nda)
          .transitions.filter(({ meta }) => (meta['extension'] === true) === extension)
          .flatMap(({ source, targets }) => targets.map((target) => [top(source), top(target)]))
          .filter(([from, to]) => from !== to)
          .map(([from, to]) => `${from}→${to}`),
      );
    expect([...edges(false)].sort()).toEqual(
      [
        'DRAFT→PENDING',
        ...APPROVALS.flatMap((approval) => [`PENDING→${approval}`, `${approval}→SIGNED`]),
        'CREATOR_REVIEW→REJECTED',
        'LEGAL_REVIEW→REJECTED',
        'SIGNED→ACTIVE',
        'ACTIVE→EXPIRED',
      ].sort(),
    );
    expect([...edges(true)].filter((edge) => !edges(false).has(edge)).sort()).toEqual([
      'AUTO_APPROVED→EXPIRED',
      'AUTO_APPROVED→REJECTED',
      'CREATOR_REVIEW→EXPIRED',
      'LEGAL_REVIEW→EXPIRED',
    ]);
  });

  it('is drawn up first, and goes on when that fails', async () => {
    await given()
      .when({ done: 'draft', output: null })
      .then({ state: 'PENDING', effects: ['nda.lookUp'] });
    await given().when({ failed: 'draft' }).then({ state: 'PENDING' });
  });

  it.each([
    ['AUTO_APPROVED', 'sending', {}, ['docusign.envelope'], []],
    [
      'CREATOR_REVIEW',
      'awaitingDecision',
      { templateId: 'custom', durationMonths: 36 },
      ['notification.send'],
      ['CREATOR_REVIEW'],
    ],
    [
      'LEGAL_REVIEW',
      'awaitingDecision',
      { templateId: 'custom', durationMonths: 60, customTerms: customTerms(8), territories: ['KP'] },
      ['notification.send'],
      ['LEGAL_REVIEW'],
    ],
  ])('goes to %s by its score (R000-65, R000-67, R000-100)', (state, phase, terms, effects, timers) =>
    given('PENDING', terms)
      .when({ done: 'assessment', output: known })
      .then({ state, phase, effects, timers, context: { risk: { route: state } } }),
  );

  it('that cannot be assessed is for legal to judge (R000-71)', () =>
    given('PENDING')
      .when({ failed: 'assessment', error: { message: 'no record' } })
      .then({
        state: 'LEGAL_REVIEW',
        phase: 'awaitingDecision',
        context: { risk: null, assessmentFault: 'It could not be assessed: no record' },
      }));
});

describe('review by the creator', () => {
  const review = (decision: string, message?: string) => ({
    type: 'creator-nda-review',
    decision,
    message,
    caller: creator,
  });

  it('lets the requester sign, or not (R000-73)', async () => {
    await given('CREATOR_REVIEW')
      .when(review('approve', 'Welcome'))
      .then({
        state: 'CREATOR_REVIEW',
        phase: 'sending',
        timers: [],
        effects: ['docusign.envelope'],
        context: { approval: { by: 'creator_789', notes: 'Welcome', at: NOON } },
      });
    await given('CREATOR_REVIEW')
      .when(review('reject', 'No competitors'))
      .then({
        state: 'REJECTED',
        status: 'done',
        effects: ['notification.send'],
        context: { reasonCode: 'rejected_by_creator', reason: 'No competitors' },
      });
  });

  it('takes 72 hours at most (R000-73, R000-101)', () =>
    given('CREATOR_REVIEW', { deadlineAt: NOON + 72 * HOUR })
      .when({ timer: 'CREATOR_REVIEW' })
      .then({ state: 'REJECTED', effects: ['notification.send'], context: { reasonCode: 'review_timeout' } }));

  it('is over once the NDA is out for signature', () =>
    given('CREATOR_REVIEW.awaitingSignature')
      .when(review('reject'))
      .thenRefused({ verdict: 'EVENT_NOT_HANDLED_IN_STATE' }));
});

describe('review by legal', () => {
  const review = (decision: string, more: object = {}) => ({ type: 'legal-review', decision, caller: legal, ...more });

  it('lets the requester sign, or not (R000-73, R000-100)', async () => {
    await given('LEGAL_REVIEW')
      .when(review('approve', { reviewerId: 'legal_1' }))
      .then({ state: 'LEGAL_REVIEW', phase: 'sending', context: { approval: { by: 'legal_1', notes: null } } });
    await given('LEGAL_REVIEW')
      .when(review('reject', { notes: 'Sanctions' }))
      .then({ state: 'REJECTED', context: { reasonCode: 'rejected_by_legal', reason: 'Sanctions' } });
  });

  it('may put other terms in, which join those that were asked for (R000-73, R000-100)', () =>
    given('LEGAL_REVIEW', { customTerms: { penalty: 'none', scope: 'scripts' } })
      .when(review('modify', { modifiedTerms: { penalty: '$10,000', audit: 'yearly' } }))
      .then({
        state: 'LEGAL_REVIEW',
        phase: 'sending',
        context: { customTerms: { penalty: '$10,000', scope: 'scripts', audit: 'yearly' } },
      }));

  it('is not given in the name of somebody else', () =>
    given('LEGAL_REVIEW')
      .when(review('approve', { reviewerId: 'legal_2' }))
      .thenRefused({ guard: 'isOwnReview', code: 'REVIEWED_FOR_ANOTHER' }));

  it('takes 48 hours at most (R000-73, R000-101, R000-100)', () =>
    given('LEGAL_REVIEW')
      .when({ timer: 'LEGAL_REVIEW' })
      .then({ state: 'REJECTED', context: { reasonCode: 'review_timeout' } }));
});

describe.each(APPROVALS)('the signature after %s', (approval) => {
  const waiting = `${approval}.awaitingSignature`;

  it('is asked for once the envelope is out (R000-74)', () =>
    given(`${approval}.sending`)
      .when({ done: 'envelope', output: { envelopeId: 'env_1' } })
      .then({
        state: approval,
        phase: 'awaitingSignature',
        timers: ['SIGNATURE'],
        effects: ['notification.send', 'notification.send'],
        context: { envelopeId: 'env_1', deadlineAt: NOON + 7 * DAY },
      }));

  it('brings the NDA to SIGNED (R000-66, R000-100)', async () => {
    for (const phase of ['awaitingSignature', 'viewed'])
      await given(`${approval}.${phase}`, out)
        .when(news('completed'))
        .then({
          state: 'SIGNED',
          phase: 'givingAccess',
          effects: ['nda.grantAccess'],
          timers: [],
          context: { effectiveAt: NOON, expiresAt: Date.UTC(2028, 0, 5, 12), signature: 'completed' },
        });
  });

  it('is given five more days once the document has been opened, and the requester is reminded (R000-74)', () =>
    given(waiting, out)
      .when(news('delivered'))
      .then({
        state: approval,
        phase: 'viewed',
        timers: ['VIEWED'],
        effects: ['notification.send'],
        context: { deadlineAt: NOON + 5 * DAY, signature: 'delivered' },
      }));

  it.each(['declined', 'voided'])(
    'that is %s rejects the NDA, and the creator is told (R000-74, R000-100)',
    async (status) => {
      for (const phase of ['sending', 'awaitingSignature', 'viewed', 'manual'])
        await given(`${approval}.${phase}`, phase === 'sending' || phase === 'manual' ? {} : out)
          .when(news(status, { declinedReason: 'Too long' }))
          .then({
            state: 'REJECTED',
            status: 'done',
            effects: ['notification.send'],
            context: { reasonCode: status, reason: 'Too long' },
          });
    },
  );

  it.each([
    ['awaitingSignature', 'SIGNATURE'],
    ['viewed', 'VIEWED'],
    ['manual', 'SIGNATURE'],
  ])('that does not come in time in %s lets the NDA expire (R000-74)', (phase, timer) =>
    given(`${approval}.${phase}`, out)
      .when({ timer })
      .then({
        state: 'EXPIRED',
        status: 'done',
        tags: ['compensate'],
        effects: ['notification.send', 'notification.send'],
        context: { reasonCode: 'signature_deadline_missed' },
      }),
  );

  it('may be told before our own call has been answered (R000-74)', async () => {
    await given(`${approval}.sending`)
      .when(news('sent'))
      .then({ state: approval, phase: 'awaitingSignature', context: out });
    await given(`${approval}.sending`).when(news('delivered')).then({ state: approval, phase: 'viewed', context: out });
    await given(`${approval}.sending`).when(news('completed')).then({ state: 'SIGNED', context: out });
  });

  it('counts under the envelope that is out only', async () => {
    await given(waiting, { envelopeId: 'env_2' })
      .when(news('completed'))
      .thenRefused({ guard: 'isThisEnvelope', code: 'OTHER_ENVELOPE' });
    await given(`${approval}.sending`, out)
      .when(news('completed'))
      .thenRefused({ guard: 'isNewEnvelope', code: 'OTHER_ENVELOPE' });
  });

  it('is collected by legal when the envelope cannot be sent (R000-84)', async () => {
    await given(`${approval}.sending`)
      .when({ failed: 'envelope', error: { message: 'DocuSign is down' } })
      .then({ state: approval, phase: 'manual', timers: ['SIGNATURE'], effects: ['notification.send'] });
    await given(`${approval}.manual`)
      .when({ type: 'manual-signature-complete', caller: legal })
      .then({ state: 'SIGNED', context: { effectiveAt: NOON } });
  });

  it('that was sent all the same is no longer collected by hand', () =>
    given(`${approval}.manual`).when(news('sent')).then({ state: approval, phase: 'awaitingSignature', context: out }));

  it('does not go back because messages come in another order', () =>
    given(`${approval}.viewed`, { ...out, signature: 'delivered' })
      .when(news('sent'))
      .then({ state: approval, phase: 'viewed', context: { signature: 'delivered' } }));
});

describe('an NDA that is signed', () => {
  it('takes effect when it was signed, not when we hear of it, and lasts calendar months (R000-75)', () =>
    given('AUTO_APPROVED.awaitingSignature', { ...out, at: NOON - 3 * DAY, durationMonths: 1 })
      .when(news('completed', { signedAt: '2026-01-04T10:00:00Z' }))
      .then({
        state: 'SIGNED',
        context: { effectiveAt: Date.UTC(2026, 0, 4, 10), expiresAt: Date.UTC(2026, 1, 4, 10) },
      }));

  it.each(['2025-12-31T23:00:00Z', '2026-01-06T00:00:00Z', 'nonsense'])(
    'does not believe that it was signed at %s, before it began or in the future',
    (signedAt) =>
      given('AUTO_APPROVED.awaitingSignature', { ...out, at: NOON - 3 * DAY })
        .when(news('completed', { signedAt }))
        .then({ state: 'SIGNED', context: { effectiveAt: NOON } }),
  );

  it('is in force once access has been given (R000-66, R000-75)', () =>
    given('SIGNED')
      .when({ done: 'access', output: null })
      .then({
        state: 'ACTIVE',
        phase: 'inForce',
        tags: ['open', 'won'],
        timers: ['NEXT_DATE'],
        effects: ['notification.send', 'notification.send', 'notification.send'],
        context: { deadlineAt: END, remindersAt: [90, 60, 30, 7].map((days) => END - days * DAY) },
      }));

  it('tries again when access could not be given, and tells legal', async () => {
    await given('SIGNED')
      .when({ failed: 'access' })
      .then({ state: 'SIGNED', phase: 'withoutAccess', timers: ['ACCESS_RETRY'], effects: ['notification.send'] });
    await given('SIGNED.withoutAccess')
      .when({ timer: 'ACCESS_RETRY' })
      .then({ state: 'SIGNED', phase: 'givingAccess', effects: ['nda.grantAccess'] });
  });

  it('stays signed whatever the provider says late or twice (R000-74)', async () => {
    for (const state of ['SIGNED', 'ACTIVE']) {
      for (const status of ['sent', 'delivered', 'completed'])
        await given(state, { ...out, signature: 'completed' })
          .when(news(status))
          .then({ state, effects: [], context: { signature: 'completed' } });
      for (const status of ['declined', 'voided'])
        await given(state, out).when(news(status)).thenRefused({ guard: 'isOpenNews', code: 'SIGNED_ALREADY' });
    }
  });
});

describe('an NDA in force', () => {
  it('reminds the requester on one date after the other (R000-76)', () =>
    given('ACTIVE')
      .when({ timer: 'NEXT_DATE' })
      .then({
        state: 'ACTIVE',
        phase: 'expiringSoon',
        effects: ['notification.send'],
        timers: ['NEXT_DATE'],
        context: { remindersAt: [60, 30, 7].map((days) => END - days * DAY) },
      }));

  it('has no reminder that would come before it is in force (R000-76)', async () => {
    const remindersAt = (months: number) =>
      [90, 60, 30, 7].map((days) => addMonths(NOON, months) - days * DAY).filter((moment) => moment > NOON);
    for (const [durationMonths, many] of [
      [1, 2],
      [2, 2],
      [3, 3],
      [4, 4],
    ] as const) {
      expect(remindersAt(durationMonths)).toHaveLength(many);
      await given('SIGNED', { durationMonths })
        .when({ done: 'access', output: null })
        .then({ state: 'ACTIVE', context: { remindersAt: remindersAt(durationMonths) } });
    }
    await given('SIGNED', { expiryReminderDays: [] })
      .when({ done: 'access', output: null })
      .then({ state: 'ACTIVE', timers: ['NEXT_DATE'], context: { remindersAt: [] } });
  });

  it('ends on its day, and what it gave is taken back (R000-76, R000-100)', () =>
    given('ACTIVE', { remindersAt: [] })
      .when({ timer: 'NEXT_DATE' })
      .then({
        state: 'EXPIRED',
        tags: ['compensate'],
        effects: ['notification.send', 'notification.send'],
        context: { reasonCode: null },
      }));

  it('offers a new one where the tenant wants that (R000-76)', () =>
    given('ACTIVE', { offersRenewal: true, remindersAt: [] })
      .when({ timer: 'NEXT_DATE' })
      .then({ state: 'EXPIRED', effects: ['notification.send', 'notification.send', 'notification.send'] }));
});
