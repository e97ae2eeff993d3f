import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  Allow,
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsOptional,
  IsString,
  IsUUID,
  Matches,
} from 'class-validator';
import type { Json } from '../../engine/core/driver.js';
import { MayBeAbsent } from '../../platform/validation.js';

const DEBUG = ['validation_error', 'processing_error', 'queue_delay', 'dlq_routing'] as const;
/** What an event, its source, its user and its session may be called. */
const NAMED = /^[\w.:@/-]{1,200}$/;
/** Messages in one batch at most; EVENT_BATCH may say fewer (R003-32). */
const MOST_MESSAGES = 100;

const METADATA = `tags (10 at most), priority (low, medium, high, critical; medium when left out), correlation_id, idempotency_key, and
what else you like; 1 KB at most. The same idempotency_key of the same sender within 24 hours is the same event.`;

/** Body of `POST /api/events`. */
export class SubmitEvent {
  /** What happened; any object. */
  @ApiProperty({ type: 'object', additionalProperties: true }) @Allow() payload!: Json;
  @ApiPropertyOptional({ type: 'object', additionalProperties: true, description: METADATA })
  @Allow()
  metadata?: Json;
  /** A UUID of your own; the same id is the same event. One is made when left out. */
  @MayBeAbsent() @IsUUID() event_id?: string;
  /** What kind of event it is, for patterns and queries: `user.signup`. */
  @MayBeAbsent() @IsString() @Matches(NAMED) type?: string;
  /** Where it comes from; `api` when left out. */
  @MayBeAbsent() @IsString() @Matches(NAMED) source?: string;
  /** Whose doing it is. */
  @MayBeAbsent() @IsString() @Matches(NAMED) userId?: string;
  @MayBeAbsent() @IsString() @Matches(NAMED) sessionId?: string;
  /** When it happened; now when left out. What lies more than 5 minutes ahead counts as now. */
  @ApiPropertyOptional({ type: 'string', format: 'date-time' }) @Allow() timestamp?: Json;
}

/** Query of `POST /api/events`. */
export class SubmitQuery {
  /** In the sandbox: has the request refused, answered with 500 after it was accepted, held up for 2 seconds, or sent to the dead letters. */
  @IsOptional() @IsIn(DEBUG) debug?: (typeof DEBUG)[number];
}

class AcceptedEvent {
  event_id!: string;
  status!: 'accepted';
  /** When it happened. */
  timestamp!: string;
}

/** Answer of `POST /api/events`: it is written down, and will be delivered or lie with the dead letters. */
export class EventAccepted {
  @ApiProperty({ type: () => AcceptedEvent }) data!: AcceptedEvent;
  timestamp!: string;
}

/** Body of `POST /api/events/batch`. Each message is taken by itself: `{ event_id?, payload, metadata?, timestamp?, correlation_id? }`. */
export class SubmitBatch {
  @ApiProperty({
    type: 'array',
    items: { type: 'object', additionalProperties: true },
    minItems: 1,
    maxItems: MOST_MESSAGES,
  })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST_MESSAGES)
  events!: Json[];
}

/** What became of one message of a batch. */
export class BatchItem {
  /** Its place in the batch, from 0. */
  index!: number;
  event_id!: string | null;
  /** A duplicate was accepted before; what is rejected was not taken at all. */
  status!: 'accepted' | 'duplicate' | 'rejected';
  /** Why it was rejected. */
  error?: string;
}

class BatchResult {
  batch_id!: string;
  total!: number;
  successful!: number;
  failed!: number;
  @ApiProperty({ type: () => [BatchItem] }) events!: BatchItem[];
}

/** Answer of `POST /api/events/batch`. */
export class BatchAccepted {
  @ApiProperty({ type: () => BatchResult }) data!: BatchResult;
  timestamp!: string;
}
