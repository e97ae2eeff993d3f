import type { Json, MachineEvent } from './driver.js';
import { DONE_ACTOR, ERROR_ACTOR } from './machine.js';

/** What a history row keeps of an event, and what is needed to decide it again. */
export interface EventEntry {
  type: string;
  payload: Json;
  facts: Json;
  /** Business time, milliseconds since 1970. */
  at: number;
  actor: string;
  roles: readonly string[];
}

/** The event as the machine sees it; used when it is decided and when it is replayed, so that both see the same. */
export const machineEvent = ({ type, payload, facts, at, actor, roles }: EventEntry): MachineEvent => ({
  ...(typeof payload === 'object' && !Array.isArray(payload) ? payload : {}),
  type,
  facts,
  at,
  caller: { id: actor, roles: [...roles] },
});

/** Type of the event that answers an invoke; its payload is `{ output }`. */
export const doneEvent = (jobId: string): string => `${DONE_ACTOR}${jobId}`;

/** Type of the event that tells an invoke it failed; its payload is `{ error }`. */
export const errorEvent = (jobId: string): string => `${ERROR_ACTOR}${jobId}`;

/** What answers one of several pieces of work. */
const ANSWER = /^xstate\.(done|error)\.actor\.([\w-]+):(\d{1,15})$/;

/** The type under which the machine knows an event: `xstate.done.actor.action:5` is an `action.done`. */
export function namedType(type: string): string {
  const [, what, as] = ANSWER.exec(type) ?? [];
  return as === undefined ? type : `${as}.${what === 'done' ? 'done' : 'failed'}`;
}

/** The event as the machine knows it: an answer to one of several pieces of work tells its number. */
export function named<Event extends { type: string }>(event: Event): Event {
  const [, , as, id] = ANSWER.exec(event.type) ?? [];
  return as === undefined ? event : { ...event, type: namedType(event.type), id: Number(id) };
}
