/* Written by `npm run docs:console` from docs/openapi.json; change the API, not this file. */

/** What each address answers to GET. */
export interface Gets {
  '/health': HealthAnswer;
  '/api/me': Me;
  '/api/instances': InstancePage;
  '/api/instances/{id}': InstanceAnswer;
  '/api/instances/{id}/history': HistoryStepPage;
  '/api/instances/{id}/explain': ExplainedEvent | ExplainedEvents;
  '/api/instances/{id}/timers': TimerList;
  '/api/instances/{id}/effects': EffectList;
  '/api/instances/{id}/plan': PlanAnswer;
  '/api/instances/{id}/as-of': PastInstance;
  '/api/instances/{id}/changes': ChangesAnswer;
  '/admin/dead-letters': OutboxPage;
  '/admin/dead-letters/stats': DeadLetterFigures;
  '/admin/webhooks': InboxEntryPage;
  '/admin/audit/verify/{id}': ProofAnswer;
  '/admin/audit/replay/{id}': ProofAnswer;
  '/admin/audit': AuditEntryPage;
  '/admin/audit/checkpoints/verify': CheckpointsProof;
  '/admin/stuck': StuckList;
  '/admin/overview': Overview;
  '/admin/workflows/{id}/migration': MoveAnswer;
  '/admin/force-requests': ForceRequestPage;
  '/admin/settings/force': ForceSettings;
  '/admin/settings/investment': InvestmentSettings;
  '/admin/settings/deals': DealSettings;
  '/admin/incidents': IncidentPage;
  '/api/tasks': TaskPage;
  '/api/tasks/{id}': TaskView;
  '/api/workflow-executions': RunPage;
  '/api/workflow-executions/{id}': RunView;
  '/api/workflow-executions/{id}/events': RunEventPage;
  '/api/lifecycles': LifecycleList;
  '/api/lifecycles/{name}': LifecycleAnswer;
  '/api/lifecycles/{name}/payloads': EventPayloadList;
  '/api/lifecycles/{name}/versions/{version}': LifecycleAnswer;
  '/api/lifecycles/{name}/coverage': Coverage;
  '/admin/settings/notifications': NotificationSettings;
  '/admin/settings/production': ProductionSettings;
  '/admin/settings/nda': NdaSettings;
  '/api/candidates/{candidate_id}': CandidateView;
  '/api/pursuits/{pursuit_id}': PursuitView;
  '/api/workstream/today': TodayPage;
  '/api/automation/patterns': PatternPage;
  '/api/automation/patterns/{id}': PatternAnswer;
  '/api/automation/patterns/{id}/matches': MatchPage;
  '/api/automation/account': AccountAnswer;
  '/api/automation/executions': ExecutionPage;
  '/api/automation/executions/{id}': ExecutionAnswer;
  '/api/automation/workflows': WorkflowPage;
  '/api/automation/workflows/{id}': WorkflowAnswer;
}

/** What each route that changes something takes and answers. */
export interface Sends {
  'POST /api/instances/{id}/events': { body: SendEvent; answer: Acknowledged };
  'POST /api/instances/{id}/simulate': { body: Simulate; answer: SimulationAnswer };
  'POST /admin/workflows/{id}/force-transition': { body: ForceTransition; answer: ForcedAnswer | ForcePreviewAnswer };
  'POST /admin/workflows/{id}/force-transition/preview': { body: ForceTransition; answer: ForcePreviewAnswer };
  'POST /admin/workflows/{id}/pause': { body: Reason; answer: Acknowledged };
  'POST /admin/workflows/{id}/resume': { body: Reason; answer: Acknowledged };
  'POST /admin/workflows/{id}/retry': { body: Reason; answer: RevivedAnswer };
  'POST /admin/workflows/{id}/compensate': { body: Reason; answer: CompensationStarted };
  'POST /admin/dead-letters/{id}/replay': { body: Reason; answer: DoneAnswer };
  'POST /admin/dead-letters/{id}/discard': { body: Reason; answer: DoneAnswer };
  'POST /admin/webhooks/{provider}/{id}/replay': { body: Reason; answer: DoneAnswer };
  'POST /admin/clock': { body: AdvanceClock; answer: ClockAnswer };
  'POST /admin/migrations/plan': { body: PlanMigration; answer: MigrationReport };
  'POST /admin/migrations/apply': { body: ApplyMigration; answer: MigrationReport };
  'POST /admin/workflows/{id}/migrate': { body: Reason; answer: Acknowledged };
  'POST /admin/workflows/{id}/migrate/undo': { body: Reason; answer: Acknowledged };
  'POST /admin/force-requests': { body: AskForce; answer: ForceAsked };
  'POST /admin/force-requests/settings': { body: AskSettings; answer: ForceRequestView };
  'POST /admin/force-requests/{id}/approve': { body: Reason; answer: ForceApproved };
  'POST /admin/force-requests/{id}/reject': { body: Reason; answer: ForceRequestView };
  'PUT /admin/settings/force': { body: unknown; answer: ForceSettings };
  'PUT /admin/settings/investment': { body: unknown; answer: InvestmentSettings };
  'PUT /admin/settings/deals': { body: unknown; answer: DealSettings };
  'POST /api/tasks/{id}/claim': { body: unknown; answer: Acknowledged };
  'POST /api/tasks/{id}/unclaim': { body: unknown; answer: Acknowledged };
  'POST /api/tasks/{id}/draft': { body: DraftAnswer; answer: Acknowledged };
  'POST /api/tasks/{id}/complete': { body: CompleteTask; answer: Acknowledged };
  'PUT /admin/settings/notifications': { body: unknown; answer: NotificationSettings };
  'PUT /admin/settings/production': { body: unknown; answer: ProductionSettings };
  'PUT /admin/settings/nda': { body: unknown; answer: NdaSettings };
  'POST /api/automation/executions/{id}/cancel': { body: unknown; answer: Acknowledged };
  'POST /api/automation/workflows/{id}/execute': { body: ExecuteWorkflow; answer: ExecutionStarted };
}

