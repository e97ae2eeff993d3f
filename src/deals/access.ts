import { Injectable } from '@nestjs/common';
import type { EffectHandler, EffectRun } from '../engine/host.js';
import { Database, type Tx } from '../platform/database.js';
import { newId } from '../platform/ids.js';
import { decodeCursor, encodeCursor } from '../platform/paging.js';
import type { AccessPage, AccessView, ListAccess } from './access.dto.js';

/** How far a right goes. */
export const ACCESS_TYPES = ['investor', 'production_full', 'nda_protected'] as const;
/** One of ACCESS_TYPES. */
export type AccessType = (typeof ACCESS_TYPES)[number];

/** A right to see a pitch, and the deal it comes from (R000-93). */
export interface AccessGrant {
  userId: string;
  pitchId: string;
  /** Or the administrator it comes from. */
  dealId: string;
  type: AccessType;
  via: 'investment' | 'production_deal' | 'nda' | 'admin';
  /** Milliseconds; for ever when left out. */
  expiresAt?: number;
}

/** Takes back what a deal has granted; one effect for every kind of deal. */
@Injectable()
export class Access {
  constructor(private readonly database: Database) {}

  readonly effects: Readonly<Record<string, EffectHandler>> = {
    'pitch.revokeAccess': async (
      { input }: { input: Pick<AccessGrant, 'userId' | 'pitchId' | 'dealId'> },
      { tenant }: EffectRun,
    ) => {
      await this.database.transaction(tenant, (tx) => revokeAccess(tx, input));
      return { kind: 'done' };
    },
  };
}

/**
 * Lets a user see a pitch (R000-44, R000-75, R000-93). A later grant takes the place of an earlier one, except that an NDA takes
 * nothing from somebody who may see more already.
 */
export const grantAccess = (tx: Tx, { userId, pitchId, dealId, type, via, expiresAt }: AccessGrant): Promise<number> =>
  tx.run(
    `insert into deals.pitch_access as a (tenant, id, user_id, pitch_id, access_type, granted_via, granted_via_id, granted_at, expires_at)
     values (engine.tenant(), $1, $2, $3, $4, $5, $6, engine.now(), to_timestamp($7::float8 / 1000))
     on conflict (tenant, user_id, pitch_id)
     do update set access_type = excluded.access_type, granted_via = excluded.granted_via, granted_via_id = excluded.granted_via_id,
                   granted_at = excluded.granted_at, expires_at = excluded.expires_at, revoked_at = null
       where excluded.access_type <> 'nda_protected' or a.access_type = 'nda_protected'
          or a.revoked_at is not null or a.expires_at <= engine.now()`,
    [newId('access'), userId, pitchId, type, via, dealId, expiresAt ?? null],
  );

/** Takes access back, unless another deal has granted it meanwhile. */
export const revokeAccess = (
  tx: Tx,
  { userId, pitchId, dealId }: Pick<AccessGrant, 'userId' | 'pitchId' | 'dealId'>,
): Promise<number> =>
  tx.run(
    `update deals.pitch_access set revoked_at = engine.now()
      where tenant = engine.tenant() and user_id = $1 and pitch_id = $2 and granted_via_id = $3 and revoked_at is null`,
    [userId, pitchId, dealId],
  );

/** Takes a right back, wherever it comes from. */
export const revokeById = (tx: Tx, id: string): Promise<number> =>
  tx.run(
    `update deals.pitch_access set revoked_at = engine.now() where tenant = engine.tenant() and id = $1 and revoked_at is null`,
    [id],
  );

const IS_LIVE = '(revoked_at is null and (expires_at is null or expires_at > engine.now()))';
const COLUMNS = `id, user_id, pitch_id, access_type, granted_via, granted_via_id, granted_at, expires_at, revoked_at, ${IS_LIVE} as live`;

/** A right by its id, or by whose it is and to what. */
export const findAccess = (
  tx: Tx,
  { id = null, userId = null, pitchId = null }: { id?: string | null; userId?: string | null; pitchId?: string | null },
): Promise<AccessView | undefined> =>
  tx.one<AccessView>(
    `select ${COLUMNS} from deals.pitch_access where tenant = engine.tenant() and (id = $1 or (user_id = $2 and pitch_id = $3))`,
    [id, userId, pitchId],
  );

/** One page of rights, newest first. @param viewer who may see his own and those to pitches of his own only; null for overseers */
export async function listAccess(
  tx: Tx,
  { userId, pitchId, status, limit, cursor }: ListAccess,
  viewer: string | null,
): Promise<AccessPage> {
  const after = decodeCursor(cursor, { at: 'time', id: 'id' });
  const matching = `from deals.pitch_access
      where tenant = engine.tenant() and ($1::text is null or user_id = $1) and ($2::text is null or pitch_id = $2)
        and ($3::text is null or ($3 = 'live') = ${IS_LIVE})
        and ($4::text is null or user_id = $4
             or pitch_id in (select p.id from deals.pitches p where p.tenant = engine.tenant() and p.creator_id = $4))`;
  const filter = [userId ?? null, pitchId ?? null, status ?? null, viewer];
  const data = await tx.query<AccessView>(
    `select ${COLUMNS} ${matching} and ($5::timestamptz is null or (date_trunc('milliseconds', granted_at), id) < ($5, $6))
      order by date_trunc('milliseconds', granted_at) desc, id desc limit $7`,
    [...filter, after?.at ?? null, after?.id ?? null, limit],
  );
  const counted = await tx.one<{ total: number }>(`select count(*) as total ${matching}`, filter);
  const last = data.length === limit ? data.at(-1) : undefined;
  return {
    data,
    nextCursor: last ? encodeCursor({ at: last.granted_at.toISOString(), id: last.id }) : null,
    total: counted?.total ?? 0,
  };
}
