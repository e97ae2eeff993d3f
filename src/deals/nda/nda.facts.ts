import type { nda } from '../../../machines/nda.js';
import type { RequesterRecord } from '../../../machines/nda.risk.js';
import type { FactLoaders } from '../../engine/host.js';
import type { Tx } from '../../platform/database.js';

/** No guard of an NDA reads facts: what it decides on is looked up while it is PENDING, and kept with the answer. */
export const ndaFacts: FactLoaders<typeof nda> = {};

/**
 * What is known of the requester of an NDA, this NDA left out (R000-70). An address counts as verified only if it is the one the
 * NDA is sent to. Nobody vouches for a requester without a record.
 */
export async function requesterRecord(tx: Tx, ndaId: string): Promise<RequesterRecord> {
  const row = await tx.one<Omit<RequesterRecord, 'accountSince'> & { account_since: Date | null }>(
    `select coalesce(r.email_verified and lower(r.email) = lower(d.requester_email), false) as "emailVerified", r.account_since,
            coalesce(r.suspicious, false) as "isSuspicious", r.trust_score as "trustScore", coalesce(r.breaches, 0) as breaches,
            (select count(*) from deals.ndas e
              where e.tenant = d.tenant and e.requester_id = d.requester_id and e.id <> d.id
                and (e.status = 'ACTIVE' or (e.status = 'EXPIRED' and e.effective_date is not null))) as "honouredNdas"
       from deals.ndas d left join deals.requesters r on r.tenant = d.tenant and r.id = d.requester_id
      where d.tenant = engine.tenant() and d.id = $1`,
    [ndaId],
  );
  if (!row) throw new Error(`there is no NDA ${ndaId}`);
  const { account_since: since, ...known } = row;
  return { ...known, accountSince: since?.getTime() ?? null };
}