export interface HealthAnswer {
  status: 'healthy';
  timestamp: string;
  version: string;
  /** `sandbox` or `production`. */
  environment: string;
}

export interface Me {
  tenant: string;
  userId: string;
  roles: string[];
}

export interface InstanceAnswer {
  status: 'active' | 'done' | 'failed' | 'paused' | 'quarantined';
  /** What it remembers; without what is confidential for the parties. */
  context: unknown;
  output: unknown;
  /** Who takes part, by role. */
  parties: Record<string, string>;
  /** Business keys by name. */
  keys: Record<string, string>;
  /** How far the undoing of what it did has come. */
  compensation: 'done' | 'error' | 'none' | 'pending';
  /** Events that the state answers to and the caller may send; guards may still say no. */
  allowedEvents: string[];
  id: string;
  lifecycle: string;
  version: number;
  /** The top-level state. */
  state: string;
  /** The rest of the path below it, or null. */
  phase: string | null;
  tags: string[];
  /** Number of the last row of its history. */
  revision: number;
  createdAt: string;
  updatedAt: string;
}

export interface InstancePage {
  data: InstanceAnswer[];
  nextCursor: string | null;
}

export interface SendEvent {
  /** Event type, exactly as the lifecycle names it. */
  type: string;
  payload?: Record<string, unknown>;
}

export interface Acknowledged {
  status: 'active' | 'done' | 'failed' | 'paused' | 'quarantined';
  success: boolean;
  message: string;
  instanceId: string;
  seq: number;
  revision: number;
  state: string;
  phase: string | null;
  /** What the sender may send next; guards may still say no. */
  allowedEvents: string[];
}

export interface HistoryStep {
  kind:
    | 'compensated'
    | 'effect-result'
    | 'event'
    | 'force'
    | 'migrate'
    | 'pause'
    | 'resume'
    | 'start'
    | 'timer'
    | 'webhook';
  payload: unknown;
  /** What it was decided on; empty for the parties. */
  facts: unknown;
  instance_id: string;
  seq: number;
  /** Event, timer or answer of work. */
  type: string;
  from_state: string | null;
  to_state: string;
  phase: string | null;
  actor: string;
  roles: string[];
  /** What brought it about: `request`, `timer:<id>`, `effect:<key>`, `webhook:<provider>:<id>`, `admin`. */
  cause: string;
  correlation_id: string;
  idempotency_key: string | null;
  at: string;
  hash: string;
  prev_hash: string;
}

export interface HistoryStepPage {
  data: HistoryStep[];
  nextCursor: string | null;
}

export interface RefusalReason {
  data?: unknown;
  /** Open checklist items. */
  missing?: string[];
  /** Roles or parties who can clear it. */
  clearedBy?: string[];
  code: string;
  message?: string;
}

export interface GuardTruth {
  op: 'and' | 'leaf' | 'none' | 'not' | 'or' | 'stateIn';
  params?: unknown;
  /** Null where it is not told. */
  ok: boolean | null;
  children?: GuardTruth[];
  name?: string;
  /** Set where it hangs on what the caller may not see. */
  withheld?: boolean;
  reason?: RefusalReason;
  error?: string;
}

export interface CandidateTransition {
  /** Whether it is the one that would be taken; null where that is not told. */
  taken: boolean | null;
  /** State path that holds the transition. */
  source: string;
  target: string[];
  event: string;
  label?: string;
  guard: GuardTruth;
}

export interface FailingGuard {
  params?: unknown;
  name: string;
  reason?: RefusalReason;
  withheld?: boolean;
}

export interface ExplainedEvent {
  verdict:
    | 'ALLOWED'
    | 'EVENT_NOT_HANDLED_IN_STATE'
    | 'FORBIDDEN_IN_STATE'
    | 'GUARDS_REFUSED'
    | 'INSTANCE_DONE'
    | 'INSTANCE_PAUSED'
    | 'INSTANCE_QUARANTINED'
    | 'SENDER_REFUSED'
    | 'WITHHELD';
  /** Null where it is not told. */
  allowed: boolean | null;
  event: string;
  state: string;
  phase: string | null;
  candidates: CandidateTransition[];
  failing: FailingGuard[];
  missing: string[];
  /** Who may send this event. */
  senders: string[];
  clearedBy: string[];
  /** Event types that this state answers to at all. */
  handledEvents: string[];
}

export interface ExplainedEvents {
  data: ExplainedEvent[];
}

export interface SupposedError {
  code?: string;
  message?: string;
}

export interface SupposedItem {
  /** Event type. */
  type?: string;
  payload?: Record<string, unknown>;
  /** Id of the job that answers. */
  job?: string;
  /** Why it fails instead. */
  error?: SupposedError;
  /** Time that passes: `90s`, `48h`, `3d`. */
  advance?: string;
  /** What the job brings, any JSON. */
  output?: Record<string, unknown>;
}

export interface Simulate {
  /** Events (`{type, payload}`), answers of jobs (`{job, output}` or `{job, error}`) and time (`{advance: "3d"}`), in order. */
  events?: SupposedItem[];
  /** Time that passes after the last event. */
  advance?: string;
}

export interface SupposedEffect {
  /** Left out for the parties. */
  params?: unknown;
  kind: string;
  type: string;
}

export interface SupposedTimer {
  id: string;
  delayMs: number;
}

export interface SimulatedStepAnswer {
  /** What happened: an event type or a timer. */
  event: string;
  at: string;
  from: string;
  to: string;
  status: string;
  effects: SupposedEffect[];
  timersArmed: SupposedTimer[];
  timersCancelled: string[];
  jobsCancelled: string[];
}

export interface TimerAhead {
  id: string;
  dueAt: string;
}

export interface SimulationAnswer {
  steps: SimulatedStepAnswer[];
  /** Set when an event was refused; nothing after it was tried. */
  refused?: ExplainedEvent;
  state: string;
  phase: string | null;
  status: string;
  /** What the caller could send then. */
  allowedEvents: string[];
  timers: TimerAhead[];
}

