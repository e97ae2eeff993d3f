/** Is it an event? (R003-7, R003-8) Pure. */
import type { Arrived, Validated } from '../../../machines/event.js';
import type { Json } from '../../engine/core/driver.js';
import { flawsOf } from '../metadata.js';
import { Unacceptable } from './trying.js';

/** What an event may be called; those that are made here are UUIDs. */
export const EVENT_ID = /^[A-Za-z0-9._:-]{1,255}$/;

/** The code of what will never be an event. */
export const NOT_VALID = 'VALIDATION';

/** The event, found in order. @throws Unacceptable with the first thing that is wrong */
export function validated({ event_id, payload, metadata, timestamp, correlation_id }: Arrived): Validated {
  const objection =
    objectionToId(event_id) ??
    (isObject(payload) ? undefined : 'Invalid payload: must be an object') ??
    objectionToMetadata(metadata);
  if (objection !== undefined || !isObject(payload)) throw new Unacceptable(NOT_VALID, objection ?? 'Invalid payload');
  return { event_id, payload, ...(isObject(metadata) && { metadata }), timestamp, correlation_id };
}

/** What is wrong with an event id, or undefined. */
export function objectionToId(id: unknown): string | undefined {
  if (typeof id !== 'string' || id === '') return 'Invalid event_id: must be a non-empty string';
  return EVENT_ID.test(id) ? undefined : 'Invalid event_id: must be 1 to 255 letters, digits or any of . _ : -';
}

function objectionToMetadata(metadata: Json): string | undefined {
  if (metadata === null) return undefined;
  if (!isObject(metadata)) return 'Invalid metadata: must be an object if present';
  const [flaw] = flawsOf(metadata);
  return flaw && `Invalid metadata: ${flaw.field} ${flaw.message}`;
}

/** Lists and null are no objects here. */
export const isObject = (value: Json | undefined): value is { [name: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
