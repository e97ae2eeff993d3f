/** What routes for administrators answer. */
import { ApiProperty } from '@nestjs/swagger';
import { GuardTruth, RefusalReason } from '../engine/explained.dto.js';
import { StepConsequences, SupposedEffect } from '../engine/foresight.dto.js';
import { Acknowledged } from '../engine/instances.answers.dto.js';
import { AnyValue } from '../platform/openapi.any.js';

/** It was done, and there is no more to say. */
export class DoneAnswer {
  success!: boolean;
}

/** Dead effects that are tried again. */
export class RevivedAnswer extends DoneAnswer {
  revived!: number;
}

export class CompensationStarted extends RevivedAnswer {
  compensation!: string;
}

/** A transition that leads where a force leads, and that the force does not ask. */
export class SkippedTransition {
  event!: string;
  label!: string;
  source!: string;
  guard!: GuardTruth;
  /** Who would have had to send it. */
  senders!: string[];
}

/** An invariant of the lifecycle that would not hold. */
export class BrokenInvariant {
  name!: string;
  says!: string;
  reason!: RefusalReason;
}

/** Who is told by which message. */
export class ToldBy {
  to!: string;
  template!: string;
}

/** An effect of an earlier step that is not done yet. */
export class OpenEffectAnswer {
  id!: number;
  type!: string;
  kind!: string;
  job!: string | null;
  /** Whether a worker has begun it: then it may have happened already. */
  begun!: boolean;
}

/** Another instance that lives because of this one. */
export class DependentInstance {
  id!: string;
  lifecycle!: string;
  state!: string;
}

/** What a force does, and what it passes over. */
export class ForceReportAnswer extends StepConsequences {
  from!: string;
  to!: string;
  status!: string;
  /** Whether the definition has a transition of its own from here to there. */
  isForeseen!: boolean;
  skipped!: SkippedTransition[];
  invariantsBroken!: BrokenInvariant[];
  invariantsMended!: string[];
  /** What entering would have done in the world; filled when entry effects are left out. */
  leftOut!: SupposedEffect[];
  told!: ToldBy[];
  stillRunning!: OpenEffectAnswer[];
  /** Effects that are called off although a worker has begun them: they may have happened. */
  calledOffMidway!: OpenEffectAnswer[];
  /** What will be undone, because the state it leads to undoes what was done. */
  undone!: string[];
  dependents!: DependentInstance[];
}

export class ForcePreviewAnswer extends ForceReportAnswer {
  dryRun!: boolean;
  revision!: number;
}

export class ForcedAnswer extends Acknowledged {
  report!: ForceReportAnswer;
}

/** Where an instance would be on another version, and what would follow. */
export class MovedPlace extends StepConsequences {
  state!: string;
  invariantsBroken!: BrokenInvariant[];
}

/** What moving one instance to the newest version comes to. */
export class MoveAnswer {
  instanceId!: string;
  version!: number;
  /** The newest version. */
  to!: number;
  from!: string;
  @ApiProperty({ enum: ['auto', 'needs-mapping', 'blocked'] }) verdict!: string;
  /** Why it cannot be moved. */
  reason?: string;
  becomes?: MovedPlace;
}

/** Whether a history is what it was. */
export class ProofAnswer {
  instanceId!: string;
  ok!: boolean;
  rows!: number;
  /** The first row that is not what it was. */
  badSeq?: number;
  reason?: string;
}

export class CheckpointAnswer {
  number!: number;
  until!: Date;
  instances!: number;
  root!: string;
  taken_at!: Date;
}

export class CheckpointPage {
  data!: CheckpointAnswer[];
  nextCursor!: string | null;
}

export class CheckpointsProof {
  ok!: boolean;
  checkpoints!: number;
  badNumber?: number;
  reason?: string;
}

/** What an administrator did and why. */
export class AuditEntry {
  id!: number;
  at!: Date;
  actor!: string;
  action!: string;
  target!: string;
  reason!: string;
  @AnyValue() details!: unknown;
}

export class AuditEntryPage {
  data!: AuditEntry[];
  nextCursor!: string | null;
}

/** Why a timer failed last. */
export class TimerError {
  name!: string;
  message!: string;
}

/** A timer that was given up. */
export class DeadTimerView {
  id!: number;
  instance_id!: string;
  timer_id!: string;
  due_at!: Date;
  dead_at!: Date;
  failures!: number;
  last_error!: TimerError;
}

export class DeadTimerPage {
  data!: DeadTimerView[];
  nextCursor!: string | null;
}

/** A timer or an effect that should have happened by now. */
export class StuckRow {
  instance_id!: string;
  @ApiProperty({ enum: ['timer', 'effect'] }) what!: 'timer' | 'effect';
  name!: string;
  due_at!: Date;
  attempts!: number;
  @AnyValue() last_error!: unknown;
}

export class StuckList {
  data!: StuckRow[];
}

/** An instance that nothing can bring on by itself. */
export class HaltedRow {
  instanceId!: string;
  lifecycle!: string;
  version!: number;
  state!: string;
  @ApiProperty({ enum: ['work-lost', 'nothing-taken', 'nobody-may-send', 'cannot-be-loaded'] }) why!: string;
  detail!: string;
  /** Since when it has been there. */
  since!: string;
}

export class HaltedPage {
  data!: HaltedRow[];
  /** Instances that were looked at. */
  examined!: number;
  nextCursor!: string | null;
}

export class SandboxAnswer {
  url!: string;
}

export class ClockAnswer extends DoneAnswer {
  /** Business time from now on. */
  now!: string;
}
