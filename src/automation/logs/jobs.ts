/** The actions that rules have asked for, and how far they are. */
import type { Tx } from '../../platform/database.js';
import type { JobStatus, AutomationJobView } from './log.dto.js';

const COLUMNS = `job_id, idempotency_key, rule_id, event_id, workflow_instance_id, position, action_type, kind, status, attempts, max_attempts,
       last_error as error, result, created_at, finished_at`;

/** One page, newest first, continued behind `before`. */
export const listJobs = (
  tx: Tx,
  filter: { rule_id?: number | undefined; event_id?: string | undefined; status?: JobStatus | undefined },
  before: number | null,
  limit: number,
): Promise<AutomationJobView[]> =>
  tx.query(
    `select ${COLUMNS} from automation.job_states
      where tenant = engine.tenant() and ($1::bigint is null or rule_id = $1) and ($2::text is null or event_id = $2)
        and ($3::text is null or status = $3) and ($4::bigint is null or job_id < $4)
      order by job_id desc limit $5`,
    [filter.rule_id ?? null, filter.event_id ?? null, filter.status ?? null, before, limit],
  );

export const findJob = (tx: Tx, id: number): Promise<AutomationJobView | undefined> =>
  tx.one(`select ${COLUMNS} from automation.job_states where tenant = engine.tenant() and job_id = $1`, [id]);
