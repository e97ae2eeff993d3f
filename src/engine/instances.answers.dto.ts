/** What routes about single instances answer. The compiler holds each against what the engine gives, so none of them can say anything else. */
import { ApiProperty } from '@nestjs/swagger';
import { AnyValue, AnyValueOrNone, Texts } from '../platform/openapi.any.js';

const STATUSES = ['active', 'done', 'failed', 'paused', 'quarantined'] as const;
type Status = (typeof STATUSES)[number];

/** Answer to everything that moves an instance. */
export class Acknowledged {
  success!: boolean;
  message!: string;
  instanceId!: string;
  seq!: number;
  revision!: number;
  state!: string;
  phase!: string | null;
  @ApiProperty({ enum: STATUSES }) status!: Status;
  /** What the sender may send next; guards may still say no. */
  allowedEvents!: string[];
}

/** An instance as it was at some time. */
export class InstanceAt {
  id!: string;
  lifecycle!: string;
  version!: number;
  @ApiProperty({ enum: STATUSES }) status!: Status;
  /** The top-level state. */
  state!: string;
  /** The rest of the path below it, or null. */
  phase!: string | null;
  tags!: string[];
  /** Number of the last row of its history. */
  revision!: number;
  /** What it remembers; without what is confidential for the parties. */
  @AnyValue() context!: unknown;
  @AnyValue() output!: unknown;
  /** Who takes part, by role. */
  @Texts() parties!: Record<string, string>;
  /** Business keys by name. */
  @Texts() keys!: Record<string, string>;
  createdAt!: string;
  updatedAt!: string;
}

/** An instance as it is. */
export class InstanceAnswer extends InstanceAt {
  /** How far the undoing of what it did has come. */
  @ApiProperty({ enum: ['none', 'pending', 'done', 'error'] }) compensation!: 'none' | 'pending' | 'done' | 'error';
  /** Events that the state answers to and the caller may send; guards may still say no. */
  allowedEvents!: string[];
}

export class InstancePage {
  data!: InstanceAnswer[];
  nextCursor!: string | null;
}

/** An instance, and whether it got there in time. */
export class InstanceAwaited extends InstanceAnswer {
  reached!: boolean;
}

/** A row of a history. */
export class HistoryStep {
  instance_id!: string;
  seq!: number;
  @ApiProperty({
    enum: [
      ...['start', 'event', 'timer', 'effect-result', 'webhook', 'force', 'migrate', 'pause', 'resume', 'compensated'],
    ],
  })
  kind!: string;
  /** Event, timer or answer of work. */
  type!: string;
  @AnyValue() payload!: unknown;
  /** What it was decided on; empty for the parties. */
  @AnyValue() facts!: unknown;
  from_state!: string | null;
  to_state!: string;
  phase!: string | null;
  actor!: string;
  roles!: string[];
  /** What brought it about: `request`, `timer:<id>`, `effect:<key>`, `webhook:<provider>:<id>`, `admin`. */
  cause!: string;
  correlation_id!: string;
  idempotency_key!: string | null;
  at!: Date;
  hash!: string;
  prev_hash!: string;
}

export class HistoryStepPage {
  data!: HistoryStep[];
  nextCursor!: string | null;
}

/** A deadline. */
export class TimerAnswer {
  timer_id!: string;
  generation!: number;
  /** Business time. */
  due_at!: Date;
  fired_at!: Date | null;
  /** Since when it is given up: firing it failed as often as it may, and an operator has to decide. */
  dead_at!: Date | null;
  @AnyValue() event!: unknown;
}

export class TimerList {
  data!: TimerAnswer[];
}

/** The receipt of one attempt. */
export class AttemptReceipt {
  attempt!: number;
  outcome!: string;
  provider!: string | null;
  providerId!: string | null;
  responseCode!: string | null;
  /** Why it was not done. */
  detail!: string | null;
  durationMs!: number;
  at!: Date;
  requestHash!: string;
}

const EFFECT_STATUSES = ['pending', 'claimed', 'done', 'dead', 'cancelled'];

/** What the parties see of something that an instance wanted done. */
export class EffectStatus {
  id!: number;
  instance_id!: string;
  seq!: number;
  kind!: string;
  type!: string;
  @ApiProperty({ enum: EFFECT_STATUSES }) status!: string;
  next_attempt_at!: Date;
  created_at!: Date;
  finished_at!: Date | null;
}

/** The same with what was asked, what came of it, and each attempt, for those who oversee the tenant. */
export class EffectAnswer extends EffectStatus {
  @AnyValueOrNone() params?: unknown;
  key?: string;
  /** `{code, message}` or `{code, reason}`. */
  @AnyValueOrNone() last_error?: unknown;
  @AnyValueOrNone() result?: unknown;
  attempts?: AttemptReceipt[];
}

export class EffectList {
  data!: EffectAnswer[];
}
