import type { Role } from '../../src/auth/caller.js';
import { dealsService } from '../support/deals.js';

describe('an investment', () => {
  const deals = dealsService();

  type Act = (id: string) => Promise<unknown>;
  const begun = () => deals.begun();
  const offeredBy = (investorId: string) => () => deals.begun({ investorId }, 'service');
  const says =
    (role: Role, type: string, payload: object = {}): Act =>
    (id) =>
      deals.send(role, id, type, payload);
  const passes =
    (time: string): Act =>
    (id) =>
      deals.advance(id, time);
  const declineThreeCards: Act = async (id) => {
    for (const _ of [1, 2, 3]) await deals.deal(id).pay('fail');
  };

  beforeEach(() => deals.putInvestor('inv_pending', { accreditationStatus: 'pending' }));

  it.each<[code: string, state: string, how: string, begin: () => Promise<string>, ...acts: Act[]]>([
    ['qualification_failed', 'REJECTED', 'the investor is not accredited', offeredBy('inv_pending')],
    ['qualification_error', 'FAILED', 'nobody knows the investor', offeredBy('inv_nobody')],
    [
      'negotiation_failed',
      'REJECTED',
      'the creator rejects',
      begun,
      says('creator', 'creator-decision', { decision: 'reject' }),
    ],
    [
      'negotiation_failed',
      'WITHDRAWN',
      'the investor declines the counter-offer',
      begun,
      says('creator', 'creator-decision', { decision: 'counter', counterAmount: 300_000 }),
      says('investor', 'investor-counter-response', { accepted: false }),
    ],
    ['negotiation_failed', 'EXPIRED', 'the creator does not decide in time', begun, passes('7d')],
    ['investor_withdrew', 'WITHDRAWN', 'the investor leaves', begun, says('investor', 'investor-withdraw')],
    [
      'term_sheet_rejected',
      'WITHDRAWN',
      'a party declines the terms',
      () => deals.inTermSheet(),
      says('creator', 'term-sheet-response', { accepted: false }),
    ],
    ['signature_deadline_missed', 'EXPIRED', 'nobody signs in time', () => deals.inTermSheet(), passes('3d')],
    [
      'diligence_failed',
      'FAILED',
      'the review finds something',
      () => deals.inDiligence(),
      says('legal', 'due-diligence-failed', { issues: ['a lien'] }),
    ],
    [
      'commitment_withdrawn',
      'WITHDRAWN',
      'the investor does not confirm',
      () => deals.inCommitment(),
      says('investor', 'commitment-confirmed', { confirmed: false }),
    ],
    ['escrow_failed', 'FAILED', 'three cards are declined', () => deals.inEscrow(), declineThreeCards],
    ['escrow_timeout', 'FAILED', 'the deposit does not come in time', () => deals.inEscrow(), passes('7d')],
  ])('ends with the reason %s in %s when %s (R000-31)', async (code, state, _, begin, ...acts) => {
    const id = await begin();
    for (const act of acts) await act(id);
    const ended = 'select status, reason_code from statewright.sw_investment_deals where workflow_instance_id = $1';
    expect(await deals.rows(ended, id)).toEqual([{ status: state, reason_code: code }]);
  });
});
