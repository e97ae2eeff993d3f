/** Whose a pitch is: every deal of it is with its creator. */
import type { Tx } from '../platform/database.js';
import { refuse } from '../platform/errors.js';

/**
 * Refuses a deal with somebody else than the creator of the pitch, and of a pitch that nobody knows. The tenant's own systems may be ahead of
 * the pitches they tell us of (R000-91): from them an unknown pitch is taken as they say.
 * @throws WF006 naming creatorId
 */
export async function checkPitch(tx: Tx, pitchId: string, creatorId: string, byAgent: boolean): Promise<void> {
  const pitch = await tx.one<{ creator_id: string }>(
    'select creator_id from deals.pitches where tenant = engine.tenant() and id = $1',
    [pitchId],
  );
  if (!pitch && byAgent) return;
  if (pitch?.creator_id !== creatorId)
    throw refuse('WF006', {
      errors: [{ field: 'creatorId', message: 'creatorId must be the creator of the pitch' }],
    });
}
