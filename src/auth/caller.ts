import { createParamDecorator, type ExecutionContext } from '@nestjs/common';

/** Roles a credential can carry (Design: interfaces §3). */
export const ROLES = [
  'admin',
  'operator',
  'legal',
  'creator',
  'investor',
  'production',
  'sales',
  'service',
  'viewer',
] as const;
export type Role = (typeof ROLES)[number];

/** Who is asking. Comes from the credential only, never from a body, a query or a header of the client's choice. */
export interface Caller {
  readonly tenant: string;
  readonly userId: string;
  readonly roles: readonly string[];
  readonly correlationId: string;
}

/** Roles that may see every instance of their tenant; everybody else sees the instances they are a party of. */
const OVERSEERS: ReadonlySet<string> = new Set(['admin', 'operator', 'legal', 'service', 'viewer']);

export const seesEverything = ({ roles }: Pick<Caller, 'roles'>): boolean => roles.some((role) => OVERSEERS.has(role));

/** The caller, put on the request by the auth guard. */
export const CurrentCaller = createParamDecorator(
  (_: unknown, context: ExecutionContext): Caller => context.switchToHttp().getRequest<{ caller: Caller }>().caller,
);
