/** Whose word rules take for what the service would tell of itself. Pure. */
import { isOwn } from '../events/event.names.js';
import type { Rule } from './rule.js';

/** Who may speak for the service: other systems of the house, and those who run this one. */
const SPEAKERS: readonly string[] = ['admin', 'operator', 'service'];

/**
 * Whether a rule may be set off by somebody's word. An event of the service's own name that was written by hand is good enough for rules whose
 * rights the writer has himself: else a rule would lend him its owner's.
 * @param teller roles of whoever tells of the event; undefined when the service itself does
 */
export const believes = (
  { owner_roles }: Pick<Rule, 'owner_roles'>,
  type: string,
  teller: readonly string[] | undefined,
): boolean =>
  teller === undefined ||
  !isOwn(type) ||
  SPEAKERS.some((role) => teller.includes(role)) ||
  owner_roles.every((role) => teller.includes(role));
