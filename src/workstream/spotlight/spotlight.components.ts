import { Injectable } from '@nestjs/common';
import type { Caller } from '../../auth/caller.js';
import { Database, type Tx } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { checkOrg } from '../orgs.js';
import type { ComponentList, PutComponents } from './spotlight.dto.js';
import { Spotlights } from './spotlights.js';
import * as store from './spotlight.store.js';

/** What the weighted score of a spotlight is made of. */
@Injectable()
export class SpotlightComponents {
  constructor(
    private readonly database: Database,
    private readonly spotlights: Spotlights,
  ) {}

  /** @throws NOT_FOUND */
  list({ tenant }: Caller, spotlightId: number): Promise<ComponentList> {
    return this.database.transaction(tenant, (tx) => read(tx, spotlightId));
  }

  /** @throws NOT_FOUND, WF006 when a name comes twice */
  put(caller: Caller, spotlightId: number, { org_id: orgId, components }: PutComponents): Promise<ComponentList> {
    if (new Set(components.map(({ name }) => name)).size < components.length)
      throw refuse('WF006', { errors: [{ field: 'components', message: 'each component once' }] });
    return this.database.transaction(caller.tenant, async (tx) => {
      await checkOrg(tx, orgId);
      await this.spotlights.changeWithin(tx, caller, spotlightId, ['score_components'], () =>
        store.putComponents(tx, spotlightId, components),
      );
      return read(tx, spotlightId);
    });
  }
}

async function read(tx: Tx, spotlightId: number): Promise<ComponentList> {
  await store.find(tx, spotlightId);
  const { isDefault, components } = await store.componentsOf(tx, spotlightId);
  return { is_default: isDefault, data: components };
}
