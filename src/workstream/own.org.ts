import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Caller } from '../auth/caller.js';
import { Database } from '../platform/database.js';
import { refuse } from '../platform/errors.js';
import { checkOrg } from './orgs.js';

/**
 * Every request of the pipeline may name its organisation, in the query or in the body, whether the route makes use of that or not;
 * it must be the caller's own (R001-21). What was looked at is taken out: behind this, the credential alone says whose rows they are.
 */
@Injectable()
export class OwnOrg implements CanActivate {
  constructor(private readonly database: Database) {}

  /** @throws WF005 for another organisation, WF006 for what names none */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { caller, query, body } = context.switchToHttp().getRequest<FastifyRequest & { caller: Caller }>();
    for (const part of [query, body]) {
      if (!isObject(part) || part['org_id'] === undefined) continue;
      const orgId = nameOf(part['org_id']);
      await this.database.transaction(caller.tenant, (tx) => checkOrg(tx, orgId));
      delete part['org_id'];
    }
    return true;
  }
}

const isObject = (part: unknown): part is Record<string, unknown> => typeof part === 'object' && part !== null;

function nameOf(given: unknown): string {
  const name = Number.isSafeInteger(given) ? String(given) : given;
  if (typeof name === 'string' && /^[A-Za-z0-9_-]{1,63}$/.test(name)) return name;
  const message = 'org_id must be the number or the name of an organisation';
  throw refuse('WF006', { errors: [{ field: 'org_id', message }] });
}
