/** What winning a pursuit costs, and what the work itself is expected to take (R001-10). */
import type { Tx } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { found } from '../rows.js';
import type { AddCost, CostList, CostView, EstimateList, EstimateView, PutEstimate } from './effort.dto.js';

const COST = `entry_id, pursuit_id, role, hours::float8 as hours, rate::float8 as rate, amount::float8 as amount, source, created_at, created_by`;
const ESTIMATE = `pursuit_id, role, optimistic_hours::float8 as optimistic_hours, most_likely_hours::float8 as most_likely_hours,
       pessimistic_hours::float8 as pessimistic_hours, confidence::float8 as confidence, expected_hours::float8 as expected_hours, updated_at`;

/** The entries of a pursuit, oldest first. @throws NOT_FOUND */
export async function costsOf(tx: Tx, pursuitId: number): Promise<CostList> {
  const totals = found(
    await tx.one<CostList['totals']>(
      `select coalesce(cos_hours, 0)::float8 as cos_hours, coalesce(cos_amount, 0)::float8 as cos_amount
         from workstream.pursuits where tenant = engine.tenant() and pursuit_id = $1`,
      [pursuitId],
    ),
  );
  const data = await tx.query<CostView>(
    `select ${COST} from workstream.cos_entries where tenant = engine.tenant() and pursuit_id = $1 order by entry_id`,
    [pursuitId],
  );
  return { data, totals };
}

/** Adds an entry, and to the sums of the pursuit. @throws NOT_FOUND */
export async function addCost(
  tx: Tx,
  pursuitId: number,
  by: string,
  { role, hours, rate, source }: AddCost,
): Promise<CostView> {
  await lock(tx, pursuitId);
  const entry = await tx.one<CostView>(
    `insert into workstream.cos_entries (tenant, pursuit_id, role, hours, rate, source, created_at, created_by)
     values (engine.tenant(), $1, $2, $3, $4, $5, engine.now(), $6) returning ${COST}`,
    [pursuitId, role, hours, rate, source ?? null, by],
  );
  await sumUp(tx, pursuitId);
  return found(entry);
}

/** Takes an entry away. @throws NOT_FOUND */
export async function removeCost(tx: Tx, pursuitId: number, entryId: number): Promise<void> {
  await lock(tx, pursuitId);
  const gone = await tx.run(
    'delete from workstream.cos_entries where tenant = engine.tenant() and pursuit_id = $1 and entry_id = $2',
    [pursuitId, entryId],
  );
  if (gone === 0) throw refuse('NOT_FOUND');
  await sumUp(tx, pursuitId);
}

/** The estimates of a pursuit, by role. Roles are taken as independent of each other: their variances add up. @throws NOT_FOUND */
export async function estimatesOf(tx: Tx, pursuitId: number): Promise<EstimateList> {
  found(
    await tx.one('select 1 from workstream.pursuits where tenant = engine.tenant() and pursuit_id = $1', [pursuitId]),
  );
  const data = await tx.query<EstimateView>(
    `select ${ESTIMATE} from workstream.pursuit_role_estimates where tenant = engine.tenant() and pursuit_id = $1 order by role`,
    [pursuitId],
  );
  const variance = data.reduce((sum, { optimistic_hours: o, pessimistic_hours: p }) => sum + ((p - o) / 6) ** 2, 0);
  return {
    data,
    totals: {
      expected_hours: rounded(data.reduce((sum, { expected_hours }) => sum + expected_hours, 0)),
      deviation_hours: rounded(Math.sqrt(variance)),
    },
  };
}

/** Writes the estimate of a role. @throws NOT_FOUND; WF006 when the three figures are not in order */
export async function putEstimate(
  tx: Tx,
  pursuitId: number,
  role: string,
  estimate: PutEstimate,
): Promise<EstimateView> {
  const { optimistic_hours: o, most_likely_hours: m, pessimistic_hours: p, confidence } = estimate;
  if (o > m || m > p)
    throw refuse('WF006', {
      errors: [{ field: 'most_likely_hours', message: 'must be between optimistic_hours and pessimistic_hours' }],
    });
  await lock(tx, pursuitId);
  return found(
    await tx.one<EstimateView>(
      `insert into workstream.pursuit_role_estimates
         (tenant, pursuit_id, role, optimistic_hours, most_likely_hours, pessimistic_hours, confidence, updated_at)
       values (engine.tenant(), $1, $2, $3, $4, $5, $6, engine.now())
       on conflict (tenant, pursuit_id, role) do update
          set optimistic_hours = excluded.optimistic_hours, most_likely_hours = excluded.most_likely_hours,
              pessimistic_hours = excluded.pessimistic_hours, confidence = excluded.confidence, updated_at = excluded.updated_at
       returning ${ESTIMATE}`,
      [pursuitId, role, o, m, p, confidence ?? null],
    ),
  );
}

/** Takes the estimate of a role away. @throws NOT_FOUND */
export async function removeEstimate(tx: Tx, pursuitId: number, role: string): Promise<void> {
  const gone = await tx.run(
    'delete from workstream.pursuit_role_estimates where tenant = engine.tenant() and pursuit_id = $1 and role = $2',
    [pursuitId, role],
  );
  if (gone === 0) throw refuse('NOT_FOUND');
}

/** Entries added at once are summed up one after the other. */
const lock = async (tx: Tx, pursuitId: number): Promise<unknown> =>
  found(
    await tx.one(
      'select 1 from workstream.pursuits where tenant = engine.tenant() and pursuit_id = $1 for no key update',
      [pursuitId],
    ),
  );

const sumUp = (tx: Tx, pursuitId: number): Promise<number> =>
  tx.run(
    `update workstream.pursuits p set (cos_hours, cos_amount) = (
       select sum(hours), sum(amount) from workstream.cos_entries c where c.tenant = p.tenant and c.pursuit_id = p.pursuit_id)
      where p.tenant = engine.tenant() and p.pursuit_id = $1`,
    [pursuitId],
  );

const rounded = (hours: number): number => Math.round(hours * 10_000) / 10_000;
