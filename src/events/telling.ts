/** What the log says of events: `{ level, message, correlation_id, timestamp, context }` (R003-38). */
import type { Log } from '../platform/logger.js';

/** What a line is about; `event_id` is in all of them. */
type Context = Readonly<Record<string, unknown>> & { event_id: string };

/** A line of each event: under load the log is a sample. @param kind names lines of this kind */
export const tell = (log: Log, kind: string, message: string, correlationId: string, context: Context): void =>
  log.often(kind, { message, correlation_id: correlationId, context });

/** A line for those who look closely. */
export const whisper = (log: Log, kind: string, message: string, correlationId: string, context: Context): void =>
  log.debug(kind, { message, correlation_id: correlationId, context });
