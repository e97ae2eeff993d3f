import type { Caller } from '../auth/caller.js';

const AGENTS: ReadonlySet<string> = new Set(['admin', 'operator', 'service']);

/** Whether somebody works for everybody of his tenant, as its own systems do: opens deals in the name of others, at any pace. */
export const isAgent = ({ roles }: Pick<Caller, 'roles'>): boolean => roles.some((role) => AGENTS.has(role));
