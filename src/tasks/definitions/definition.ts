import type { Origin, TaskPriority } from '../../../machines/task.js';

/** A kind of task: what it is answered in, and how urgent it usually is (R004-63). */
export interface TaskDefinition {
  task_type: string;
  name: string;
  description: string | null;
  /** Whose form it is. */
  form_origin: Origin;
  form_name: string;
  default_priority: TaskPriority;
  /** Days until it is due, when nothing else is said. */
  default_sla_days: number;
  /** Whether it is over when its time has come; else it stays, overdue (R004-67). */
  expire_on_due: boolean;
}