export interface TimerAnswer {
  event: unknown;
  timer_id: string;
  generation: number;
  /** Business time. */
  due_at: string;
  fired_at: string | null;
  /** Since when it is given up: firing it failed as often as it may, and an operator has to decide. */
  dead_at: string | null;
}

export interface TimerList {
  data: TimerAnswer[];
}

export interface AttemptReceipt {
  attempt: number;
  outcome: string;
  provider: string | null;
  providerId: string | null;
  responseCode: string | null;
  /** Why it was not done. */
  detail: string | null;
  durationMs: number;
  at: string;
  requestHash: string;
}

export interface EffectAnswer {
  status: 'cancelled' | 'claimed' | 'dead' | 'done' | 'pending';
  params?: unknown;
  /** `{code, message}` or `{code, reason}`. */
  last_error?: unknown;
  result?: unknown;
  key?: string;
  attempts?: AttemptReceipt[];
  id: number;
  instance_id: string;
  seq: number;
  kind: string;
  type: string;
  next_attempt_at: string;
  created_at: string;
  finished_at: string | null;
}

export interface EffectList {
  data: EffectAnswer[];
}

export interface PlanNeed {
  params?: unknown;
  /** What it is now; `payload`: what is sent decides. */
  now: 'fails' | 'holds' | 'payload' | 'unknown' | 'withheld';
  condition: string;
  /** What it has to be: true for most. */
  mustBe: boolean;
  /** Fields of the payload that decide it. */
  fields: string[];
  reason?: RefusalReason;
  clearedBy: string[];
}

export interface PlannedStep {
  /** `event`: somebody sends it. `time`: a deadline passes. `work`: work in the world succeeds. `failure`: it fails. */
  by: 'event' | 'failure' | 'time' | 'work';
  event: string;
  label: string;
  senders: string[];
  users: string[];
  /** Whether whoever asks may send it. */
  byCaller: boolean;
  /** When the deadline passes, if it runs already. */
  dueAt: string | null;
  from: string;
  to: string;
  needs: PlanNeed[];
}

export interface PlanAnswer {
  /** `there`: it is there. `way`: there is one. `none`: there is none, whatever happens. `unknown`: the search was given up. */
  verdict: 'none' | 'there' | 'unknown' | 'way';
  instanceId: string;
  goal: string;
  from: string;
  revision: number;
  steps: PlannedStep[];
  undecided: string[];
  /** Situations that were looked at. */
  looked: number;
}

export interface PastInstance {
  status: 'active' | 'done' | 'failed' | 'paused' | 'quarantined';
  /** What it remembers; without what is confidential for the parties. */
  context: unknown;
  output: unknown;
  /** Who takes part, by role. */
  parties: Record<string, string>;
  /** Business keys by name. */
  keys: Record<string, string>;
  /** When the row that led there was written. */
  at: string;
  isLatest: boolean;
  id: string;
  lifecycle: string;
  version: number;
  /** The top-level state. */
  state: string;
  /** The rest of the path below it, or null. */
  phase: string | null;
  tags: string[];
  /** Number of the last row of its history. */
  revision: number;
  createdAt: string;
  updatedAt: string;
}

export interface PastPlace {
  revision: number;
  state: string;
  phase: string | null;
  status: string;
}

export interface PastStep {
  seq: number;
  kind: string;
  type: string;
  actor: string;
  at: string;
  from: string | null;
  to: string;
}

export interface ContextChange {
  before: unknown;
  after: unknown;
  path: string;
}

export interface ChangesAnswer {
  since: PastPlace;
  now: PastPlace;
  steps: PastStep[];
  context: ContextChange[];
}

export interface SkippedTransition {
  event: string;
  label: string;
  source: string;
  guard: GuardTruth;
  /** Who would have had to send it. */
  senders: string[];
}

export interface BrokenInvariant {
  name: string;
  says: string;
  reason: RefusalReason;
}

export interface ToldBy {
  to: string;
  template: string;
}

export interface OpenEffectAnswer {
  id: number;
  type: string;
  kind: string;
  job: string | null;
  /** Whether a worker has begun it: then it may have happened already. */
  begun: boolean;
}

export interface DependentInstance {
  id: string;
  lifecycle: string;
  state: string;
}

export interface ForceReportAnswer {
  from: string;
  to: string;
  status: string;
  /** Whether the definition has a transition of its own from here to there. */
  isForeseen: boolean;
  skipped: SkippedTransition[];
  invariantsBroken: BrokenInvariant[];
  invariantsMended: string[];
  /** What entering would have done in the world; filled when entry effects are left out. */
  leftOut: SupposedEffect[];
  told: ToldBy[];
  stillRunning: OpenEffectAnswer[];
  /** Effects that are called off although a worker has begun them: they may have happened. */
  calledOffMidway: OpenEffectAnswer[];
  /** What will be undone, because the state it leads to undoes what was done. */
  undone: string[];
  dependents: DependentInstance[];
  effects: SupposedEffect[];
  timersArmed: SupposedTimer[];
  timersCancelled: string[];
  jobsCancelled: string[];
}

export interface ForcedAnswer {
  status: 'active' | 'done' | 'failed' | 'paused' | 'quarantined';
  success: boolean;
  message: string;
  instanceId: string;
  seq: number;
  revision: number;
  state: string;
  phase: string | null;
  /** What the sender may send next; guards may still say no. */
  allowedEvents: string[];
  report: ForceReportAnswer;
}

