/** What the engine knows of a way to author lifecycles: a pure step from a stored snapshot and an event to effects. */
import type { Refusal } from '../authoring.js';
import type { Broken } from './invariants.js';
import type { Veil } from './veil.js';

/** A JSON value as it is stored; nothing else may be in a snapshot, an input or a payload. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** An event as the driver takes it: payload fields beside `type`, plus what the engine stamps on it. */
export interface MachineEvent {
  type: string;
  [field: string]: unknown;
}

/** Something the machine wants done, in the order it wants it. The engine writes it down; workers do it. */
export type Effect =
  | { kind: 'job'; id: string; type: string; input: Json; compensate?: string; ordered?: boolean }
  | { kind: 'cancelJob'; id: string }
  | { kind: 'timer'; id: string; delayMs: number; event: { type: string } }
  | { kind: 'cancelTimer'; id: string }
  | { kind: 'command'; type: string; params: Json; compensate?: string; ordered?: boolean }
  | { kind: 'emit'; event: { type: string; [field: string]: Json } };

export interface Step {
  /** The persisted snapshot, ready for JSON.stringify; byte-identical for the same history. */
  snapshot: Json;
  status: 'active' | 'done';
  /** Top-level state, the product's word: `PACKED`. Regions of a parallel root are joined with a comma. */
  state: string;
  /** The rest of the path below it: `held`, or null. */
  phase: string | null;
  tags: string[];
  output: Json | undefined;
  effects: Effect[];
  /** False when nothing in the machine answered to the event. */
  handled: boolean;
}

export type Verdict =
  | 'ALLOWED'
  | 'GUARDS_REFUSED'
  | 'FORBIDDEN_IN_STATE'
  | 'EVENT_NOT_HANDLED_IN_STATE'
  | 'SENDER_REFUSED'
  /** It hangs on what whoever asks may not see. */
  | 'WITHHELD'
  | 'INSTANCE_DONE'
  | 'INSTANCE_PAUSED'
  | 'INSTANCE_QUARANTINED';

/** One node of a guard tree with its truth; leaves carry the reason of a refusal. */
export interface GuardTree {
  op: 'leaf' | 'and' | 'or' | 'not' | 'stateIn' | 'none';
  name?: string;
  params?: unknown;
  /** Null where it hangs on what whoever asks may not see. */
  ok: boolean | null;
  /** Set on a leaf that reads such a thing: it says neither whether it holds nor why. */
  withheld?: true;
  reason?: Refusal;
  error?: string;
  children?: GuardTree[];
}

export interface Candidate {
  /** State path that holds the transition, e.g. `NEGOTIATION.awaitingCreator`. */
  source: string;
  target: string[];
  event: string;
  label?: string;
  guard: GuardTree;
  /** True for the transition the machine would take; null where that hangs on what whoever asks may not see. */
  taken: boolean | null;
}

/** Why an event would be, or was, taken or refused. Answered with every 409 and by `/explain`. */
export interface Explanation {
  event: string;
  state: string;
  phase: string | null;
  verdict: Verdict;
  /** Null where the verdict is withheld. */
  allowed: boolean | null;
  candidates: Candidate[];
  /** The guard leaves that said no, and those that may have done so. */
  failing: { name: string; params?: unknown; reason?: Refusal; withheld?: true }[];
  /** Open checklist items, gathered from the refusals. */
  missing: string[];
  /** Who may send this event, and who can clear what is missing. */
  senders: string[];
  clearedBy: string[];
  /** Event types that this state handles at all. */
  handledEvents: string[];
}

/** How a step is looked at. What is past has happened: its invariants are not asked. */
export interface How {
  isPast: boolean;
}

export interface Driver {
  start(input: Json, how?: How): Promise<Step>;
  /** @throws EngineFault when a guard, an assignment or a delay throws, or the snapshot cannot be restored. */
  step(snapshot: Json, event: MachineEvent, how?: How): Promise<Step>;
  /** @param veil what whoever asks must not learn of; nothing when left out */
  explain(snapshot: Json, event: MachineEvent, veil?: Veil): Explanation;
  /** Whether a condition on the way of this step reads what is behind the veil. @throws EngineFault as the step would */
  looksBehind(snapshot: Json, event: MachineEvent, veil: Veil): boolean;
  /** Names of the facts that guards deciding on this event would read. */
  factsNeeded(snapshot: Json, eventType: string): string[];
  /** External event types that some transition of the current state answers to. */
  handledEvents(snapshot: Json): string[];
  /**
   * Moves to a state by the machine's own exit and entry actions, whatever the guards say; works from a final state too.
   * @param suppressEffects leaves out jobs and commands, but keeps timers.
   */
  force(snapshot: Json, target: string, event: MachineEvent, options: { suppressEffects: boolean }): Promise<Step>;
  /** What is not as the lifecycle says it always is (its `invariants`). */
  broken(at: Pick<Step, 'snapshot' | 'state' | 'phase' | 'status' | 'tags'>): Broken[];
  describe(): Description;
}

/** A fault of the definition or the stored data, never of the caller. `code` is stable. */
export class EngineFault extends Error {
  constructor(
    readonly code:
      | 'BAD_DELAY'
      | 'NOT_JSON'
      | 'NOT_DURABLE'
      | 'UNSUPPORTED'
      | 'MACHINE_ERROR'
      | 'INCOMPATIBLE_SNAPSHOT'
      | 'UNHANDLED_ACTOR_ERROR'
      | 'UNKNOWN_STATE'
      | 'INVARIANT_BROKEN',
    message: string,
    readonly details?: Json,
  ) {
    super(message);
    this.name = 'EngineFault';
  }
}

export interface StateDescription {
  /** Path below the root, e.g. `PACKED.sealed`. */
  id: string;
  key: string;
  parent: string | null;
  type: 'atomic' | 'compound' | 'parallel' | 'final' | 'history';
  initial: string | null;
  tags: string[];
  description?: string;
  meta: Record<string, unknown>;
  entry: string[];
  exit: string[];
  invokes: { id: string; effect: string }[];
  /** Names of the deadlines armed here. */
  timers: string[];
}

export interface GuardDescription {
  op: 'leaf' | 'and' | 'or' | 'not' | 'stateIn';
  name?: string;
  params?: unknown;
  children?: GuardDescription[];
}

export interface TransitionDescription {
  /** `<source>|<event>|<index>`: stable within a version; what coverage counts. */
  id: string;
  source: string;
  targets: string[];
  event: string;
  kind: 'event' | 'timer' | 'done' | 'error' | 'always';
  /** For people: `order-answered`, `after ANSWER`, `charge done`, `charge failed`, `paid`. */
  label: string;
  guard: GuardDescription | null;
  effects: string[];
  meta: Record<string, unknown>;
  description?: string;
}

/** A lifecycle as data: what `/api/lifecycles/:name` answers and what diagrams are drawn from. */
export interface Description {
  name: string;
  version: number;
  title: string;
  fingerprint: string;
  initial: string;
  states: StateDescription[];
  transitions: TransitionDescription[];
  events: { type: string; label: string; from: string[]; description?: string }[];
}
