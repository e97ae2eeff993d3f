import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Config } from '../platform/config.js';
import { Database, type Tx } from '../platform/database.js';
import { refuse } from '../platform/errors.js';

/** Numbers for tenants: what the requirements call org_id is the tenant of the credential, and never anything else (R001-21). */
@Injectable()
export class Orgs implements OnApplicationBootstrap {
  constructor(
    private readonly config: Config,
    private readonly database: Database,
  ) {}

  /** The first tenant is number 1, as in the examples of the documentation. */
  async onApplicationBootstrap(): Promise<void> {
    await this.database.transaction(this.config.bootstrapTenant, (tx) => orgIdOf(tx));
  }
}

/** The number of the transaction's tenant; the first one who asks gives it its number. */
export async function orgIdOf(tx: Tx): Promise<number> {
  const known = await tx.one<{ org_id: number }>('select org_id from workstream.orgs where tenant = engine.tenant()');
  if (known) return known.org_id;
  await tx.run('insert into workstream.orgs (tenant) values (engine.tenant()) on conflict do nothing');
  return orgIdOf(tx);
}

/** A given org_id, as number or as the tenant's name, must be the caller's own. @throws WF005 */
export async function checkOrg(tx: Tx, given: number | string | undefined): Promise<number> {
  const orgId = await orgIdOf(tx);
  if (given !== undefined && String(given) !== String(orgId) && given !== tx.tenant)
    throw refuse('WF005', { detail: 'org_id is not the organisation of this credential.' });
  return orgId;
}
