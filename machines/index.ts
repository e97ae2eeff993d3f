import type { defineLifecycle } from '../src/engine/authoring.js';
import { investment } from './investment.js';

/** Every lifecycle by its name. */
export const catalogue: Readonly<Record<string, ReturnType<typeof defineLifecycle>>> = { investment };
