import { Injectable } from '@nestjs/common';
import { seesEverything, type Caller } from '../auth/caller.js';
import { Database, type Tx } from '../platform/database.js';
import type { DealRow, ListDeals } from './deals.list.dto.js';
import { DEAL_KINDS, DEAL_TYPES, quoted, type DealKind, type DealType } from './deals.kinds.js';

/** Lists of deals of every kind. Parties see their own, overseers those of the tenant. */
@Injectable()
export class DealLists {
  constructor(private readonly database: Database) {}

  /** One page of deals, newest first, and how many there are altogether (R000-20, R000-94). */
  list(caller: Caller, query: ListDeals): Promise<{ workflows: DealRow[]; total: number }> {
    const { type, page, limit } = query;
    const { conditions, values } = filterOf(caller, query);
    const matching = (type === undefined ? DEAL_TYPES : [type])
      .map((each) => matchingOf(DEAL_KINDS[each], conditions(DEAL_KINDS[each])))
      .join(' union all ');
    return this.database.transaction(caller.tenant, async (tx) => {
      const found = await tx.query<Found>(
        `select type, id from (${matching}) deals order by created_at desc, id desc limit ${limit} offset ${(page - 1) * limit}`,
        values,
      );
      const counted = await tx.one<{ total: number }>(`select count(*) as total from (${matching}) deals`, values);
      return { workflows: await rowsOf(tx, found, caller), total: counted?.total ?? 0 };
    });
  }
}

interface Found {
  type: DealType;
  id: string;
}

/** Only what is asked for becomes a condition, so that an index can answer it. */
function filterOf(caller: Caller, { userId, pitchId, live }: ListDeals) {
  const values: string[] = [];
  const bound = (value: string): string => `$${values.push(value)}`;
  const user = userId === undefined ? undefined : bound(userId);
  const pitch = pitchId === undefined ? undefined : bound(pitchId);
  const self = seesEverything(caller) ? undefined : bound(caller.userId);
  const conditions = ({ parties: [one, other], over }: DealKind): string[] => [
    ...(user === undefined ? [] : [`(d.${one} = ${user} or d.${other} = ${user})`]),
    ...(pitch === undefined ? [] : [`d.pitch_id = ${pitch}`]),
    ...(self === undefined ? [] : [`(d.${one} = ${self} or d.${other} = ${self})`]),
    ...(live ? [`d.status not in (${quoted(over)})`, `d.created_at > engine.now() - interval '30 days'`] : []),
  ];
  return { conditions, values };
}

const matchingOf = ({ type, table }: DealKind, conditions: readonly string[]): string =>
  `select '${type}' as type, d.id, d.created_at from ${table} d where ${['d.tenant = engine.tenant()', ...conditions].join(' and ')}`;

/** The rows in the order in which they were found. */
async function rowsOf(tx: Tx, found: readonly Found[], caller: Caller): Promise<DealRow[]> {
  const rows = new Map<string, DealRow>();
  for (const type of DEAL_TYPES) {
    const ids = found.filter((each) => each.type === type).map(({ id }) => id);
    if (ids.length === 0) continue;
    const values = type === 'nda' ? [ids, seesEverything(caller), caller.userId] : [ids];
    for (const row of await tx.query<DealRow>(ROWS[type], values)) rows.set(row.id, row);
  }
  return found.flatMap(({ id }) => rows.get(id) ?? []);
}

const ROWS: Readonly<Record<DealType, string>> = {
  investment: `
    select d.id, 'investment' as type, d.workflow_instance_id, d.investor_id, d.creator_id, d.pitch_id, p.title as pitch_title, v.name as investor_name,
           d.proposed_amount, d.agreed_amount, d.investment_type, d.status, d.reason_code, i.compensation as compensation_status,
           d.created_at, d.updated_at
      from deals.investment_deals d
      join engine.instances i on i.tenant = d.tenant and i.id = d.workflow_instance_id
      left join deals.pitches p on p.tenant = d.tenant and p.id = d.pitch_id
      left join deals.investors v on v.tenant = d.tenant and v.id = d.investor_id
     where d.tenant = engine.tenant() and d.id = any($1)`,
  production: `
    select d.id, 'production' as type, d.workflow_instance_id, d.production_company_id, d.production_company_user_id, d.creator_id, d.pitch_id,
           p.title as pitch_title, c.name as company_name, d.interest_type, d.status, d.reason_code, i.compensation as compensation_status,
           d.exclusivity_granted_at, d.exclusivity_expires_at, d.waitlisted_at, d.created_at, d.updated_at
      from deals.production_deals d
      join engine.instances i on i.tenant = d.tenant and i.id = d.workflow_instance_id
      left join deals.pitches p on p.tenant = d.tenant and p.id = d.pitch_id
      left join deals.companies c on c.tenant = d.tenant and c.id = d.production_company_id
     where d.tenant = engine.tenant() and d.id = any($1)`,
  // How risky a requester is, is nothing that he should read.
  nda: `
    select d.id, 'nda' as type, d.workflow_instance_id, d.requester_id, d.requester_type, d.requester_name, d.creator_id, d.pitch_id,
           p.title as pitch_title, d.template_id, d.duration_months, d.status, d.reason_code, i.compensation as compensation_status,
           case when $2 or d.creator_id = $3 then d.risk_level end as risk_level,
           case when $2 or d.creator_id = $3 then d.risk_score end as risk_score,
           d.effective_date, d.expiration_date, d.created_at, d.updated_at
      from deals.ndas d
      join engine.instances i on i.tenant = d.tenant and i.id = d.workflow_instance_id
      left join deals.pitches p on p.tenant = d.tenant and p.id = d.pitch_id
     where d.tenant = engine.tenant() and d.id = any($1)`,
};
