import { createContext, useContext } from 'react';
import type { Me } from '../api/schema.js';

const NOBODY: Me = { tenant: '', userId: '', roles: [] };

/** Who is signed in. */
export const MeContext = createContext<Me>(NOBODY);

export const useMe = (): Me => useContext(MeContext);

/** Whether somebody has one of these roles. The service decides; this only keeps what would be refused out of sight. */
export const isAllowed = (me: Me | undefined, roles: readonly string[]): boolean =>
  me?.roles.some((role) => roles.includes(role)) ?? false;

/** Roles that see every instance of their tenant. */
export const OVERSEERS = ['admin', 'operator', 'legal', 'service', 'viewer'] as const;
