/** How candidates and pursuits say no, whoever asked: over HTTP, in bulk, by automation (R001-27, R001-28). */
import type { Moves } from '../../machines/workstream.events.js';
import type { Explanation } from '../engine/core/driver.js';
import { refuse, type Refused } from '../platform/errors.js';

/** The refusal of a move, in the words of the requirements; undefined for an event that moves nothing. */
export const refusalOf =
  (machine: string, events: Readonly<Record<string, string>>) =>
  (explanation: Explanation, { moves }: { moves: Moves }): Refused | undefined => {
    const attempted = Object.keys(events).find((state) => events[state] === explanation.event);
    if (attempted === undefined) return undefined;
    const reasons = explanation.failing.flatMap(({ reason }) => reason ?? []);
    const closed = reasons.flatMap(({ code, data }) => (code === 'GATE_BLOCKED' ? [data as Closed] : []));
    const isOnTheTable =
      explanation.verdict === 'GUARDS_REFUSED' && reasons.every(({ code }) => code !== 'INVALID_TRANSITION');
    if (isOnTheTable && closed.length > 0) return gateBlocked(closed, explanation);
    const { state } = explanation;
    return refuse('INVALID_TRANSITION', {
      detail: `A ${machine} does not go from ${state} to ${attempted}.`,
      members: {
        current_state: state,
        attempted_state: attempted,
        allowed_transitions: moves[state] ?? [],
        state_machine: machine,
      },
      explanation,
    });
  };

interface Closed {
  gate_type: string;
  missing_items: readonly string[];
  required_items: readonly string[];
}

function gateBlocked(closed: readonly Closed[], explanation: Explanation): Refused {
  const missing = [...new Set(closed.flatMap(({ missing_items }) => missing_items))];
  return refuse('GATE_BLOCKED', {
    detail: `The gate is closed, missing: ${missing.join(', ')}.`,
    members: {
      gate_type: closed[0]?.gate_type,
      missing_items: missing,
      required_items: [...new Set(closed.flatMap(({ required_items }) => required_items))],
    },
    explanation,
  });
}
