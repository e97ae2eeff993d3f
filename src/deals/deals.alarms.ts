/** When the figures of deals should worry somebody (R000-96). Pure. */
import type { Dashboard, DashboardAlert, KindTotals, TimeToGoal } from './deals.dashboard.dto.js';

/** Above the first it is worth a look, above the second worth an hour of the night. */
const ERRORS: Limits = [0.05, 0.1];
const ACTIVE: Limits = [1_000, 5_000];
/** Below these. */
const SUCCESS: Limits = [0.95, 0.9];

type Limits = readonly [warning: number, critical: number];

/** What effects of the last 24 hours came to. */
export interface Work {
  done: number;
  dead: number;
}

/** Everything that is beyond its limits. */
export function alarms(
  { byType, timeToGoal }: Pick<Dashboard, 'byType' | 'timeToGoal'>,
  { done, dead }: Work,
): DashboardAlert[] {
  return [
    ...above('error_rate', null, done + dead === 0 ? 0 : dead / (done + dead), ERRORS),
    ...above(
      'active',
      null,
      byType.reduce((sum, { live }) => sum + live, 0),
      ACTIVE,
    ),
    ...byType.flatMap(success),
    ...timeToGoal.flatMap(slow),
  ];
}

const above = (
  metric: string,
  type: DashboardAlert['type'],
  value: number,
  [warning, critical]: Limits,
): DashboardAlert[] => {
  if (value > critical) return [{ level: 'critical', metric, type, value, limit: critical }];
  return value > warning ? [{ level: 'warning', metric, type, value, limit: warning }] : [];
};

/** A rejected deal is a success of the process; a failed one is not. */
function success({ type, ended, failed }: KindTotals): DashboardAlert[] {
  if (ended === 0) return [];
  const value = 1 - failed / ended;
  const [warning, critical] = SUCCESS;
  if (value < critical) return [{ level: 'critical', metric: 'success_rate', type, value, limit: critical }];
  return value < warning ? [{ level: 'warning', metric: 'success_rate', type, value, limit: warning }] : [];
}

const slow = ({ type, count, p95Ms, slowAfterMs }: TimeToGoal): DashboardAlert[] =>
  count === 0 ? [] : above('p95', type, p95Ms, [slowAfterMs, 2 * slowAfterMs]);
