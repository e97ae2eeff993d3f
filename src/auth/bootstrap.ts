import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Config } from '../platform/config.js';
import { Database } from '../platform/database.js';
import { newId } from '../platform/ids.js';
import { ensureTenant, insertKey } from './api-keys.js';
import { ROLES, type Role } from './caller.js';
import { hashOf, hintOf } from './keys.js';

/** Whom the first keys speak for: in the sandbox one user of each role, by the names that the examples use; else an administrator. */
export const FIRST_USERS: Readonly<Record<Role, string>> = {
  admin: 'admin_1',
  operator: 'operator_1',
  legal: 'legal_1',
  creator: 'creator_789',
  investor: 'inv_123',
  production: 'company_user_1',
  sales: 'sales_1',
  service: 'service_1',
  viewer: 'viewer_1',
};

/** Sees to the first credentials at every start. What is there already, or was revoked, stays as it is. */
@Injectable()
export class Bootstrap implements OnApplicationBootstrap {
  constructor(
    private readonly config: Config,
    private readonly database: Database,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { mode, bootstrapAdminKey, bootstrapTenant: tenant, sandboxKeys } = this.config;
    const keys: Readonly<Record<string, string | undefined>> =
      mode === 'sandbox' ? sandboxKeys : { admin: bootstrapAdminKey };
    await this.database.system(async (tx) => {
      await ensureTenant(tx, tenant);
      for (const role of ROLES) {
        const key = keys[role];
        if (key === undefined) continue;
        const grant = { userId: FIRST_USERS[role], roles: [role], label: 'bootstrap', createdBy: 'bootstrap' };
        await insertKey(tx, { ...grant, tenant, id: newId('key'), hash: hashOf(key), hint: hintOf(key) });
      }
    });
  }
}
