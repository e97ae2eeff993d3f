/** Shows of an instance that nothing can bring it on, or that somebody can. Pure. */
import type { Json } from './driver.js';
import type { Lifecycle } from './lifecycle.js';
import { field } from './machine.js';

/** Why an instance cannot move. */
export interface Halt {
  /** `work-lost`: it waits for work that is not under way. `nothing-taken`: its state takes no event. `nobody-may-send`: nobody is there who may send one that it takes. */
  why: 'work-lost' | 'nothing-taken' | 'nobody-may-send';
  detail: string;
}

/**
 * Of an instance without a deadline and without work under way. What a guard says is no proof: whoever may send the event may also see to
 * it that the guard says yes.
 * @param handled event types that its state takes @param roles every role somebody can have
 */
export function haltOf(
  { events }: Lifecycle,
  { snapshot, parties }: { snapshot: Json; parties: Readonly<Record<string, string>> },
  handled: readonly string[],
  roles: readonly string[],
): Halt | undefined {
  const lost = Object.keys(field(snapshot, 'children') ?? {});
  if (lost.length > 0)
    return { why: 'work-lost', detail: `it waits for ${lost.join(', ')}, which nobody is working on` };
  if (handled.length === 0) return { why: 'nothing-taken', detail: 'its state takes no event, and has no deadline' };
  const isThere = (sender: string): boolean =>
    sender.includes(':') || sender === 'worker' || sender in parties || roles.includes(sender);
  const possible = handled.filter((type) => events[type]?.from.some(isThere));
  if (possible.length > 0) return undefined;
  const missing = [...new Set(handled.flatMap((type) => [...(events[type]?.from ?? [])]))];
  return {
    why: 'nobody-may-send',
    detail: `it takes ${handled.join(', ')} from ${missing.join(', ')}, and there is no such party`,
  };
}
