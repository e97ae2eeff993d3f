import type { CompanyProfile } from '../../../machines/production.types.js';
import { post, type Letter } from '../../engine/store/letters.js';
import type { Tx } from '../../platform/database.js';
import { newId } from '../../platform/ids.js';
import { lock, type Lease } from '../exclusivity/exclusivity.js';
import type { CompanyView, PutCompany } from './companies.dto.js';
import { offerIfFree } from './production.pitch.js';

/**
 * Writes a company. It may be accepted now where it was passed over before: what is free and it waits for is offered anew.
 * @returns whom to tell
 */
export async function putCompany(
  tx: Tx,
  id: string,
  { name, email, verificationStatus, activeProjectsCount }: PutCompany,
): Promise<Letter[]> {
  // The leases first, in one order: deals lock a lease and then read the company.
  const leases: Lease[] = [];
  for (const key of await awaitedBy(tx, id)) leases.push(await lock(tx, key));
  await tx.run(
    `insert into deals.companies (tenant, id, name, email, verification_status, active_projects_count, updated_at)
     values (engine.tenant(), $1, $2, $3, $4, $5, engine.now())
     on conflict (tenant, id) do update
        set name = excluded.name, email = excluded.email, verification_status = excluded.verification_status,
            active_projects_count = excluded.active_projects_count, updated_at = excluded.updated_at`,
    [id, name, email, verificationStatus, activeProjectsCount],
  );
  const letters: Letter[] = [];
  for (const lease of leases) letters.push(...(await offerIfFree(tx, lease)));
  return letters;
}

/** Writes a company, and tells the deals to which that makes a difference. @returns how many */
export async function storeCompany(tx: Tx, id: string, body: PutCompany): Promise<number> {
  const letters = await putCompany(tx, id, body);
  await post(tx, `${tx.tenant}:company:${id}:${newId('put')}`, letters);
  return letters.length;
}

/** A company, or undefined. */
export const findCompany = (tx: Tx, id: string): Promise<CompanyView | undefined> =>
  tx.one<CompanyView>(
    `select id, name, email, verification_status as "verificationStatus", active_projects_count as "activeProjectsCount"
       from deals.companies where tenant = engine.tenant() and id = $1`,
    [id],
  );

/** What decides whether a company is accepted (R000-50), or undefined when nobody knows it. */
export const profileOf = (tx: Tx, id: string): Promise<CompanyProfile | undefined> =>
  tx.one<CompanyProfile>(
    `select verification_status as verification, active_projects_count as "activeProjects"
       from deals.companies where tenant = engine.tenant() and id = $1`,
    [id],
  );

/** What the deals of a company are waiting for. */
const awaitedBy = async (tx: Tx, companyId: string): Promise<string[]> => {
  const rows = await tx.query<{ key: string }>(
    `select distinct w.key from deals.waitlist w
       join deals.production_deals d on d.tenant = w.tenant and d.workflow_instance_id = w.member
      where w.tenant = engine.tenant() and d.production_company_id = $1 order by w.key`,
    [companyId],
  );
  return rows.map(({ key }) => key);
};
