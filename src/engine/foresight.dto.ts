/** What is told of what might happen to an instance, and of what it was. */
import { ApiProperty } from '@nestjs/swagger';
import { AnyValue, AnyValueOrNone } from '../platform/openapi.any.js';
import { ExplainedEvent, RefusalReason } from './explained.dto.js';
import { InstanceAt } from './instances.answers.dto.js';

/** Something that would be done in the world. */
export class SupposedEffect {
  kind!: string;
  type!: string;
  /** Left out for the parties. */
  @AnyValueOrNone() params?: unknown;
}

/** A deadline that would be armed. */
export class SupposedTimer {
  id!: string;
  delayMs!: number;
}

/** What a step does in the world, and which deadlines it arms and ends. */
export class StepConsequences {
  effects!: SupposedEffect[];
  timersArmed!: SupposedTimer[];
  timersCancelled!: string[];
  jobsCancelled!: string[];
}

export class SimulatedStepAnswer extends StepConsequences {
  /** What happened: an event type or a timer. */
  event!: string;
  at!: string;
  from!: string;
  to!: string;
  status!: string;
}

/** A deadline that runs at the end. */
export class TimerAhead {
  id!: string;
  dueAt!: string;
}

export class SimulationAnswer {
  steps!: SimulatedStepAnswer[];
  /** Set when an event was refused; nothing after it was tried. */
  refused?: ExplainedEvent;
  state!: string;
  phase!: string | null;
  status!: string;
  /** What the caller could send then. */
  allowedEvents!: string[];
  timers!: TimerAhead[];
}

const STANDINGS = ['holds', 'fails', 'payload', 'unknown', 'withheld'] as const;

/** Something that has to be so for a step. */
export class PlanNeed {
  condition!: string;
  @AnyValueOrNone() params?: unknown;
  /** What it has to be: true for most. */
  mustBe!: boolean;
  /** What it is now; `payload`: what is sent decides. */
  @ApiProperty({ enum: STANDINGS }) now!: (typeof STANDINGS)[number];
  /** Fields of the payload that decide it. */
  fields!: string[];
  reason?: RefusalReason;
  clearedBy!: string[];
}

export class PlannedStep {
  event!: string;
  label!: string;
  /** `event`: somebody sends it. `time`: a deadline passes. `work`: work in the world succeeds. `failure`: it fails. */
  @ApiProperty({ enum: ['event', 'time', 'work', 'failure'] }) by!: 'event' | 'time' | 'work' | 'failure';
  senders!: string[];
  users!: string[];
  /** Whether whoever asks may send it. */
  byCaller!: boolean;
  /** When the deadline passes, if it runs already. */
  dueAt!: string | null;
  from!: string;
  to!: string;
  needs!: PlanNeed[];
}

/** The shortest way to a goal, as far as it can be known beforehand. */
export class PlanAnswer {
  instanceId!: string;
  goal!: string;
  from!: string;
  revision!: number;
  /** `there`: it is there. `way`: there is one. `none`: there is none, whatever happens. `unknown`: the search was given up. */
  @ApiProperty({ enum: ['there', 'way', 'none', 'unknown'] }) verdict!: 'there' | 'way' | 'none' | 'unknown';
  steps!: PlannedStep[];
  undecided!: string[];
  /** Situations that were looked at. */
  looked!: number;
}

export class PastInstance extends InstanceAt {
  /** When the row that led there was written. */
  at!: string;
  isLatest!: boolean;
}

/** Where an instance stood. */
export class PastPlace {
  revision!: number;
  state!: string;
  phase!: string | null;
  status!: string;
}

export class PastStep {
  seq!: number;
  kind!: string;
  type!: string;
  actor!: string;
  at!: string;
  from!: string | null;
  to!: string;
}

/** A value that is different. */
export class ContextChange {
  path!: string;
  @AnyValue() before!: unknown;
  @AnyValue() after!: unknown;
}

/** What happened to an instance since a revision. */
export class ChangesAnswer {
  since!: PastPlace;
  now!: PastPlace;
  steps!: PastStep[];
  context!: ContextChange[];
}
