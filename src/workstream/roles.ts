import type { Role } from '../auth/caller.js';

/** Who works in the pipeline. */
export const WRITERS: readonly Role[] = ['sales', 'operator', 'admin', 'service'];
/** Who may look at the pipeline. The parties of deals are none of them. */
export const READERS: readonly Role[] = [...WRITERS, 'legal', 'viewer'];
/** Who may pass over an item of a checklist, with a reason. */
export const WAIVERS: readonly Role[] = ['admin', 'operator'];