export interface ForcePreviewAnswer {
  from: string;
  to: string;
  status: string;
  /** Whether the definition has a transition of its own from here to there. */
  isForeseen: boolean;
  skipped: SkippedTransition[];
  invariantsBroken: BrokenInvariant[];
  invariantsMended: string[];
  /** What entering would have done in the world; filled when entry effects are left out. */
  leftOut: SupposedEffect[];
  told: ToldBy[];
  stillRunning: OpenEffectAnswer[];
  /** Effects that are called off although a worker has begun them: they may have happened. */
  calledOffMidway: OpenEffectAnswer[];
  /** What will be undone, because the state it leads to undoes what was done. */
  undone: string[];
  dependents: DependentInstance[];
  effects: SupposedEffect[];
  timersArmed: SupposedTimer[];
  timersCancelled: string[];
  jobsCancelled: string[];
  dryRun: boolean;
  revision: number;
}

export interface ForceTransition {
  /** The state the instance is believed to be in: `ESCROW` or `ESCROW.awaitingPayment`. */
  fromState: string;
  toState: string;
  /** Why; at least 20 characters. */
  reason: string;
  /** False leaves out what entering the state does in the world; timers are armed either way. */
  runEntryEffects?: boolean;
  expectedRevision?: number;
}

export interface Reason {
  /** Why; at least 20 characters. */
  reason: string;
}

export interface RevivedAnswer {
  revived: number;
  success: boolean;
}

export interface CompensationStarted {
  revived: number;
  success: boolean;
  compensation: string;
}

export interface OutboxEntry {
  params: unknown;
  last_error: unknown;
  result: unknown;
  id: number;
  instance_id: string;
  seq: number;
  kind: string;
  type: string;
  key: string;
  status: string;
  attempts: number;
  next_attempt_at: string;
  created_at: string;
  finished_at: string | null;
}

export interface OutboxPage {
  data: OutboxEntry[];
  nextCursor: string | null;
}

export interface DeadGroup {
  type: string;
  code: string;
  /** Of their instances now. */
  state: string;
  count: number;
}

export interface DeadLetterFigures {
  total: number;
  oldest: string | null;
  newest: string | null;
  groups: DeadGroup[];
}

export interface DoneAnswer {
  success: boolean;
}

export interface InboxEntry {
  headers: Record<string, string>;
  provider: string;
  provider_event_id: string;
  type: string;
  status: string;
  reason: string | null;
  instance_id: string | null;
  bytes: number;
  attempts: number;
  received_at: string;
  next_attempt_at: string;
  finished_at: string | null;
}

export interface InboxEntryPage {
  data: InboxEntry[];
  nextCursor: string | null;
  /** Messages that name no instance there is; no tenant sees them. */
  unaddressed: number;
}

export interface ProofAnswer {
  instanceId: string;
  ok: boolean;
  rows: number;
  /** The first row that is not what it was. */
  badSeq?: number;
  reason?: string;
}

export interface AuditEntry {
  details: unknown;
  id: number;
  at: string;
  actor: string;
  action: string;
  target: string;
  reason: string;
}

export interface AuditEntryPage {
  data: AuditEntry[];
  nextCursor: string | null;
}

export interface CheckpointsProof {
  ok: boolean;
  checkpoints: number;
  badNumber?: number;
  reason?: string;
}

export interface StuckRow {
  what: 'effect' | 'timer';
  last_error: unknown;
  instance_id: string;
  name: string;
  due_at: string;
  attempts: number;
}

export interface StuckList {
  data: StuckRow[];
}

export interface AdvanceClock {
  /** How far business time moves forward: `90s`, `48h`, `7d`. */
  advance: string;
}

export interface ClockAnswer {
  success: boolean;
  /** Business time from now on. */
  now: string;
}

export interface StateFigure {
  lifecycle: string;
  state: string;
  status: string;
  count: number;
}

export interface EffectFigures {
  waiting: number;
  /** Given up; somebody has to decide about them. */
  dead: number;
  /** How long the one that waits longest has been due, seconds; 0 when none is. */
  lagSeconds: number;
}

export interface TimerFigures {
  armed: number;
  /** Late by more than a minute. */
  overdue: number;
  /** Given up; somebody has to decide about them. */
  dead: number;
}

export interface MessageFigures {
  waiting: number;
  quarantined: number;
  failed: number;
}

export interface Overview {
  instances: StateFigure[];
  effects: EffectFigures;
  timers: TimerFigures;
  messages: MessageFigures;
}

export interface PlanMigration {
  lifecycle: string;
  /** How many of them at most. */
  limit: number;
  /** Behind which one: the `nextCursor` of the answer before. */
  cursor?: string;
}

export interface MigrationGroup {
  verdict: 'auto' | 'blocked' | 'needs-mapping';
  version: number;
  state: string;
  /** Why they cannot be moved; null where they can. */
  reason: string | null;
  /** Where they would be, or are now. */
  becomes: string | null;
  count: number;
  /** Some of them. */
  examples: string[];
}

export interface MigrationReport {
  lifecycle: string;
  /** The newest version. */
  to: number;
  /** Looked at. */
  examined: number;
  moved: number;
  groups: MigrationGroup[];
  /** Instances on other versions, the moved ones left out. */
  remaining: number;
  nextCursor: string | null;
}

export interface ApplyMigration {
  /** Why; at least 20 characters. */
  reason: string;
  lifecycle: string;
  /** How many at most; begin with a few. */
  limit: number;
  cursor?: string;
}

export interface MovedPlace {
  state: string;
  invariantsBroken: BrokenInvariant[];
  effects: SupposedEffect[];
  timersArmed: SupposedTimer[];
  timersCancelled: string[];
  jobsCancelled: string[];
}

export interface MoveAnswer {
  verdict: 'auto' | 'blocked' | 'needs-mapping';
  instanceId: string;
  version: number;
  /** The newest version. */
  to: number;
  from: string;
  /** Why it cannot be moved. */
  reason?: string;
  becomes?: MovedPlace;
}

export interface AskForce {
  /** True does again what entering the earlier state does in the world; left out, only its timers are armed. */
  runEntryEffects?: boolean;
  expectedRevision?: number;
  /** Why; at least 20 characters. */
  reason: string;
  instanceId: string;
  fromState?: string;
  toState?: string;
}

export interface RequestedForce {
  fromState: string;
  toState: string;
  reason: string;
  runEntryEffects: boolean;
}

