/** What a user must have right before anything is decided: the event, who sends it, its payload, the revision. */
import type { Caller } from '../auth/caller.js';
import { refuse } from '../platform/errors.js';
import type { Json } from './core/driver.js';
import { maySend } from './core/permission.js';
import type { Cause } from './recording.js';
import { checkPayload, type Hosted } from './registry.js';
import type { Instance } from './store/instances.js';

/** The event of a user who may send it, with its payload checked. @throws WF005, WF006, REVISION_MISMATCH */
export function admitted(
  hosted: Hosted,
  instance: Instance,
  caller: Caller,
  { type, payload }: { type: string; payload?: unknown },
  { expectedRevision }: { expectedRevision?: number | undefined },
): { type: string; payload: Json } {
  const rule = hosted.lifecycle.events[type];
  if (!rule) throw refuse('WF006', { detail: `${type} is not an event of ${hosted.lifecycle.name}.` });
  if (!maySend(rule, instance.parties, { id: caller.userId, roles: caller.roles }))
    throw refuse('WF005', { detail: `${type} may be sent by: ${rule.from.join(', ')}.` });
  const checked = checkPayload(hosted, type, payload);
  if (expectedRevision !== undefined && expectedRevision !== instance.revision)
    throw refuse('REVISION_MISMATCH', {
      detail: `The instance is at revision ${instance.revision}, not ${expectedRevision}.`,
    });
  return { type, payload: checked };
}

/** The cause of everything a user asks for. */
export const asked = (caller: Caller, kind: 'start' | 'event'): Cause => ({
  kind,
  cause: 'request',
  actor: caller.userId,
  roles: caller.roles,
  correlationId: caller.correlationId,
});
