/** What senders say about an event beside what it says itself (R003-42). Pure. */
import type { Json } from '../engine/core/driver.js';
import type { FieldError } from '../platform/errors.js';

const MOST_TAGS = 10;
const LONGEST_TAG = 100;
const PRIORITIES: readonly unknown[] = ['low', 'medium', 'high', 'critical'];
const MOST_METADATA_BYTES = 1_024;
const NAME = /^[\x21-\x7e]{1,200}$/;
/** As the correlation ids of requests; what begins with `rule:` is made by rules only. */
export const CORRELATION_ID = /^(?!rule:)[\w.:-]{1,128}$/;

/** What is wrong with the metadata of an event, field by field. */
export function flawsOf(metadata: { [name: string]: Json }): FieldError[] {
  const { tags, priority, correlation_id, idempotency_key } = metadata;
  const flaw = (isFlawed: boolean, field: string, message: string): FieldError[] =>
    isFlawed ? [{ field: `metadata.${field}`, message }] : [];
  const bytes = Buffer.byteLength(JSON.stringify(metadata));
  const isTag = (tag: Json) => typeof tag === 'string' && tag !== '' && tag.length <= LONGEST_TAG;
  const isTags = Array.isArray(tags) && tags.length <= MOST_TAGS && tags.every(isTag);
  return [
    ...flaw(tags !== undefined && !isTags, 'tags', `must be at most ${MOST_TAGS} texts`),
    ...flaw(
      priority !== undefined && !PRIORITIES.includes(priority),
      'priority',
      `must be one of ${PRIORITIES.join(', ')}`,
    ),
    ...flaw(
      !isText(correlation_id, CORRELATION_ID),
      'correlation_id',
      'must be 1 to 128 letters, digits or any of _ . : -',
    ),
    ...flaw(!isText(idempotency_key, NAME), 'idempotency_key', 'must be 1 to 200 visible ASCII characters'),
    ...(bytes > MOST_METADATA_BYTES
      ? [{ field: 'metadata', message: `must have at most ${MOST_METADATA_BYTES} bytes` }]
      : []),
  ];
}

const isText = (value: Json | undefined, pattern: RegExp): boolean =>
  value === undefined || (typeof value === 'string' && pattern.test(value));
