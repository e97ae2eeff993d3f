import { IsBoolean, IsIn, IsInt, IsOptional, IsString, Matches, Max, MaxLength, Min, MinLength } from 'class-validator';
import { Digits, PageQuery } from '../platform/paging.js';

/** Long enough to say something: whoever reads the audit later has nothing else. */
const SHORTEST_REASON = 20;
const LONGEST_REASON = 1_000;
const PROVIDER = /^[a-z][a-z-]{0,31}$/;
/** Ten years. */
const LONGEST_DELAY_S = 315_360_000;

/** Body of `POST /admin/workflows/:id/force-transition` (R000-22). */
export class ForceTransition {
  /** The state the instance is believed to be in: `ESCROW` or `ESCROW.awaitingPayment`. */
  @IsString() @MaxLength(200) fromState!: string;
  @IsString() @MaxLength(200) toState!: string;
  /** Why; at least 20 characters. */
  @IsString() @MinLength(SHORTEST_REASON) @MaxLength(LONGEST_REASON) reason!: string;
  /** False leaves out what entering the state does in the world; timers are armed either way. */
  @IsOptional() @IsBoolean() runEntryEffects?: boolean;
  @IsOptional() @IsInt() @Min(1) expectedRevision?: number;
}

/** Query of the same route. */
export class ForceQuery {
  /** `true` shows what would happen and does nothing. */
  @IsOptional() @IsIn(['true', 'false']) dryRun?: string;
}

/** Body of everything an administrator does and has to give a reason for. */
export class Reason {
  /** Why; at least 20 characters. */
  @IsString() @MinLength(SHORTEST_REASON) @MaxLength(LONGEST_REASON) reason!: string;
}

/** Body of `POST /admin/dead-letters/purge`. */
export class Purge extends Reason {
  /** Whole days; what has been dead for longer is given up. */
  @IsInt() @Min(0) @Max(3_650) olderThanDays!: number;
}

/** Query of `GET /admin/outbox`. */
export class OutboxQuery extends PageQuery {
  @IsOptional() @IsIn(['pending', 'claimed', 'done', 'dead', 'cancelled']) status?: string;
  /** The type of the effect, or a family of them with its dot: `functions.`. */
  @IsOptional() @IsString() @Matches(/^[\w.-]{1,100}$/) type?: string;
}

/** Address of an effect. */
export class EffectId {
  @Digits() @IsInt() @Min(1) id!: number;
}

/** Address of a timer. */
export class TimerNumber {
  @Digits() @IsInt() @Min(1) id!: number;
}

/** Query of `GET /admin/webhooks`. */
export class WebhookQuery extends PageQuery {
  @IsOptional() @IsIn(['received', 'applied', 'ignored', 'quarantined', 'failed']) status?: string;
  /** `stripe`, `docusign`. */
  @IsOptional() @IsString() @Matches(PROVIDER) provider?: string;
}

/** Address of a message: its provider, and the provider's id of it. */
export class WebhookId {
  @IsString() @Matches(PROVIDER) provider!: string;
  @IsString() @Matches(/^[\w.:-]{1,255}$/) id!: string;
}

/** Body of `POST /admin/clock`. */
export class AdvanceClock {
  /** How far business time moves forward: `90s`, `48h`, `7d`. */
  @IsString() @Matches(/^\d{1,9}(ms|s|m|h|d|w)$/) advance!: string;
}

/** Query of `GET /admin/stuck/instances`. */
export class HaltQuery extends PageQuery {}

/** Query of `GET /admin/stuck`. */
export class StuckQuery {
  /** Overdue by more than this many seconds. */
  @IsOptional() @Digits() @IsInt() @Min(0) @Max(LONGEST_DELAY_S) seconds?: number;
}
