import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsDefined,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { PageQuery } from '../../platform/paging.js';
import { MayBeAbsent } from '../../platform/validation.js';
import { Reason } from '../admin.dto.js';

const VERBS = ['event', 'force', 'migrate', 'retry'] as const;
const VERDICTS = ['accepted', 'refused'] as const;
const STATUSES = ['active', 'done', 'failed', 'paused', 'quarantined'] as const;
/** Named one by one; whoever means more says which. */
const MOST_IDS = 1_000;
const FASTEST = 1_000;
const LARGEST_SAMPLE = 50;

/** Which instances of a lifecycle; each field narrows them. */
export class BulkSelection {
  @IsString() @Matches(/^[a-z][a-z0-9_-]{0,62}$/) lifecycle!: string;
  @MayBeAbsent() @IsInt() @Min(1) @Max(1_000_000) version?: number;
  /** `ESCROW`, or more exactly `ESCROW.awaitingPayment`. */
  @MayBeAbsent() @IsString() @MaxLength(200) state?: string;
  @MayBeAbsent() @IsString() @MaxLength(100) tag?: string;
  /** Left out: the active ones; for `retry` all. */
  @MayBeAbsent() @IsIn(STATUSES) status?: (typeof STATUSES)[number];
  @MayBeAbsent()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST_IDS)
  @ArrayUnique()
  @IsString({ each: true })
  @Matches(/^wf_[a-z0-9]{1,60}$/, { each: true })
  ids?: string[];
}

/** The event that each instance gets. */
export class BulkEvent {
  @IsString() @MaxLength(100) type!: string;
  @IsOptional() @IsObject() payload?: Record<string, unknown>;
}

/** Body of `POST /admin/bulk`. */
export class StartBulk extends Reason {
  @IsDefined() @ValidateNested() @Type(() => BulkSelection) selection!: BulkSelection;
  /** `event` sends one, `force` moves by force, `migrate` moves to the newest version, `retry` puts dead effects back to work. */
  @IsIn(VERBS) verb!: (typeof VERBS)[number];
  /** For `event`. */
  @MayBeAbsent() @ValidateNested() @Type(() => BulkEvent) event?: BulkEvent;
  /** For `force`. */
  @MayBeAbsent() @IsString() @MaxLength(200) toState?: string;
  /** For `force`: false leaves out what entering the state does in the world. */
  @MayBeAbsent() @IsBoolean() runEntryEffects?: boolean;
  /** Instances a second at most. */
  @MayBeAbsent() @IsInt() @Min(1) @Max(FASTEST) perSecond: number = 20;
}

/** Body of `POST /admin/bulk/:id/sample`. */
export class SampleBulk extends Reason {
  /** How many instances it is tried on; of each state some. */
  @MayBeAbsent() @IsInt() @Min(1) @Max(LARGEST_SAMPLE) count: number = 5;
}

/** Query of `GET /admin/bulk`. */
export class BulkQuery extends PageQuery {
  @IsOptional() @IsString() @MaxLength(100) state?: string;
}

/** Query of `GET /admin/bulk/:id/items`. */
export class BulkItemQuery extends PageQuery {
  /** What was foreseen. */
  @IsOptional() @IsIn(VERDICTS) verdict?: (typeof VERDICTS)[number];
  /** What became of it; `open` is what is still to be done. */
  @IsOptional() @IsIn([...VERDICTS, 'open']) outcome?: (typeof VERDICTS)[number] | 'open';
}

/** Instances that fare alike. */
export class BulkGroup {
  version!: number;
  from!: string;
  @ApiProperty({ enum: VERDICTS }) verdict!: (typeof VERDICTS)[number];
  /** Where they would be; null when they stay or would not take it. */
  becomes!: string | null;
  code!: string | null;
  /** Why not, as one of them says it. */
  reason!: string | null;
  count!: number;
  /** Some of them. */
  examples!: string[];
}

/** How many of the instances. */
export class BulkCounts {
  total!: number;
  /** Asked what they would make of it. */
  looked!: number;
  acceptable!: number;
  /** Done. */
  accepted!: number;
  /** Not done although it was foreseen. */
  refused!: number;
  /** Still to be done. */
  left!: number;
  undone!: number;
  /** Not taken back, mostly because something has happened since. */
  notUndone!: number;
}

/** A bulk operation. */
export class BulkView {
  id!: string;
  /** `planning`, `planned`, `sampling`, `sampled`, `running`, `paused`, `performed`, `undoing`, `undone`, `closed`, `cancelled`, `failed`. */
  state!: string;
  /** What is done to each instance. */
  deed!: object;
  selection!: object;
  reason!: string;
  perSecond!: number;
  askedBy!: string;
  /** Who agreed last. */
  approvedBy!: string | null;
  /** Why it stopped, or null. */
  error!: string | null;
  revision!: number;
  /** What may be said to it now, such as `bulk.sample`. */
  allowedEvents!: string[];
  counts!: BulkCounts;
  createdAt!: string;
  updatedAt!: string;
}

/** The same with what it would come to. */
export class BulkPlanView extends BulkView {
  /** The largest first, at most a hundred. */
  groups!: BulkGroup[];
}

/** One instance of a bulk operation: what was foreseen, and what became of it. */
export class BulkItemView {
  n!: number;
  instance_id!: string;
  version!: number;
  from_state!: string;
  verdict!: (typeof VERDICTS)[number] | null;
  becomes!: string | null;
  plan_code!: string | null;
  plan_reason!: string | null;
  outcome!: (typeof VERDICTS)[number] | null;
  code!: string | null;
  reason!: string | null;
  seq!: number | null;
  done_at!: Date | null;
  undo_outcome!: (typeof VERDICTS)[number] | null;
  undo_code!: string | null;
  undo_reason!: string | null;
  undone_at!: Date | null;
}

export class BulkPage {
  data!: BulkView[];
  nextCursor!: string | null;
}

export class BulkItemPage {
  data!: BulkItemView[];
  nextCursor!: string | null;
}
