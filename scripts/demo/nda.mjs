/** Two NDAs to ACTIVE: one that nobody has to approve, and one that the creator approves after he has seen its risk. */
import { arrived } from './books.mjs';
import { follow, say } from './follow.mjs';

const REQUESTER = 'inv_123';
const CREATOR = 'creator_789';
const ENDED = ['EXPIRED', 'REJECTED'];
const EXPECTED = { 'envelope.create': 1, signature: 1 };

/** Tells the story; true when both ended well. */
export async function nda({ as, admin, sandbox }) {
  const [requester, creator] = ['investor', 'creator'].map(as);
  await admin('PUT', '/admin/pitches/pitch_nda', { title: 'The Second Reel', creatorId: CREATOR });
  const standard = await ask(requester, { pitchId: 'pitch_456' });
  const custom = await ask(requester, {
    pitchId: 'pitch_nda',
    templateId: 'custom',
    durationMonths: 36,
    customTerms: { penalty: '$50,000', audit: 'once a year' },
    territorialRestrictions: ['US', 'FR'],
  });
  const sign = ({ context: { envelopeId } }) => sandbox(`docusign/envelopes/${envelopeId}/sign`, { role: 'requester' });
  const outcomes = [];
  for (const id of [standard, custom]) {
    const deal = await follow(
      admin,
      id,
      {
        'AUTO_APPROVED.awaitingSignature': sign,
        'CREATOR_REVIEW.awaitingDecision': async ({ context: { risk } }) => {
          say(`the risk is ${risk.score}, ${risk.level}:`);
          for (const { because, points } of risk.factors) say(`  ${String(points).padStart(3)}  ${because}`);
          await creator('POST', `/api/workflows/nda/${id}/event`, {
            type: 'creator-nda-review',
            payload: { decision: 'approve' },
          });
        },
        'CREATOR_REVIEW.awaitingSignature': sign,
      },
      { goal: 'ACTIVE' },
    );
    say(`in force until ${new Date(deal.context.expiresAt).toISOString().slice(0, 'yyyy-mm-dd'.length)}`);
    outcomes.push(await arrived(deal, 'ACTIVE', EXPECTED, sandbox));
  }
  return outcomes.every(Boolean);
}

/** A new NDA, or the one that an earlier demo has left. */
async function ask(requester, terms) {
  const { workflows } = await requester('GET', `/api/workflows/list?pitchId=${terms.pitchId}&type=nda`);
  const live = workflows.find(({ status }) => !ENDED.includes(status));
  if (live) {
    say(`taking up ${live.workflow_instance_id}`);
    return live.workflow_instance_id;
  }
  const { instanceId } = await requester('POST', '/api/workflows/nda/create', {
    requesterId: REQUESTER,
    requesterEmail: 'ines@example.com',
    creatorId: CREATOR,
    ...terms,
  });
  say(`${instanceId}: ${REQUESTER} asks for an NDA for ${terms.pitchId}`);
  return instanceId;
}
