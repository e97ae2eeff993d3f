import type { Sender } from '../authoring.js';
import type { EventRule } from './lifecycle.js';

/**
 * Whether a sender may send the event: as that party of this very instance, by role, or as a source outside the users.
 * @param source set by the engine only (`webhook:stripe`, `timer`, `worker`); no user's role can stand in for it
 */
export function maySend(
  rule: EventRule,
  parties: Readonly<Record<string, string>>,
  sender: Sender,
  source?: string,
): boolean {
  if (source !== undefined) return rule.from.includes(source);
  return rule.from.some((name) => {
    if (isSource(name)) return false;
    // A party's name means that party only: the buyer of another instance is a stranger here, whatever his role.
    const party = Object.hasOwn(parties, name) ? parties[name] : undefined;
    return party === undefined ? sender.roles.includes(name) : isParty(party, sender);
  });
}

const OF_ROLE = 'role:';

/** The parties that somebody is: himself, and everybody of each of his roles. */
export const partiesOf = ({ id, roles }: Sender): string[] => [
  ...(isRole(id) ? [] : [id]),
  ...roles.map((role) => OF_ROLE + role),
];

/** Whether a party of an instance, a user id or `role:<role>`, is this sender. */
export const isParty = (party: string, { id, roles }: Sender): boolean =>
  isRole(party) ? roles.includes(party.slice(OF_ROLE.length)) : party === id;

/** A party that is a role and is not called so (`role:1`): an id that somebody has brought along, and that would let everybody in. */
export const impostor = (parties: Readonly<Record<string, string>>): string | undefined =>
  Object.keys(parties).find((name) => isRole(parties[name] ?? '') && !isRole(name));

const isRole = (text: string): boolean => text.startsWith(OF_ROLE);

const INTERNAL_SOURCES: ReadonlySet<string> = new Set(['timer', 'worker']);
const isSource = (name: string): boolean => name.includes(':') || INTERNAL_SOURCES.has(name);
