import type { Role } from '../auth/caller.js';

/** Who works with rules. */
export const WRITERS: readonly Role[] = ['sales', 'operator', 'admin', 'service'];
/** Who may look at rules and what they have done. */
export const READERS: readonly Role[] = [...WRITERS, 'legal', 'viewer'];
