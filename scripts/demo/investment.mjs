/** An investment from INTEREST to COMPLETED: counter-offer, signatures, due diligence, payment. */
import { arrived } from './books.mjs';
import { follow, say } from './follow.mjs';

const PITCH = 'pitch_456';
const ENDED = ['COMPLETED', 'WITHDRAWN', 'REJECTED', 'EXPIRED', 'FAILED'];
/** What must be in the providers' books at the end, and how often. */
const EXPECTED = {
  'payment_intent.create': 1,
  'payment_intent.confirm': 1,
  'payment_intent.capture': 1,
  'transfer.create': 1,
  'envelope.create': 2,
  signature: 4,
};

/** Tells the story; true when it ended well. */
export async function investment({ as, admin, sandbox }) {
  const [investor, creator, legal] = ['investor', 'creator', 'legal'].map(as);
  const id = await openDeal(investor);
  const event = (who, type, payload) => who('POST', `/api/workflows/investment/${id}/event`, { type, payload });
  const signWhoHasNot = async ({ phase, context: { envelopeId } }) => {
    for (const role of ['investor', 'creator']) {
      if (phase.includes(`${role}.open`)) await sandbox(`docusign/envelopes/${envelopeId}/sign`, { role });
    }
  };
  const deal = await follow(admin, id, {
    'NEGOTIATION.awaitingCreator': ({ context: { counterOffers } }) =>
      event(
        creator,
        'creator-decision',
        counterOffers.length === 0 ? { decision: 'counter', counterAmount: 60_000 } : { decision: 'approve' },
      ),
    'NEGOTIATION.awaitingInvestor': () => event(investor, 'investor-counter-response', { accepted: true }),
    'TERM_SHEET.signing': signWhoHasNot,
    'DUE_DILIGENCE.reviewing': async () => {
      for (const item of ['dd_documents_provided', 'dd_review_complete']) {
        await legal('PUT', `/api/workflows/investment/${id}/checklist/${item}`, { done: true });
      }
      await event(legal, 'due-diligence-complete', {});
    },
    COMMITMENT: () => event(investor, 'commitment-confirmed', { confirmed: true }),
    'ESCROW.awaitingPayment': ({ context: { transactionId } }) =>
      sandbox(`stripe/payment_intents/${transactionId}/confirm`),
    'CLOSING.documents.signing': signWhoHasNot,
  });
  return arrived(deal, 'COMPLETED', EXPECTED, sandbox);
}

/** A new deal, or the one that an interrupted demo has left open. */
async function openDeal(investor) {
  const offer = {
    investorId: 'inv_123',
    pitchId: PITCH,
    creatorId: 'creator_789',
    proposedAmount: 50_000,
    investmentType: 'equity',
    ndaAccepted: true,
  };
  const { workflows } = await investor('GET', `/api/workflows/list?pitchId=${PITCH}&type=investment`);
  const open = workflows.find(({ status }) => !ENDED.includes(status));
  if (open) {
    say(`taking up the open deal ${open.workflow_instance_id}`);
    return open.workflow_instance_id;
  }
  const { instanceId } = await investor('POST', '/api/workflows/investment/create', offer);
  say(`${instanceId}: inv_123 offers $50,000.00 for ${PITCH}`);
  return instanceId;
}
