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