export interface RequestedSettings {
  changes: Record<string, unknown>;
  /** What was set when it was asked for. */
  before: Record<string, unknown>;
  reason: string;
}

export interface ForceAsked {
  kind: 'force' | 'settings';
  request: RequestedForce | RequestedSettings;
  status: 'approved' | 'open' | 'rejected';
  report: ForcePreviewAnswer;
  id: string;
  /** Null for settings. */
  instance_id: string | null;
  /** Of the instance when it was asked for; it is forced only as long as it is still there. */
  revision: number | null;
  /** Takes the last force back. */
  undoes: boolean;
  asked_by: string;
  roles: string[];
  asked_at: string;
  expires_at: string;
  decided_by: string | null;
  decided_at: string | null;
  note: string | null;
  /** The row of the history that came of it. */
  seq: number | null;
}

export interface AskSettings {
  /** Why; at least 20 characters. */
  reason: string;
  secondApproverFor?: string[];
  secondApproverForBulk?: string[];
}

export interface ForceRequestView {
  kind: 'force' | 'settings';
  request: RequestedForce | RequestedSettings;
  status: 'approved' | 'open' | 'rejected';
  id: string;
  /** Null for settings. */
  instance_id: string | null;
  /** Of the instance when it was asked for; it is forced only as long as it is still there. */
  revision: number | null;
  /** Takes the last force back. */
  undoes: boolean;
  asked_by: string;
  roles: string[];
  asked_at: string;
  expires_at: string;
  decided_by: string | null;
  decided_at: string | null;
  note: string | null;
  /** The row of the history that came of it. */
  seq: number | null;
}

export interface ForceRequestPage {
  data: ForceRequestView[];
  nextCursor: string | null;
}

export interface ForceApproved {
  kind: 'force' | 'settings';
  request: RequestedForce | RequestedSettings;
  status: 'approved' | 'open' | 'rejected';
  id: string;
  /** Null for settings. */
  instance_id: string | null;
  /** Of the instance when it was asked for; it is forced only as long as it is still there. */
  revision: number | null;
  /** Takes the last force back. */
  undoes: boolean;
  asked_by: string;
  roles: string[];
  asked_at: string;
  expires_at: string;
  decided_by: string | null;
  decided_at: string | null;
  note: string | null;
  /** The row of the history that came of it. */
  seq: number | null;
  /** Of a force. */
  ack?: ForcedAnswer;
}

export interface ForceSettings {
  /** Lifecycles whose instances are forced only when a second administrator agrees; `*` for all. */
  secondApproverFor: string[];
  /** Lifecycles for which whatever is done in bulk needs a second administrator; `*` for all. */
  secondApproverForBulk: string[];
}

export interface InvestmentSettings {
  /** The creator's decision. */
  creatorDecisionMs: number;
  /** The investor's answer to a counter-offer. */
  investorCounterMs: number;
  /** Both signatures under the term sheet. */
  termSheetMs: number;
  /** Between two reminders of open due diligence. */
  diligenceReminderMs: number;
  /** The investor's final confirmation. */
  commitmentMs: number;
  /** The payment. */
  escrowMs: number;
  /** Both signatures under the closing documents. */
  closingMs: number;
  /** From the authorisation of a card to the day before it lapses (R000-81). */
  holdExpiringMs: number;
  /** From both signatures to the transfer of money that came from a bank account. */
  bankRiskMs: number;
  /** Counter-offers of both sides together (R000-33). */
  maxCounterOffers: number;
  /** The most that an investment may come to, US dollars (R000-37, R000-38). */
  maxAmount: number;
  /** Deals that an investor may begin in an hour (R000-38); 0 for no limit. */
  maxDealsPerHour: number;
  /** When a hold is captured: at FUNDED, or already in CLOSING once it is about to lapse (R000-81). */
  captureOn: 'closing' | 'funded';
}

export interface DealSettings {
  /** Deals that one user may start in any minute. */
  creationsPerMinute: number;
  /** Events with which one user may move deals in any minute. */
  transitionsPerMinute: number;
}

export interface IncidentView {
  id: string;
  instance_id: string;
  kind: 'dispute';
  /** The dispute at the payment provider. */
  provider_id: string;
  /** Cents. */
  amount_minor: number;
  status: 'closed' | 'open';
  opened_at: string;
  closed_at: string | null;
  /** The provider's words: the payment, its reason and where it stands. */
  details: Record<string, unknown>;
}

export interface IncidentPage {
  data: IncidentView[];
  /** Null on the last page. */
  nextCursor: string | null;
}

export interface FormActionDto {
  primary?: boolean;
  variant?: string;
  order?: number;
  /** A condition as in `ui:displayIf`: under it the button does nothing, or is not there. */
  disabled?: Record<string, unknown>;
  hidden?: Record<string, unknown>;
  id: string;
  label: string;
}

export interface TaskRow {
  task_definition_type: 'system' | 'tenant';
  status: 'canceled' | 'claimed' | 'completed' | 'expired' | 'pending';
  priority: 'high' | 'low' | 'medium' | 'urgent';
  response_data: Record<string, unknown> | null;
  task_id: string;
  task_type: string;
  title: string;
  description: string | null;
  due_date: string;
  is_overdue: boolean;
  assigned_users: string[];
  assigned_roles: string[];
  execution_id: string | null;
  created_by: string;
  created_at: string;
  claimed_at: string | null;
  claimed_by: string | null;
  completed_at: string | null;
  completed_by: string | null;
}

export interface TaskPage {
  data: TaskRow[];
  page: number;
  limit: number;
  total: number;
  hasMore: boolean;
}

export interface RenderedForm {
  form_type: 'system' | 'tenant';
  json_schema: Record<string, unknown>;
  ui_schema: Record<string, unknown>;
  actions: FormActionDto[];
  data: Record<string, unknown>;
  name: string;
  version: string;
  /** What its templates ask for and the task does not say. */
  unresolved: string[];
}

