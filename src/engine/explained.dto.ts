/** Why an event is taken or refused, as `/explain` answers it and every 409 carries it. */
import { ApiExtraModels, ApiProperty, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger';
import { AnyValueOrNone } from '../platform/openapi.any.js';

/** Why a condition says no. */
export class RefusalReason {
  code!: string;
  message?: string;
  @AnyValueOrNone() data?: unknown;
  /** Open checklist items. */
  @ApiPropertyOptional({ type: [String] }) missing?: readonly string[];
  /** Roles or parties who can clear it. */
  @ApiPropertyOptional({ type: [String] }) clearedBy?: readonly string[];
}

const OPERATORS = ['leaf', 'and', 'or', 'not', 'stateIn', 'none'] as const;

/** One node of a condition with its truth. */
export class GuardTruth {
  @ApiProperty({ enum: OPERATORS }) op!: (typeof OPERATORS)[number];
  name?: string;
  @AnyValueOrNone() params?: unknown;
  /** Null where it is not told. */
  @ApiProperty({ type: Boolean, nullable: true }) ok!: boolean | null;
  /** Set where it hangs on what the caller may not see. */
  withheld?: boolean;
  reason?: RefusalReason;
  error?: string;
  @ApiPropertyOptional({ type: () => [GuardTruth] }) children?: GuardTruth[];
}

/** A transition that answers to the event. */
export class CandidateTransition {
  /** State path that holds the transition. */
  source!: string;
  target!: string[];
  event!: string;
  label?: string;
  guard!: GuardTruth;
  /** Whether it is the one that would be taken; null where that is not told. */
  @ApiProperty({ type: Boolean, nullable: true }) taken!: boolean | null;
}

/** A condition that says no. */
export class FailingGuard {
  name!: string;
  @AnyValueOrNone() params?: unknown;
  reason?: RefusalReason;
  withheld?: boolean;
}

const VERDICTS = [
  'ALLOWED',
  'GUARDS_REFUSED',
  'WITHHELD',
  'FORBIDDEN_IN_STATE',
  'EVENT_NOT_HANDLED_IN_STATE',
  'SENDER_REFUSED',
  'INSTANCE_DONE',
  'INSTANCE_PAUSED',
  'INSTANCE_QUARANTINED',
] as const;

/** Why an event would be, or was, taken or refused. */
export class ExplainedEvent {
  event!: string;
  state!: string;
  phase!: string | null;
  @ApiProperty({ enum: VERDICTS }) verdict!: (typeof VERDICTS)[number];
  /** Null where it is not told. */
  @ApiProperty({ type: Boolean, nullable: true }) allowed!: boolean | null;
  candidates!: CandidateTransition[];
  failing!: FailingGuard[];
  missing!: string[];
  /** Who may send this event. */
  senders!: string[];
  clearedBy!: string[];
  /** Event types that this state answers to at all. */
  handledEvents!: string[];
}

/** Every event of the lifecycle explained. */
@ApiExtraModels(ExplainedEvent)
export class ExplainedEvents {
  data!: ExplainedEvent[];
}

/** One event where it was named, else all. */
export const ONE_OR_ALL = {
  schema: { oneOf: [{ $ref: getSchemaPath(ExplainedEvent) }, { $ref: getSchemaPath(ExplainedEvents) }] },
};
