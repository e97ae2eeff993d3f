/**
 * A thing that only one instance at a time may have, and the line of those who wait for it. The thing is any business key.
 * Its row has room for one holder only, and is locked before anything about it is read or written, always after the instance that
 * decides: no transaction holds two instances, so none can wait for another in a circle.
 */
import type { Tx } from '../../platform/database.js';

/** Who has the thing; nobody when `holder` is null. */
export interface Lease {
  key: string;
  holder: string | null;
}

/** Somebody in the line. Who came earlier, by `rank` and then by `rankId`, is before him. */
export interface Member {
  member: string;
  /** Milliseconds. */
  rank: number;
  rankId: string;
}

/** Locks a thing until the transaction ends, and says who has it. */
export async function lock(tx: Tx, key: string): Promise<Lease> {
  const known = await find(tx, key);
  if (known) return known;
  await tx.run('insert into deals.leases (tenant, key) values (engine.tenant(), $1) on conflict do nothing', [key]);
  return (await find(tx, key)) ?? { key, holder: null };
}

/** Gives the thing to a member, or prolongs his time. The lease must be locked, and free or his already. */
export async function grant(tx: Tx, { key }: Lease, member: string, until: number | null): Promise<void> {
  await tx.run(
    `update deals.leases
        set holder = $2, expires_at = to_timestamp($3::float8 / 1000), granted_at = case when holder = $2 then granted_at else engine.now() end
      where tenant = engine.tenant() and key = $1`,
    [key, member, until],
  );
  await leave(tx, key, member);
}

/** Takes the thing from whoever has it; nobody has it then. */
export const free = (tx: Tx, { key }: Lease): Promise<number> =>
  tx.run(
    `update deals.leases set holder = null, granted_at = null, expires_at = null where tenant = engine.tenant() and key = $1`,
    [key],
  );

/** Adds to the line who is not in it. */
export const join = (tx: Tx, { key }: Lease, members: readonly Member[]): Promise<number> =>
  tx.run(
    `insert into deals.waitlist (tenant, key, member, rank, rank_id, waiting_since)
     select engine.tenant(), $1, m ->> 'member', to_timestamp((m ->> 'rank')::float8 / 1000), m ->> 'rankId', engine.now()
       from json_array_elements($2::json) m
     on conflict do nothing`,
    [key, JSON.stringify(members)],
  );

/** Takes a member out of the line; those behind him move up. */
export const leave = (tx: Tx, key: string, member: string): Promise<number> =>
  tx.run('delete from deals.waitlist where tenant = engine.tenant() and key = $1 and member = $2', [key, member]);

/** Who is in the line, the first first. */
export const lineOf = async (tx: Tx, key: string): Promise<string[]> => {
  const rows = await tx.query<{ member: string }>(
    'select member from deals.waitlist where tenant = engine.tenant() and key = $1 order by rank, rank_id',
    [key],
  );
  return rows.map(({ member }) => member);
};

/** The place in the line that a member has or would have, from 1. */
export async function positionOf(tx: Tx, key: string, { member, rank, rankId }: Member): Promise<number> {
  const row = await tx.one<{ before: number }>(
    `select count(*) as before from deals.waitlist
      where tenant = engine.tenant() and key = $1 and member <> $2 and (rank, rank_id) < (to_timestamp($3::float8 / 1000), $4)`,
    [key, member, rank, rankId],
  );
  return (row?.before ?? 0) + 1;
}

/**
 * Keeps a free thing for the first in the line who qualifies; those who do not are passed over and keep their place.
 * @returns whom it is kept for, to be told; undefined when nobody in the line qualifies
 */
export async function passOn(
  tx: Tx,
  lease: Lease,
  qualifies: (member: string) => Promise<boolean>,
): Promise<string | undefined> {
  for (const member of await lineOf(tx, lease.key)) {
    if (!(await qualifies(member))) continue;
    await grant(tx, lease, member, null);
    return member;
  }
  return undefined;
}

const find = (tx: Tx, key: string): Promise<Lease | undefined> =>
  tx.one<Lease>('select key, holder from deals.leases where tenant = engine.tenant() and key = $1 for update', [key]);
