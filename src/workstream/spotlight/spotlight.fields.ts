import { Injectable } from '@nestjs/common';
import { componentOf } from '../../../machines/spotlight.score.js';
import type { Caller } from '../../auth/caller.js';
import { Database, type Tx } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { once } from '../once.js';
import { checkOrg } from '../orgs.js';
import type { CreateField, DomainView, FieldList, FieldView, ListFields } from './spotlight.dto.js';

const ROW = `f.field_id, (select org_id from workstream.orgs where tenant = f.tenant) as org_id, f.domain, f.field_name, f.field_type, f.is_required,
             f.display_order, f.enum_values, f.component`;
const LISTED = `from workstream.spotlight_fields f where f.tenant = engine.tenant() and ($1::text is null or f.domain = $1)`;

/** The fields that spotlights of a domain can look at. */
@Injectable()
export class SpotlightFields {
  constructor(private readonly database: Database) {}

  list({ tenant }: Caller, { org_id, domain, page, limit }: ListFields): Promise<FieldList> {
    return this.database.transaction(tenant, async (tx) => {
      await checkOrg(tx, org_id);
      const data = await tx.query<FieldView>(
        `select ${ROW} ${LISTED} order by f.domain, f.display_order, f.field_id limit $2 offset $3`,
        [domain ?? null, limit, (page - 1) * limit],
      );
      const counted = await tx.one<{ total: number }>(`select count(*) as total ${LISTED}`, [domain ?? null]);
      return { data, pagination: { page, limit, total: counted?.total ?? 0 } };
    });
  }

  /** @throws WF006, IN_USE when the domain has a field of this name */
  create(caller: Caller, request: CreateField, key: string | undefined): Promise<FieldView> {
    const { field_type: type, enum_values: choices = null } = request;
    if ((type === 'enum') !== (choices !== null))
      throw refuse('WF006', {
        errors: [{ field: 'enum_values', message: 'enum_values is for enum, and enum needs them' }],
      });
    return this.database.transaction(caller.tenant, async (tx) => {
      await checkOrg(tx, request.org_id);
      return once(tx, caller, { scope: 'spotlight.fields', key, request }, () => insert(tx, request));
    });
  }

  /** Every domain that has a field or a spotlight. */
  domains({ tenant }: Caller, orgId: string | undefined): Promise<DomainView[]> {
    return this.database.transaction(tenant, async (tx) => {
      await checkOrg(tx, orgId);
      return tx.query<DomainView>(
        `select domain, sum(spotlights)::int as spotlights, sum(active)::int as active_spotlights, sum(fields)::int as fields
           from (select domain, count(*) as spotlights, count(*) filter (where is_active) as active, 0 as fields
                   from workstream.spotlights where tenant = engine.tenant() and deleted_at is null group by domain
                 union all
                 select domain, 0, 0, count(*) from workstream.spotlight_fields where tenant = engine.tenant() group by domain) d
          group by domain order by domain limit 1000`,
      );
    });
  }
}

async function insert(tx: Tx, field: CreateField): Promise<FieldView> {
  const { domain, field_name: name, field_type, is_required, display_order, enum_values, component } = field;
  const row = await tx.one<FieldView>(
    `insert into workstream.spotlight_fields as f (tenant, domain, field_name, field_type, is_required, display_order, enum_values, component, created_at)
     values (engine.tenant(), $1, $2, $3, $4, $5, $6, $7, engine.now()) on conflict (tenant, domain, field_name) do nothing returning ${ROW}`,
    [domain, name, field_type, is_required, display_order, enum_values ?? null, component ?? componentOf(name)],
  );
  if (!row) throw refuse('IN_USE', { detail: `The domain ${domain} has a field ${name} already.` });
  return row;
}
