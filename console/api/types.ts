/** What the API answers, as far as the console shows it. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Fields = Record<string, Json>;

export interface FieldError {
  field: string;
  message: string;
}

export interface ProblemBody {
  status: number;
  code: string;
  detail: string;
  correlationId: string;
  errors?: FieldError[];
  explanation?: Explanation;
}

export interface Page<T> {
  data: T[];
  nextCursor: string | null;
}

export interface Me {
  tenant: string;
  userId: string;
  roles: string[];
}

export interface Instance {
  id: string;
  lifecycle: string;
  version: number;
  status: 'active' | 'done' | 'failed' | 'paused' | 'quarantined';
  state: string;
  phase: string | null;
  tags: string[];
  revision: number;
  context: Json;
  output: Json;
  parties: Record<string, string>;
  keys: Record<string, string>;
  compensation: string;
  allowedEvents: string[];
  createdAt: string;
  updatedAt: string;
}

export interface HistoryRow {
  seq: number;
  kind: string;
  type: string;
  payload: Json;
  from_state: string | null;
  to_state: string;
  phase: string | null;
  actor: string;
  roles: string[];
  cause: string;
  correlation_id: string;
  at: string;
  hash: string;
}

export interface Reason {
  message?: string;
  missing?: string[];
  clearedBy?: string[];
  [detail: string]: unknown;
}

export interface GuardTree {
  op: 'leaf' | 'and' | 'or' | 'not' | 'stateIn' | 'none';
  name?: string;
  params?: unknown;
  ok: boolean | null;
  withheld?: true;
  reason?: Reason;
  error?: string;
  children?: GuardTree[];
}

export interface Explanation {
  event: string;
  state: string;
  phase: string | null;
  verdict: string;
  allowed: boolean | null;
  candidates: {
    source: string;
    target: string[];
    event: string;
    label?: string;
    guard: GuardTree;
    taken: boolean | null;
  }[];
  failing: { name: string; params?: unknown; reason?: Reason; withheld?: true }[];
  missing: string[];
  senders: string[];
  clearedBy: string[];
  handledEvents: string[];
}

export interface Timer {
  timer_id: string;
  generation: number;
  due_at: string;
  fired_at: string | null;
}

export interface Attempt {
  attempt: number;
  outcome: string;
  provider: string | null;
  providerId: string | null;
  responseCode: string | null;
  detail: string | null;
  durationMs: number;
  at: string;
}

/** Parties are told less of an effect than those who oversee the tenant. */
export interface Effect {
  id: number;
  instance_id: string;
  seq: number;
  kind: string;
  type: string;
  status: 'pending' | 'claimed' | 'done' | 'dead' | 'cancelled';
  next_attempt_at: string;
  created_at: string;
  finished_at: string | null;
  params?: Json;
  last_error?: { code?: string; message?: string; reason?: string } | null;
  result?: Json;
  attempts?: Attempt[];
}

export interface DeadLetter extends Omit<Effect, 'attempts'> {
  attempts: number;
}

export interface LifecycleSummary {
  name: string;
  version: number;
  title: string;
  fingerprint: string;
  initial: string;
  states: string[];
}

export interface Description {
  name: string;
  version: number;
  title: string;
  fingerprint: string;
  states: {
    id: string;
    key: string;
    parent: string | null;
    type: string;
    tags: string[];
    description?: string;
    timers: string[];
  }[];
  transitions: {
    id: string;
    source: string;
    targets: string[];
    event: string;
    kind: string;
    label: string;
    effects: string[];
  }[];
  events: { type: string; label: string; from: string[]; description?: string }[];
}

/** JSON Schema, as far as forms are made of it. */
export interface Schema {
  type?: string | string[];
  title?: string;
  description?: string;
  format?: string;
  pattern?: string;
  const?: Json;
  default?: Json;
  enum?: Json[];
  readOnly?: boolean;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
}

export interface Overview {
  instances: { lifecycle: string; state: string; status: string; count: number }[];
  effects: { waiting: number; dead: number; lagSeconds: number };
  timers: { armed: number; overdue: number };
  messages: { waiting: number; quarantined: number; failed: number };
}

export interface TaskRow {
  task_id: string;
  title: string;
  description: string | null;
  status: 'pending' | 'claimed' | 'completed' | 'canceled' | 'expired';
  priority: string;
  due_date: string;
  is_overdue: boolean;
  assigned_users: string[];
  assigned_roles: string[];
  execution_id: string | null;
  claimed_by: string | null;
  completed_by: string | null;
  completed_at: string | null;
  response_data: Fields | null;
}

export interface TaskPage {
  data: TaskRow[];
  total: number;
  hasMore: boolean;
}

export interface TaskView extends TaskRow {
  form: {
    json_schema: Schema;
    ui_schema: Fields;
    data: Fields;
    actions: { id: string; label: string }[];
    unresolved: string[];
  };
  allowed_events: string[];
}
