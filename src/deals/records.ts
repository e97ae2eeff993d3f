import type { Tx } from '../platform/database.js';
import { toMinor } from '../../machines/investment.terms.js';
import type { CreatorView, InvestorView, PitchView, PutCreator, PutInvestor, PutPitch } from './records.dto.js';

/** What people see of each kind of record. */
export const COLUMNS = {
  investors: `id, name, email, accreditation_status as "accreditationStatus", accreditation_verified_at as "accreditationVerifiedAt",
    (investment_limit_minor / 100.0)::float8 as "investmentLimit",
    case when invested_year = extract(year from engine.now()) then (invested_minor / 100.0)::float8 else 0 end as "totalInvestedYtd"`,
  creators: `id, name, email, stripe_account_id as "stripeAccountId"`,
  pitches: `id, title, creator_id as "creatorId", (total_funded_minor / 100.0)::float8 as "totalFunded", investor_count as "investorCount",
    last_investment_at as "lastInvestmentAt", production_status as "productionStatus", production_company_id as "productionCompanyId",
    production_started_at as "productionStartedAt"`,
  companies: `id, name, email, verification_status as "verificationStatus", active_projects_count as "activeProjectsCount"`,
  requesters: `id, name, email, email_verified as "emailVerified", account_since as "accountSince", suspicious, trust_score as "trustScore", breaches`,
} as const;

/** Writes an investor; what deals have added up stays. */
export const putInvestor = (
  tx: Tx,
  id: string,
  { name, email, accreditationStatus, accreditationVerifiedAt, investmentLimit }: PutInvestor,
): Promise<number> =>
  tx.run(
    `insert into deals.investors (tenant, id, name, email, accreditation_status, accreditation_verified_at, investment_limit_minor, updated_at)
     values (engine.tenant(), $1, $2, $3, $4, $5, $6, engine.now())
     on conflict (tenant, id) do update
        set name = excluded.name, email = excluded.email, accreditation_status = excluded.accreditation_status,
            accreditation_verified_at = excluded.accreditation_verified_at, investment_limit_minor = excluded.investment_limit_minor,
            updated_at = excluded.updated_at`,
    [
      id,
      name,
      email,
      accreditationStatus,
      accreditationVerifiedAt ?? null,
      investmentLimit === null ? null : toMinor(investmentLimit),
    ],
  );

/** An investor, or undefined. */
export const findInvestor = (tx: Tx, id: string): Promise<InvestorView | undefined> =>
  tx.one<InvestorView>(`select ${COLUMNS.investors} from deals.investors where tenant = engine.tenant() and id = $1`, [
    id,
  ]);

/** Writes a creator. */
export const putCreator = (tx: Tx, id: string, { name, email, stripeAccountId }: PutCreator): Promise<number> =>
  tx.run(
    `insert into deals.creators (tenant, id, name, email, stripe_account_id, updated_at) values (engine.tenant(), $1, $2, $3, $4, engine.now())
     on conflict (tenant, id) do update
        set name = excluded.name, email = excluded.email, stripe_account_id = excluded.stripe_account_id, updated_at = excluded.updated_at`,
    [id, name, email, stripeAccountId],
  );

/** A creator, or undefined. */
export const findCreator = (tx: Tx, id: string): Promise<CreatorView | undefined> =>
  tx.one<CreatorView>(`select ${COLUMNS.creators} from deals.creators where tenant = engine.tenant() and id = $1`, [
    id,
  ]);

/** Writes a pitch; what deals have added up stays. */
export const putPitch = (tx: Tx, id: string, { title, creatorId }: PutPitch): Promise<number> =>
  tx.run(
    `insert into deals.pitches (tenant, id, title, creator_id, updated_at) values (engine.tenant(), $1, $2, $3, engine.now())
     on conflict (tenant, id) do update set title = excluded.title, creator_id = excluded.creator_id, updated_at = excluded.updated_at`,
    [id, title, creatorId],
  );

/** A pitch, or undefined. */
export const findPitch = (tx: Tx, id: string): Promise<PitchView | undefined> =>
  tx.one<PitchView>(`select ${COLUMNS.pitches} from deals.pitches where tenant = engine.tenant() and id = $1`, [id]);
