import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** What begins with `rule:` is made here only: it tells how many rules stand between an event and what happened by itself. */
const SAFE = /^(?!rule:)[\w.:-]{1,128}$/;
/** W3C trace context: version, trace id, parent id, flags. */
const TRACEPARENT = /^[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The name under which a request is found in logs, history and provider calls: the caller's, its trace's, or a new one. */
export function correlationIdOf(headers: IncomingHttpHeaders): string {
  const given = headers['x-correlation-id'];
  if (typeof given === 'string' && SAFE.test(given)) return given;
  const { traceparent } = headers;
  return (typeof traceparent === 'string' && TRACEPARENT.exec(traceparent)?.[1]) || randomUUID();
}
