import { refuse } from '../../platform/errors.js';

/** The tenant comes from the credential; a request may name it, and no other. @throws NOT_FOUND */
export function ownAccount(tenant: string, named: string | undefined): void {
  if (named !== undefined && named !== tenant) throw refuse('NOT_FOUND', { detail: 'There is no such account.' });
}
