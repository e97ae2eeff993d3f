/** What a change of version needs to know of instances, and writes into their row. */
import type { Database, Tx } from '../../platform/database.js';
import type { Json } from '../core/driver.js';
import type { Pending } from '../core/migration/work.js';

/** An instance that lives on another version than the newest. */
export interface Straggler {
  tenant: string;
  id: string;
}

const STRAGGLERS = `
  from engine.instances i
 where i.lifecycle = $1 and i.version <> $2 and i.status in ('active', 'paused', 'quarantined') and ($3::text is null or i.tenant = $3)`;

/** Those behind `after`, by tenant and id. */
export const stragglers = (
  database: Database,
  { name, version }: { name: string; version: number },
  tenant: string | null,
  after: Straggler | null,
  limit: number,
): Promise<Straggler[]> =>
  database.system((tx) =>
    tx.query(
      `select i.tenant, i.id ${STRAGGLERS} and ($4::text is null or (i.tenant, i.id) > ($4, $5::text)) order by i.tenant, i.id limit $6`,
      [name, version, tenant, after?.tenant ?? null, after?.id ?? null, limit],
    ),
  );

/** How many there are. */
export const countStragglers = (
  database: Database,
  { name, version }: { name: string; version: number },
  tenant: string | null,
): Promise<number> =>
  database.system(async (tx) => {
    const row = await tx.one<{ n: number }>(`select count(*)::int as n ${STRAGGLERS}`, [name, version, tenant]);
    return row?.n ?? 0;
  });

/** What an instance waits for. */
export async function pending(tx: Tx, id: string, at: number): Promise<Pending> {
  const jobs = await tx.query<Pending['jobs'][number]>(
    `select job_id as id, type, fence > 0 as begun from engine.outbox
      where tenant = engine.tenant() and instance_id = $1 and kind = 'job' and status in ('pending', 'claimed') and cancelled_at is null order by id`,
    [id],
  );
  const timers = await tx.query<{ id: string; due: number }>(
    `select timer_id as id, (extract(epoch from due_at) * 1000)::float8 as due from engine.timers
      where tenant = engine.tenant() and instance_id = $1 and fired_at is null order by due_at, timer_id`,
    [id],
  );
  return { jobs, timers: timers.map(({ id: timer, due }) => ({ id: timer, inMs: Math.round(due - at) })) };
}

/** Pins an instance to another version; history records it in the same transaction. */
export const pin = (tx: Tx, id: string, version: number, fingerprint: string): Promise<number> =>
  tx.run(`update engine.instances set version = $2, fingerprint = $3 where tenant = engine.tenant() and id = $1`, [
    id,
    version,
    fingerprint,
  ]);

/** The last row of an instance's history, as far as undoing a move needs it. */
export const lastRow = (tx: Tx, id: string): Promise<{ kind: string; payload: Json } | undefined> =>
  tx.one(
    `select kind, payload from engine.history where tenant = engine.tenant() and instance_id = $1 order by seq desc limit 1`,
    [id],
  );
