/** The events that patterns wait for. */
import type { Json } from '../../engine/core/driver.js';
import type { Tx } from '../../platform/database.js';
import type { Seen } from './event.js';
import { BASELINE_WINDOWS } from './baseline.js';
import { awaited, type Pattern } from './pattern.js';
import { lasting } from './windows.js';

/** Events from before a pattern was made that it is given at most, the newest. */
const MOST_BACKFILLED = 20_000;

interface Row {
  id: string;
  type: string;
  source: string;
  user_id: string | null;
  session_id: string | null;
  at: number;
  data: Json;
  metadata: { [name: string]: Json };
}

const seen = ({ user_id, session_id, data, ...row }: Row): Seen => ({
  ...row,
  userId: user_id,
  sessionId: session_id,
  data: typeof data === 'object' && data !== null && !Array.isArray(data) ? data : {},
});

const AT = (column: string) => `(extract(epoch from ${column}) * 1000)::float8 as at`;

/** A delivered event with the correlation id that it came in with; undefined when it was taken away meanwhile. */
export async function deliveredEvent(
  tx: Tx,
  eventId: string,
): Promise<{ event: Seen; correlationId: string } | undefined> {
  const row = await tx.one<Row & { correlation_id: string }>(
    `select id, type, source, user_id, session_id, ${AT('"timestamp"')}, data, metadata, correlation_id
       from automation.delivered where tenant = engine.tenant() and id = $1`,
    [eventId],
  );
  if (!row) return undefined;
  const { correlation_id: correlationId, ...rest } = row;
  return { event: seen(rest), correlationId };
}

/** Characters of the events that are read at once. */
const MOST_CHARACTERS = 16 * 1_048_576;

/**
 * Delivered events of a time, oldest first, as many as may be read at once. @param types names, and beginnings of names with `*`
 * @returns also whether there are more
 */
export async function deliveredEvents(
  tx: Tx,
  types: readonly string[],
  from: number,
  to: number,
  most: number,
): Promise<{ events: Seen[]; isCut: boolean }> {
  const rows = await tx.query<Row & { characters: number; total: number }>(
    `select * from (
       select *, sum(length(data::text)) over (order by at, id)::float8 as characters, count(*) over () as total from (
         select id, type, source, user_id, session_id, ${AT('"timestamp"')}, data, metadata from automation.delivered
          where tenant = engine.tenant() and "timestamp" >= to_timestamp($2::float8 / 1000) and "timestamp" <= to_timestamp($3::float8 / 1000) and ${ofTypes('type', '$1')}
          order by "timestamp", id limit $4 + 1) as first) as counted
      where characters <= ${MOST_CHARACTERS} order by at, id`,
    [types, from, to, most],
  );
  const events = rows.slice(0, most).map(({ characters: _, total: __, ...row }) => seen(row));
  return { events, isCut: (rows[0]?.total ?? 0) > events.length };
}

/** Marks an event as matched. @returns undefined when it was: whatever it has set off, it has; else whether it was there before, unmatched */
export async function mark(tx: Tx, event: Seen): Promise<{ wasThere: boolean } | undefined> {
  const { id, type, source, userId, sessionId, at, data, metadata } = event;
  return tx.one<{ wasThere: boolean }>(
    `insert into automation.pattern_events as e (tenant, event_id, type, source, user_id, session_id, happened_at, data, metadata, matched_at)
     values (engine.tenant(), $1, $2, $3, $4, $5, to_timestamp($6::float8 / 1000), $7, $8, engine.now())
     on conflict (tenant, event_id) do update set matched_at = excluded.matched_at where e.matched_at is null
     returning xmax <> 0 as "wasThere"`,
    [id, type, source, userId, sessionId, at, JSON.stringify(data), JSON.stringify(metadata)],
  );
}

/** Events by their ids, in the order of these. */
export async function eventsOf(tx: Tx, ids: readonly string[]): Promise<Seen[]> {
  const rows = await tx.query<Row>(
    `select event_id as id, type, source, user_id, session_id, ${AT('happened_at')}, data, metadata from automation.pattern_events
      where tenant = engine.tenant() and event_id = any($1)`,
    [ids],
  );
  const known = new Map(rows.map((row) => [row.id, seen(row)]));
  return ids.flatMap((id) => known.get(id) ?? []);
}

/** Gives a pattern that measures the events from before it was made, so that it knows what is usual. */
export async function backfill(tx: Tx, pattern: Pattern): Promise<void> {
  if (pattern.type !== 'threshold' && pattern.type !== 'anomaly') return;
  const windows = pattern.type === 'anomaly' ? BASELINE_WINDOWS + 1 : 1;
  await tx.run(
    `insert into automation.pattern_events (tenant, event_id, type, source, user_id, session_id, happened_at, data, metadata)
     select tenant, id, type, source, user_id, session_id, "timestamp", data, metadata from automation.delivered
      where tenant = engine.tenant() and "timestamp" > engine.now() - $2 * interval '1 millisecond' and ${ofTypes('type', '$1')}
      order by "timestamp" desc limit ${MOST_BACKFILLED}
     on conflict do nothing`,
    [awaited(pattern), windows * lasting(pattern.window)],
  );
}

const ofTypes = (column: string, types: string): string =>
  `exists (select 1 from unnest(${types}::text[]) name where name = ${column} or (right(name, 1) = '*' and starts_with(${column}, left(name, -1))))`;
