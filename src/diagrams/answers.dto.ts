/** Lifecycles as data. */
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { AnyValue, AnyValueOrNone } from '../platform/openapi.any.js';

/** A lifecycle in the list of all. */
export class LifecycleSummary {
  name!: string;
  version!: number;
  title!: string;
  fingerprint!: string;
  initial!: string;
  /** Names of the top-level states. */
  states!: string[];
}

export class LifecycleList {
  data!: LifecycleSummary[];
  @ApiProperty({ type: 'null' }) nextCursor!: null;
}

/** Work that is under way while in a state. */
export class InvokedWork {
  id!: string;
  effect!: string;
}

export class LifecycleState {
  /** Path below the root. */
  id!: string;
  key!: string;
  parent!: string | null;
  @ApiProperty({ enum: ['atomic', 'compound', 'parallel', 'final', 'history'] }) type!: string;
  initial!: string | null;
  tags!: string[];
  description?: string;
  @ApiProperty({ type: 'object', additionalProperties: true }) meta!: Record<string, unknown>;
  entry!: string[];
  exit!: string[];
  invokes!: InvokedWork[];
  /** Names of the deadlines armed here. */
  timers!: string[];
}

/** A condition as it is written. */
export class LifecycleGuard {
  @ApiProperty({ enum: ['leaf', 'and', 'or', 'not', 'stateIn'] }) op!: string;
  name?: string;
  @AnyValueOrNone() params?: unknown;
  @ApiPropertyOptional({ type: () => [LifecycleGuard] }) children?: LifecycleGuard[];
}

export class LifecycleTransition {
  /** `<source>|<event>|<index>`: stable within a version. */
  id!: string;
  source!: string;
  targets!: string[];
  event!: string;
  @ApiProperty({ enum: ['event', 'timer', 'done', 'error', 'always'] }) kind!: string;
  /** For people. */
  label!: string;
  guard!: LifecycleGuard | null;
  effects!: string[];
  @ApiProperty({ type: 'object', additionalProperties: true }) meta!: Record<string, unknown>;
  description?: string;
}

export class LifecycleEvent {
  type!: string;
  label!: string;
  /** Who may send it. */
  from!: string[];
  description?: string;
}

/** A version of a lifecycle. */
export class LifecycleAnswer {
  name!: string;
  version!: number;
  title!: string;
  fingerprint!: string;
  initial!: string;
  states!: LifecycleState[];
  transitions!: LifecycleTransition[];
  events!: LifecycleEvent[];
}

/** What the payload of an event has to be. */
export class EventPayload {
  type!: string;
  /** JSON Schema. */
  @AnyValue() schema!: unknown;
}

export class EventPayloadList {
  data!: EventPayload[];
}

/** A transition, and how often it was taken. */
export class LivedTransition {
  id!: string;
  label!: string;
  event!: string;
  source!: string;
  targets!: string[];
  taken!: number;
  /** How many paths of the generated tests take it; null when it is not known. */
  tested!: number | null;
  /** When it was taken last; null when never. */
  lastAt!: string | null;
}

/** Steps that no transition explains: forced ones, moves to another version, what an older definition had. */
export class UnexplainedSteps {
  kind!: string;
  type!: string;
  from!: string | null;
  to!: string;
  count!: number;
}

/** How many of the transitions are tested, lived, both or neither. */
export class TestedAndLived {
  both!: number;
  /** Tested, and not taken by any of these instances. */
  tested!: number;
  /** Taken, and by no test. */
  lived!: number;
  neither!: number;
}

/** What of a lifecycle is lived, and what is tested. */
export class Coverage {
  lifecycle!: string;
  version!: number;
  fingerprint!: string;
  /** The newest ones, whose whole histories were read. */
  instances!: number;
  steps!: number;
  transitions!: LivedTransition[];
  /** How many of the transitions were never taken. */
  neverTaken!: number;
  /** Null when it is not known what was tested of this version. */
  tested!: TestedAndLived | null;
  unexplained!: UnexplainedSteps[];
}
