import type { Tx } from '../../platform/database.js';
import type { LineView, PlaceInLine } from './production.dto.js';
import { EXCLUSIVE, keyOf } from './production.pitch.js';

/** How a deal stands to its pitch, and the line for it. Looks only, locks nothing. */
export async function lineFor(
  tx: Tx,
  instanceId: string,
  pitchId: string,
): Promise<LineView & { line: PlaceInLine[] }> {
  const lease = await tx.one<{ holder: string | null; expires_at: Date | null; status: string }>(
    `select l.holder, l.expires_at, d.status from deals.leases l
       left join deals.production_deals d on d.tenant = l.tenant and d.workflow_instance_id = l.holder
      where l.tenant = engine.tenant() and l.key = $1`,
    [keyOf(pitchId)],
  );
  const line = await tx.query<PlaceInLine>(
    `select row_number() over (order by w.rank, w.rank_id) as position, w.member as "instanceId",
            d.production_company_id as "productionCompanyId", c.name as "companyName", d.status, w.waiting_since as "waitingSince"
       from deals.waitlist w
       join deals.production_deals d on d.tenant = w.tenant and d.workflow_instance_id = w.member
       left join deals.companies c on c.tenant = d.tenant and c.id = d.production_company_id
      where w.tenant = engine.tenant() and w.key = $1 order by w.rank, w.rank_id`,
    [keyOf(pitchId)],
  );
  const position = line.find((place) => place.instanceId === instanceId)?.position ?? null;
  const isHolder = lease?.holder === instanceId;
  const exclusiveUntil = isHolder ? lease.expires_at : null;
  const held = isHolder && EXCLUSIVE.has(lease.status) ? 'exclusive' : 'next';
  const standing = isHolder ? held : position === null ? 'none' : 'waiting';
  return { standing, exclusiveUntil, position, waiting: line.length, line };
}
