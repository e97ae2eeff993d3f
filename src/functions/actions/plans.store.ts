/** Plans of many actions in the database: what waits for what, and how far join points are (R004-14). */
import type { Tx } from '../../platform/database.js';
import type { Step } from './action.graph.js';

/** Whose plan it is. */
export interface PlanOf {
  executionId: string;
  eventId: string;
}

/** Writes a plan down, once. */
export async function keepPlan(tx: Tx, { executionId, eventId }: PlanOf, steps: readonly Step[]): Promise<void> {
  const waits = steps.flatMap(({ action: { id }, reasons }) =>
    reasons.map(({ on, by }) => ({ action_id: id, depends_on_id: on, dependency_type: by })),
  );
  await tx.run(
    `insert into functions.workflow_action_dependencies (tenant, execution_id, event_id, action_id, depends_on_id, dependency_type)
     select engine.tenant(), $1, $2, action_id, depends_on_id, dependency_type
       from json_to_recordset($3::json) as w (action_id text, depends_on_id text, dependency_type text)
     on conflict do nothing`,
    [executionId, eventId, JSON.stringify(waits)],
  );
  const points = new Map<string, number>();
  for (const { action } of steps)
    if (action.syncPoint !== undefined) points.set(action.syncPoint, (points.get(action.syncPoint) ?? 0) + 1);
  await tx.run(
    `insert into functions.workflow_sync_points (tenant, execution_id, event_id, sync_point, sync_type, status, total_actions, completed_actions, created_at)
     select engine.tenant(), $1, $2, p.name, 'join', 'pending', p.total, 0, engine.now() from unnest($3::text[], $4::int[]) as p (name, total)
     on conflict do nothing`,
    [executionId, eventId, [...points.keys()], [...points.values()]],
  );
}

/** How far a join point is. One that has lost an action is not joined any more. */
export const moveSyncPoint = (
  tx: Tx,
  { executionId, eventId }: PlanOf,
  point: { name: string; completed: number; isBroken: boolean },
): Promise<number> =>
  tx.run(
    `update functions.workflow_sync_points p
        set completed_actions = $4, status = s.status, completed_at = case when s.status <> 'pending' then coalesce(completed_at, engine.now()) end
       from (select case when $5 then 'failed' when $4 >= total_actions then 'completed' else 'pending' end as status
               from functions.workflow_sync_points where tenant = engine.tenant() and execution_id = $1 and event_id = $2 and sync_point = $3) s
      where p.tenant = engine.tenant() and p.execution_id = $1 and p.event_id = $2 and p.sync_point = $3`,
    [executionId, eventId, point.name, point.completed, point.isBroken],
  );