export interface TaskView {
  task_definition_type: 'system' | 'tenant';
  status: 'canceled' | 'claimed' | 'completed' | 'expired' | 'pending';
  priority: 'high' | 'low' | 'medium' | 'urgent';
  response_data: Record<string, unknown> | null;
  context_data: Record<string, unknown>;
  form: RenderedForm;
  /** What the caller may do with it now. */
  allowed_events: string[];
  task_id: string;
  task_type: string;
  title: string;
  description: string | null;
  due_date: string;
  is_overdue: boolean;
  assigned_users: string[];
  assigned_roles: string[];
  execution_id: string | null;
  created_by: string;
  created_at: string;
  claimed_at: string | null;
  claimed_by: string | null;
  completed_at: string | null;
  completed_by: string | null;
}

export interface DraftAnswer {
  formData: Record<string, unknown>;
}

export interface CompleteTask {
  formData: Record<string, unknown>;
  comments?: string;
}

export type Object = Record<string, unknown>;

export interface Pagination {
  page: number;
  limit: number;
  /** How many there are altogether. */
  total: number;
}

export interface RunSummary {
  workflowType: 'system' | 'tenant';
  status: 'active' | 'cancelled' | 'completed' | 'failed' | 'terminated';
  executionId: string;
  workflowName: string;
  workflowVersion: string;
  /** The compiled function, `module@version`. */
  versionId: string;
  /** As the function calls it. */
  currentState: string;
  isComplete: boolean;
  correlationId: string;
  startedBy: string | null;
  createdAt: string;
  updatedAt: string;
}

export interface RunPage {
  data: RunSummary[];
  nextCursor: string | null;
}

export interface RunView {
  workflowType: 'system' | 'tenant';
  status: 'active' | 'cancelled' | 'completed' | 'failed' | 'terminated';
  data: Record<string, unknown>;
  error: Record<string, unknown> | null;
  /** What its lifecycle is in: `waitingEvent`, `completed`, … */
  state: string;
  executionId: string;
  workflowName: string;
  workflowVersion: string;
  /** The compiled function, `module@version`. */
  versionId: string;
  /** As the function calls it. */
  currentState: string;
  isComplete: boolean;
  correlationId: string;
  startedBy: string | null;
  createdAt: string;
  updatedAt: string;
}

export interface RunEvent {
  payload: Record<string, unknown> | null;
  event_id: string;
  sequence: number;
  event_name: string;
  event_type: string;
  from_state: string | null;
  to_state: string;
  user_id: string | null;
  created_at: string;
}

export interface RunEventPage {
  data: RunEvent[];
  nextCursor: string | null;
}

export interface LifecycleSummary {
  name: string;
  version: number;
  title: string;
  fingerprint: string;
  initial: string;
  /** Names of the top-level states. */
  states: string[];
}

export interface LifecycleList {
  nextCursor: null;
  data: LifecycleSummary[];
}

export interface InvokedWork {
  id: string;
  effect: string;
}

export interface LifecycleState {
  type: 'atomic' | 'compound' | 'final' | 'history' | 'parallel';
  meta: Record<string, unknown>;
  /** Path below the root. */
  id: string;
  key: string;
  parent: string | null;
  initial: string | null;
  tags: string[];
  description?: string;
  entry: string[];
  exit: string[];
  invokes: InvokedWork[];
  /** Names of the deadlines armed here. */
  timers: string[];
}

export interface LifecycleGuard {
  op: 'and' | 'leaf' | 'not' | 'or' | 'stateIn';
  params?: unknown;
  children?: LifecycleGuard[];
  name?: string;
}

export interface LifecycleTransition {
  kind: 'always' | 'done' | 'error' | 'event' | 'timer';
  meta: Record<string, unknown>;
  /** `<source>|<event>|<index>`: stable within a version. */
  id: string;
  source: string;
  targets: string[];
  event: string;
  /** For people. */
  label: string;
  guard: LifecycleGuard | null;
  effects: string[];
  description?: string;
}

export interface LifecycleEvent {
  type: string;
  label: string;
  /** Who may send it. */
  from: string[];
  description?: string;
}

export interface LifecycleAnswer {
  name: string;
  version: number;
  title: string;
  fingerprint: string;
  initial: string;
  states: LifecycleState[];
  transitions: LifecycleTransition[];
  events: LifecycleEvent[];
}

export interface EventPayload {
  /** JSON Schema. */
  schema: unknown;
  type: string;
}

export interface EventPayloadList {
  data: EventPayload[];
}

export interface LivedTransition {
  id: string;
  label: string;
  event: string;
  source: string;
  targets: string[];
  taken: number;
  /** How many paths of the generated tests take it; null when it is not known. */
  tested: number | null;
  /** When it was taken last; null when never. */
  lastAt: string | null;
}

export interface TestedAndLived {
  both: number;
  /** Tested, and not taken by any of these instances. */
  tested: number;
  /** Taken, and by no test. */
  lived: number;
  neither: number;
}

export interface UnexplainedSteps {
  kind: string;
  type: string;
  from: string | null;
  to: string;
  count: number;
}

export interface Coverage {
  lifecycle: string;
  version: number;
  fingerprint: string;
  /** The newest ones, whose whole histories were read. */
  instances: number;
  steps: number;
  transitions: LivedTransition[];
  /** How many of the transitions were never taken. */
  neverTaken: number;
  /** Null when it is not known what was tested of this version. */
  tested: TestedAndLived | null;
  unexplained: UnexplainedSteps[];
}

export interface NotificationSettings {
  /** Who reads mail to the legal team; its messages are in the app in any case. */
  legalTeamEmails: string[];
  /** Who reads mail to the sales team; its messages are in the app in any case. */
  salesTeamEmails: string[];
}

