/** What an event must have right before it is taken in, whoever brings it. */
import { refuse } from '../../platform/errors.js';
import { canonical } from './event.names.js';

/** Characters of a payload as JSON. */
const LARGEST_PAYLOAD = 32_768;

/** @throws WF006 when the name has no canonical form */
export function typeIn(given: string): string {
  const type = canonical(given);
  if (type === undefined)
    throw refuse('WF006', {
      errors: [{ field: 'event_type', message: 'must be a name like pursuit.won, of letters, digits, _ and dots' }],
    });
  return type;
}

/** @throws WF006 */
export function checkPayload(payload: object): void {
  if (JSON.stringify(payload).length > LARGEST_PAYLOAD)
    throw refuse('WF006', {
      errors: [{ field: 'payload', message: `must have at most ${LARGEST_PAYLOAD} characters` }],
    });
}
