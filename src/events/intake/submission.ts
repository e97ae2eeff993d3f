/** What an event must have right before it is accepted (R003-7, R003-8, R003-16, R003-42). Pure. */
import type { Json } from '../../engine/core/driver.js';
import { refuse, type Refused } from '../../platform/errors.js';
import { isMoment } from '../../platform/validation.js';
import { flawsOf } from '../metadata.js';
import { isObject } from '../steps/validation.js';

/** What an event says. @throws MISSING_PAYLOAD_FIELD, INVALID_PAYLOAD */
export function payloadIn(payload: Json | undefined): { [name: string]: Json } {
  if (payload === undefined) throw refuse('MISSING_PAYLOAD_FIELD', named('payload', 'must be there'));
  if (!isObject(payload)) throw refuse('INVALID_PAYLOAD', named('payload', 'must be an object'));
  return payload;
}

/** What is said about an event; null is nothing. @throws INVALID_METADATA_TYPE, INVALID_PARAMETER */
export function metadataIn(metadata: Json | undefined): { [name: string]: Json } | null {
  if (metadata === undefined || metadata === null) return null;
  if (!isObject(metadata)) throw refuse('INVALID_METADATA_TYPE', named('metadata', 'must be an object'));
  const errors = flawsOf(metadata);
  if (errors.length > 0) throw refuse('INVALID_PARAMETER', { detail: 'The metadata is not valid.', errors });
  return metadata;
}

/** Names of an event beside its metadata, by their names in it. */
const BESIDE = { type: 'type', source: 'source', userId: 'user_id', sessionId: 'session_id' } as const;

/** The metadata with what is said beside it: type, source, user and session (R002-16). */
export function withNames(
  metadata: Json | undefined,
  body: Readonly<Partial<Record<keyof typeof BESIDE, string | undefined>>>,
): Json | undefined {
  const said = Object.entries(BESIDE).flatMap(([field, name]) => {
    const value = body[field as keyof typeof BESIDE];
    return value === undefined ? [] : [[name, value] as const];
  });
  // What is no object is refused as it is.
  if (said.length === 0 || (metadata !== undefined && metadata !== null && !isObject(metadata))) return metadata;
  return { ...metadata, ...Object.fromEntries(said) };
}

/** When it happened, ISO 8601; undefined when nothing is said. @throws INVALID_PARAMETER */
export function timestampIn(timestamp: Json | undefined): string | undefined {
  if (timestamp === undefined) return undefined;
  if (!isMoment(timestamp)) throw parameter('timestamp', 'must be like 2026-03-01T12:00:00Z');
  return new Date(timestamp).toISOString();
}

/** The correlation id that the metadata gives, or the request's own (R003-39). */
export const correlationIn = (metadata: { [name: string]: Json } | null, own: string): string =>
  typeof metadata?.['correlation_id'] === 'string' ? metadata['correlation_id'] : own;

const named = (field: string, message: string) => ({ errors: [{ field, message }] });

/** A parameter that is not what it may be. */
export const parameter = (field: string, message: string): Refused =>
  refuse('INVALID_PARAMETER', { detail: `${field} ${message}.`, errors: [{ field, message }] });