export interface ProductionSettings {
  /** The creator's answer to an interest. */
  creatorInterestMs: number;
  /** The creator's coming back to a company he has put off. */
  creatorWaitlistMs: number;
  /** What came of a meeting. */
  meetingMs: number;
  /** The company's proposal. */
  proposalMs: number;
  /** The creator's answer to a proposal. */
  proposalResponseMs: number;
  /** The company's answer to a counter-proposal. */
  counterMs: number;
  /** Exclusive negotiation, from its beginning (R000-56). */
  exclusivityMs: number;
  /** Approvals and signatures under the contract. */
  contractMs: number;
  /** After this long people are told that a production is not done yet, and then again. */
  productionMs: number;
  /** Who approves a contract before it is sent for signature (R000-60). */
  contractApprovals: ('company' | 'creator' | 'legal')[];
  /** Projects a company may have before it is not accepted for another one (R000-50). */
  maxActiveProjects: number;
  /** Deals that a company may begin in an hour (R000-63); 0 for no limit. */
  maxDealsPerHour: number;
  /** The least budget of an offer, by what the company is interested in (R000-63). */
  leastForOption: number;
  leastForPurchase: number;
  leastForDistribution: number;
  leastForCoProduction: number;
  /** Above this a company has to be verified, also at the time it offers (R000-63). */
  verifiedAbove: number;
  /** Whether offers have to name territory and duration of the rights, and those for an option its period (R000-63). */
  rightsDetails: boolean;
  /** Live deals of one pitch (R000-51). */
  maxLiveInterests: number;
}

export interface NdaSettings {
  /** The creator's review. */
  creatorReviewMs: number;
  /** The review by legal. */
  legalReviewMs: number;
  /** The signature, from the moment it is asked for. */
  signatureMs: number;
  /** The signature, from the moment the document has been opened. */
  viewedMs: number;
  /** Between two tries to give access. */
  accessRetryMs: number;
  /** How many days before its end an NDA says so, each once; those that lie before its beginning are left out (R000-76). */
  expiryReminderDays: number[];
  /** Whether the requester is offered a new NDA when one ends (R000-76). */
  offersRenewal: boolean;
  /** NDAs that one requester may ask for in 24 hours (R000-78). */
  maxRequestsPerDay: number;
}

export interface CandidateView {
  candidate_id: number;
  org_id: number;
  workflow_instance_id: string;
  client_id: string | null;
  contact_id: string | null;
  contact_email: string | null;
  problem_id: number | null;
  solution_id: number | null;
  title: string;
  one_liner_scope: string | null;
  confidence: number | null;
  value_band: string | null;
  next_step: string | null;
  status: string;
  owner_user_id: string | null;
  last_touch_at: string | null;
  promoted_at: string | null;
  created_at: string;
  updated_at: string;
}

export interface PursuitView {
  pursuit_id: number;
  org_id: number;
  workflow_instance_id: string;
  candidate_id: number;
  due_date: string | null;
  capture_lead_id: string | null;
  proposal_mgr_id: string | null;
  pursuit_stage: string;
  compliance_score: number | null;
  forecast_value_usd: number | null;
  /** Sums of the cost-of-sale entries; null without any. */
  cos_hours: number | null;
  cos_amount: number | null;
  /** Why it was lost. */
  reason_code: string | null;
  last_touch_at: string;
  submitted_at: string | null;
  closed_at: string | null;
  created_at: string;
  updated_at: string;
}

export interface TodayItem {
  item_type: 'candidate' | 'pursuit';
  item_id: number;
  label: string;
  status: string;
  last_touch_at: string | null;
  /** `YYYY-MM-DD`. */
  due_date: string | null;
  /** The promise that is broken, or null. */
  sla_metric: string | null;
  badge: 'amber' | 'green' | 'red';
  priority_score: number;
  priority_tier: 'critical' | 'high' | 'low' | 'medium';
  owner_user_id: string | null;
}

export interface TodayPage {
  data: TodayItem[];
  pagination: Pagination;
}

export interface PageMetadata {
  page: number;
  limit: number;
  total: number;
  hasMore: boolean;
}

export interface PatternView {
  /** One of the five types: { "type": "event", "eventType", "conditions"? }, { "type": "sql", "query", "interval" }, { "type": "sequence", "events": [{ "eventType", "conditions"?, "within"? }], "ordered"?, "correlateBy"? }, { "type": "threshold", "eventType", "metric", "operator", "value", "window", "groupBy"?, "cooldown"? }, { "type": "anomaly", "eventType", "metric", "sensitivity", "window", "direction"?, "groupBy"?, "cooldown"? } */
  pattern: Record<string, unknown>;
  id: string;
  name: string;
  description: string | null;
  enabled: boolean;
  workflowId: string;
  /** Grows when the pattern or its workflow is another. */
  version: number;
  triggeredCount: number;
  lastTriggered: string | null;
  /** When it is looked at without an event; null when events are all it waits for. */
  nextAt: string | null;
  /** Why it could not be looked at when it was last due. */
  lastError: string | null;
  /** Who wrote it last. */
  ownerId: string;
  createdAt: string;
  updatedAt: string;
}

export interface PatternAnswer {
  success: boolean;
  data: PatternView;
}

export interface PatternPage {
  data: PatternView[];
  success: boolean;
  metadata: PageMetadata;
}

export interface MatchView {
  outcome: 'quota_exceeded' | 'started' | 'workflow_unavailable';
  /** The events that were matched, as they were; of a query its rows. */
  events: Record<string, unknown>[];
  /** What was measured. */
  detail: Record<string, unknown>;
  id: number;
  /** Of the pattern, as it was then. */
  version: number;
  workflowId: string;
  /** Null when nothing was started: the workflow was not there or switched off, or the account had used up its executions. */
  executionId: string | null;
  matchedAt: string;
}

export interface MatchPage {
  data: MatchView[];
  success: boolean;
  metadata: PageMetadata;
}

