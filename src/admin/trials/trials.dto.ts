import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsInt, IsObject, IsOptional, IsString, Matches, Max, MaxLength, Min } from 'class-validator';
import { PageQuery } from '../../platform/paging.js';
import { IsMoment, MayBeAbsent } from '../../platform/validation.js';

export const VERDICTS = ['same', 'detour', 'elsewhere', 'unknown'] as const;
const STATUSES = ['active', 'done', 'failed', 'paused', 'quarantined'] as const;
const MOST_INSTANCES = 5_000;

/** Path of what is tried on a lifecycle. */
export class TrialPath {
  @IsString() @Matches(/^[a-z][a-z0-9_-]{0,62}$/) name!: string;
}

/** Body of `POST /admin/lifecycles/:name/replay`: which histories, and what they are told by. */
export class StartTrial {
  /** The candidate: another version of the lifecycle; the newest when left out. */
  @MayBeAbsent() @IsInt() @Min(1) @Max(1_000_000) version?: number;
  /** What each instance begins with otherwise, as a JSON merge patch: `{"scorecard": {"maxScore": 40}}`. */
  @MayBeAbsent() @IsObject() input?: Record<string, unknown>;
  /** How many of the newest instances. */
  @MayBeAbsent() @IsInt() @Min(1) @Max(MOST_INSTANCES) instances: number = 1_000;
  /** Only those on this version. */
  @MayBeAbsent() @IsInt() @Min(1) @Max(1_000_000) of?: number;
  /** Only those with this status; `done` leaves out what is under way. */
  @MayBeAbsent() @IsIn(STATUSES) status?: (typeof STATUSES)[number];
  /** Only those that began from this moment on. */
  @MayBeAbsent() @IsMoment() since?: string;
}

/** Query of `GET /admin/replays/:id/items`. */
export class TrialItemQuery extends PageQuery {
  @IsOptional() @IsIn(VERDICTS) verdict?: (typeof VERDICTS)[number];
  /** Where they have ended. */
  @IsOptional() @IsString() @MaxLength(200) end?: string;
}

/** Histories that fare alike. */
export class TrialGroup {
  @ApiProperty({ enum: VERDICTS }) verdict!: (typeof VERDICTS)[number];
  /** Where they have ended. */
  end!: string;
  /** Where they would have ended. */
  instead!: string | null;
  /** The event at which they part for the first time. */
  partedAt!: string | null;
  /** Where they were then. */
  partedIn!: string | null;
  /** Why it is not known, as one of them says it. */
  reason!: string | null;
  count!: number;
  /** Some of them. */
  examples!: string[];
}

/** How many of the histories. */
export class TrialCounts {
  total!: number;
  told!: number;
  same!: number;
  /** End in the same place, by another way. */
  detour!: number;
  elsewhere!: number;
  unknown!: number;
}

/** Recorded histories, told again by another definition. */
export class ReplayReport {
  id!: string;
  /** `telling`, `told`, `cancelled`, `failed`. */
  state!: string;
  candidate!: object;
  askedBy!: string;
  /** `12 of 340 would have ended elsewhere.` */
  says!: string;
  counts!: TrialCounts;
  /** The largest first, at most a hundred; those that are the same are left out. */
  groups!: TrialGroup[];
  /** Why it failed, or null. */
  error!: string | null;
  createdAt!: string;
  updatedAt!: string;
}

/** One history. */
export class TrialItemView {
  n!: number;
  instance_id!: string;
  version!: number;
  revision!: number;
  recorded_end!: string;
  verdict!: (typeof VERDICTS)[number] | null;
  candidate_end!: string | null;
  parted_seq!: number | null;
  parted_event!: string | null;
  parted_from!: string | null;
  recorded_to!: string | null;
  candidate_to!: string | null;
  reason!: string | null;
}

export class TrialItemPage {
  data!: TrialItemView[];
  nextCursor!: string | null;
}
