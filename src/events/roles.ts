import type { Role } from '../auth/caller.js';

/** Who sends events and works with what became of them. */
export const WRITERS: readonly Role[] = ['sales', 'operator', 'admin', 'service'];
/** Who may look at them. */
export const READERS: readonly Role[] = [...WRITERS, 'legal', 'viewer'];
