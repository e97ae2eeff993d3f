import type { Tx } from '../../platform/database.js';
import { COLUMNS } from '../records.js';
import type { PutRequester, RequesterView } from './nda.requester.dto.js';

/** Writes what is known of a requester. */
export const putRequester = (
  tx: Tx,
  id: string,
  { name, email, emailVerified, accountSince, suspicious, trustScore, breaches }: PutRequester,
): Promise<number> =>
  tx.run(
    `insert into deals.requesters (tenant, id, name, email, email_verified, account_since, suspicious, trust_score, breaches, updated_at)
     values (engine.tenant(), $1, $2, $3, $4, $5, $6, $7, $8, engine.now())
     on conflict (tenant, id) do update
        set name = excluded.name, email = excluded.email, email_verified = excluded.email_verified, account_since = excluded.account_since,
            suspicious = excluded.suspicious, trust_score = excluded.trust_score, breaches = excluded.breaches, updated_at = excluded.updated_at`,
    [id, name, email, emailVerified, accountSince ?? null, suspicious, trustScore, breaches],
  );

/** A requester, or undefined. */
export const findRequester = (tx: Tx, id: string): Promise<RequesterView | undefined> =>
  tx.one<RequesterView>(
    `select ${COLUMNS.requesters} from deals.requesters where tenant = engine.tenant() and id = $1`,
    [id],
  );
