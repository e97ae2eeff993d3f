import { refuse } from '../platform/errors.js';

/** The number in an address. @throws WF006 */
export function numberIn(name: string, text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) {
    const message = `${name} must be a positive integer`;
    throw refuse('WF006', { detail: message, errors: [{ field: name, message }] });
  }
  return Number(text);
}
