/** An event as patterns see it, and where its fields are (R002-16). Pure. */
import type { Json } from '../../engine/core/driver.js';

/** A delivered event. */
export interface Seen {
  id: string;
  type: string;
  source: string;
  userId: string | null;
  sessionId: string | null;
  /** When it happened, milliseconds since 1970. */
  at: number;
  data: { [name: string]: Json };
  metadata: { [name: string]: Json };
}

/** Fields that are not in the data. */
export const OWN_FIELDS = ['userId', 'sessionId', 'source'] as const;
export type OwnField = (typeof OWN_FIELDS)[number];

/** A field: one of the event's own, or a way through its data. */
export type Field = { own: OwnField } | { path: readonly string[] };

/** What a field may be called: `userId`, `plan`, `order.items.0.price`, all but the first also with `data.` before it. */
export const FIELD = /^[A-Za-z_$][\w$-]{0,63}(\.[\w$-]{1,64}){0,9}$/;

/** The field of this name. */
export function fieldOf(name: string): Field {
  const own = OWN_FIELDS.find((field) => field === name);
  if (own !== undefined) return { own };
  const path = name.split('.');
  return { path: path.length > 1 && path[0] === 'data' ? path.slice(1) : path };
}

/** What an event says in a field; undefined when it says nothing there. */
export function valueAt(event: Seen, field: Field): Json | undefined {
  if ('own' in field) return event[field.own] ?? undefined;
  return valueIn(event.data, field.path);
}

/** The value at the end of a way through own properties and places of lists. */
export function valueIn(data: Json, path: readonly string[]): Json | undefined {
  let value: Json | undefined = data;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    if (Array.isArray(value) && !/^\d+$/.test(part)) return undefined;
    value = (value as { [name: string]: Json })[part];
  }
  return value;
}

/** An event in the words of the requirements, for executions and explanations (R002-37). */
export const shown = ({ id, type, source, userId, sessionId, at, data, metadata }: Seen): { [name: string]: Json } => ({
  id,
  type,
  source,
  userId,
  sessionId,
  timestamp: at,
  data,
  metadata,
});
