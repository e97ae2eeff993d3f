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
    // A party's name means that party only: the creator of another instance is a stranger here, whatever his role.
    return Object.hasOwn(parties, name) ? parties[name] === sender.id : sender.roles.includes(name);
  });
}

const INTERNAL_SOURCES: ReadonlySet<string> = new Set(['timer', 'worker']);
const isSource = (name: string): boolean => name.includes(':') || INTERNAL_SOURCES.has(name);