export interface AccountView {
  /** The tenant. */
  id: string;
  /** `free`, `starter`, `pro` or `enterprise`; null where the operator has set no limits. */
  plan: string | null;
  email: string | null;
  maxWorkflows: number | null;
  maxExecutionsPerMonth: number | null;
  maxEventsPerMonth: number | null;
  currentWorkflows: number;
  currentExecutions: number;
  currentEvents: number | null;
  /** `2026-03`, UTC. */
  month: string;
  /** When executions and events begin anew. */
  resetsAt: string;
  /** When an event last came in or an execution started. */
  lastActivity: string | null;
}

export interface AccountAnswer {
  success: boolean;
  data: AccountView;
}

export interface ExecutionErrorView {
  step: string | null;
  code: string;
  message: string;
  timestamp: string;
}

export interface ExecutionSummary {
  triggeredBy: Record<string, unknown>;
  status: 'cancelled' | 'completed' | 'failed' | 'pending' | 'running';
  completedSteps: string[];
  error: ExecutionErrorView | null;
  id: string;
  workflowId: string;
  version: number;
  currentStep: string | null;
  startedAt: string;
  completedAt: string | null;
  /** Milliseconds; null until it is over. */
  duration: number | null;
}

export interface ExecutionPage {
  data: ExecutionSummary[];
  success: boolean;
  metadata: PageMetadata;
}

export interface ExecutionView {
  triggeredBy: Record<string, unknown>;
  status: 'cancelled' | 'completed' | 'failed' | 'pending' | 'running';
  completedSteps: string[];
  error: ExecutionErrorView | null;
  input: Record<string, unknown>;
  /** What came of each step, once all are done. */
  output: Record<string, unknown> | null;
  /** What came of each step so far. */
  context: Record<string, unknown>;
  id: string;
  workflowId: string;
  version: number;
  currentStep: string | null;
  startedAt: string;
  completedAt: string | null;
  /** Milliseconds; null until it is over. */
  duration: number | null;
}

export interface ExecutionAnswer {
  success: boolean;
  data: ExecutionView;
}

export interface WorkflowTriggerBody {
  /** IANA name; UTC when left out. */
  timezone?: string;
  type: 'schedule';
  /** Minute, hour, day of the month, month, day of the week: `0 9 * * 1-5`. */
  cron: string;
}

export interface WorkflowView {
  steps: Record<string, unknown>[];
  config: Record<string, unknown>;
  triggers: WorkflowTriggerBody[];
  tags: string[];
  /** What is odd about it, and no reason to refuse it; of an answer to a write only. */
  warnings?: string[];
  id: string;
  name: string;
  description: string | null;
  enabled: boolean;
  version: number;
  startStep: string;
  executionCount: number;
  lastExecuted: string | null;
  createdAt: string;
  updatedAt: string;
}

export interface WorkflowAnswer {
  success: boolean;
  data: WorkflowView;
}

export interface WorkflowPage {
  data: WorkflowView[];
  success: boolean;
  metadata: PageMetadata;
}

export interface ExecuteWorkflow {
  input?: Record<string, unknown>;
}

export interface Started {
  executionId: string;
  /** The same: an execution is an instance, and has its history, timers and effects at `/api/instances/:id`. */
  instanceId: string;
}

export interface ExecutionStarted {
  success: boolean;
  data: Started;
}

export interface FieldProblem {
  field: string;
  message: string;
}

export interface Problem {
  /** The code as a URI */
  type: string;
  /** The same for every occurrence */
  title: string;
  /** The HTTP status once more */
  status: number;
  /** What happened this time */
  detail: string;
  /** What to program against */
  code:
    | 'CONFLICT'
    | 'FORM_INVALID'
    | 'GATE_BLOCKED'
    | 'HEADERS_TOO_LARGE'
    | 'IDEMPOTENCY_KEY_INVALID'
    | 'IDEMPOTENCY_KEY_REUSED'
    | 'INSTANCE_PAUSED'
    | 'INSTANCE_QUARANTINED'
    | 'INTERNAL'
    | 'INVALID_CURSOR'
    | 'INVALID_METADATA_TYPE'
    | 'INVALID_PARAMETER'
    | 'INVALID_PAYLOAD'
    | 'INVALID_SIGNATURE'
    | 'INVALID_STATE'
    | 'INVALID_TRANSITION'
    | 'INVARIANT_BROKEN'
    | 'IN_USE'
    | 'KEY_TAKEN'
    | 'MALFORMED_BODY'
    | 'MALFORMED_REQUEST'
    | 'MAX_RETRIES_EXCEEDED'
    | 'METHOD_NOT_ALLOWED'
    | 'MISSING_PAYLOAD_FIELD'
    | 'NOT_CONFIGURED'
    | 'NOT_FOUND'
    | 'NOT_READY'
    | 'OUT_OF_RANGE'
    | 'OVERLOADED'
    | 'PATTERN_ERROR'
    | 'PAYLOAD_TOO_LARGE'
    | 'PROCESSING_ERROR'
    | 'QUERY_ERROR'
    | 'QUOTA_EXCEEDED'
    | 'RATE_LIMITED'
    | 'REQUEST_TIMEOUT'
    | 'REVISION_MISMATCH'
    | 'ROUTE_NOT_FOUND'
    | 'SANDBOX_ONLY'
    | 'SECOND_APPROVER_NEEDED'
    | 'STATE_READ_ONLY'
    | 'TOO_MANY_FILTERS'
    | 'UNAUTHENTICATED'
    | 'UNSUPPORTED_MEDIA_TYPE'
    | 'URI_TOO_LONG'
    | 'WEBHOOK_ERROR'
    | 'WEBHOOK_SIGNATURE'
    | 'WF001'
    | 'WF002'
    | 'WF003'
    | 'WF004'
    | 'WF005'
    | 'WF006'
    | 'WF007'
    | 'WF008'
    | 'WF009'
    | 'WF010'
    | 'WORKFLOW_ERROR';
  /** The path that was asked for */
  instance: string;
  /** Names this request in logs, history and calls to providers */
  correlationId: string;
  /** Which fields are wrong and why */
  errors?: FieldProblem[];
  /** Why a transition is not possible */
  explanation?: Record<string, unknown>;
}
