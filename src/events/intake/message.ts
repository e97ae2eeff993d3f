/** Messages of a batch: read as they come. Whether one is an event is for the first step of its run to say (R003-33). Pure. */
import { randomUUID } from 'node:crypto';
import type { Json } from '../../engine/core/driver.js';
import { isMoment } from '../../platform/validation.js';
import { CORRELATION_ID } from '../metadata.js';
import { isObject, objectionToId } from '../steps/validation.js';

const FIELDS = new Set(['event_id', 'payload', 'metadata', 'timestamp', 'correlation_id']);

/** A message that can be told from others. */
export interface Message {
  event_id: string;
  payload: Json;
  metadata: Json;
  timestamp: string | undefined;
  correlation_id: string | undefined;
}

/** The message, or why nothing can be done with it. */
export function messageIn(message: Json): Message | { objection: string } {
  if (!isObject(message)) return { objection: 'Invalid message: must be an object' };
  const unknown = Object.keys(message).find((field) => !FIELDS.has(field));
  if (unknown !== undefined) return { objection: `Invalid message: ${unknown.slice(0, 50)} is no field of it` };
  const { event_id = randomUUID(), payload = null, metadata = null, timestamp, correlation_id } = message;
  const objection = objectionToId(event_id);
  if (objection !== undefined || typeof event_id !== 'string') return { objection: objection ?? 'Invalid event_id' };
  if (timestamp !== undefined && !isMoment(timestamp))
    return { objection: 'Invalid timestamp: must be like 2026-03-01T12:00:00Z' };
  if (correlation_id !== undefined && !(typeof correlation_id === 'string' && CORRELATION_ID.test(correlation_id)))
    return { objection: 'Invalid correlation_id: must be 1 to 128 letters, digits or any of _ . : -' };
  const happened = timestamp === undefined ? undefined : new Date(timestamp).toISOString();
  return { event_id, payload, metadata, timestamp: happened, correlation_id };
}
