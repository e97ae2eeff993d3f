/** Tasks in the database: what an inbox shows. */
import type { Origin, TaskPriority } from '../../machines/task.js';
import type { Tx } from '../platform/database.js';
import type { TaskRow, TaskStatus } from './tasks.dto.js';

const COLUMNS = `t.task_id, t.task_type, t.task_definition_type, t.title, t.description, t.status, t.priority, t.due_at as due_date,
  t.status in ('pending', 'claimed') and t.due_at <= engine.now() as is_overdue,
  array(select a from unnest(t.assignees) a where a not like 'role:%') as assigned_users,
  array(select substr(a, 6) from unnest(t.assignees) a where a like 'role:%') as assigned_roles,
  t.execution_id, t.created_by, t.created_at, t.claimed_at, t.claimed_by, t.completed_at, t.completed_by, t.response_data`;

/** What an inbox is narrowed by; null is everything. */
export interface InboxFilter {
  /** Users and roles, as assignees are written; what is for nobody is among them when `unassigned`. */
  among: readonly string[] | null;
  unassigned: boolean;
  status: readonly TaskStatus[];
  priority: TaskPriority | null;
  type: string | null;
  dueBefore: string | null;
  dueAfter: string | null;
  assignee: string | null;
  executionId: string | null;
}

const WHERE = `
  where t.tenant = engine.tenant() and t.status = any ($1)
    and ($2::text[] is null or t.assignees && $2 or ($3 and t.assignees = '{}'))
    and ($4::text is null or t.priority = $4)
    and ($5::text is null or t.task_type = $5)
    and ($6::timestamptz is null or t.due_at < $6)
    and ($7::timestamptz is null or t.due_at > $7)
    and ($8::text is null or t.claimed_by = $8 or t.assignees @> array[$8])
    and ($9::text is null or t.execution_id = $9)`;

/** One page, what is due first at the top, of the same moment the newest (R004-70); and how many there are. */
export async function listTasks(
  tx: Tx,
  filter: InboxFilter,
  page: number,
  limit: number,
): Promise<{ data: TaskRow[]; total: number }> {
  const values = [
    filter.status,
    filter.among,
    filter.unassigned,
    filter.priority,
    filter.type,
    filter.dueBefore,
    filter.dueAfter,
    filter.assignee,
    filter.executionId,
  ];
  const data = await tx.query<TaskRow>(
    `select ${COLUMNS} from tasks.tasks t ${WHERE} order by t.due_at, t.created_at desc, t.task_id limit $10 offset $11`,
    [...values, limit, (page - 1) * limit],
  );
  const counted = await tx.one<{ total: number }>(`select count(*)::int as total from tasks.tasks t ${WHERE}`, values);
  return { data, total: counted?.total ?? 0 };
}

export const findTask = (tx: Tx, id: string): Promise<TaskRow | undefined> =>
  tx.one(`select ${COLUMNS} from tasks.tasks t where t.tenant = engine.tenant() and t.task_id = $1`, [id]);

/** What a task's row begins with. */
export interface NewTask {
  id: string;
  taskType: string;
  origin: Origin;
  title: string;
  description: string | null;
  priority: TaskPriority;
  /** Milliseconds. */
  dueAt: number;
  assignees: readonly string[];
  executionId: string | null;
  createdBy: string;
}

export const insertTask = (tx: Tx, task: NewTask): Promise<number> =>
  tx.run(
    `insert into tasks.tasks (tenant, task_id, task_type, task_definition_type, title, description, status, priority, due_at, assignees,
                              execution_id, created_by, created_at)
     values (engine.tenant(), $1, $2, $3, $4, $5, 'pending', $6, to_timestamp($7::float8 / 1000), $8, $9, $10, engine.now())`,
    [
      task.id,
      task.taskType,
      task.origin,
      task.title,
      task.description,
      task.priority,
      task.dueAt,
      task.assignees,
      task.executionId,
      task.createdBy,
    ],
  );
