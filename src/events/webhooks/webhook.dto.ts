import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsIn, IsString, Matches, MaxLength } from 'class-validator';
import { PageQuery } from '../../platform/paging.js';
import { MayBeAbsent } from '../../platform/validation.js';

/** How a webhook stands. `failing`: its last delivery came to nothing, and it is called now and then until one arrives; `inactive`: it is sent nothing. */
export const WEBHOOK_STATUSES = ['active', 'failing', 'inactive'] as const;
export type WebhookStatus = (typeof WEBHOOK_STATUSES)[number];

const MOST_EVENTS = 20;
const URL_PATTERN = /^https?:\/\/[^\s@]+$/;
const EVENT = /^(\*|[A-Za-z0-9_.:-]{1,200}\*?)$/;
const SECRET = /^[\x21-\x7e]{16,200}$/;
const NOT_A_URL = 'url must be an address, without user and password';
const NOT_AN_EVENT = 'each of events must be a name, the beginning of one and *, or *';
const NOT_A_SECRET = 'secret must be 16 to 200 visible ASCII characters';

/** Body of `POST /api/webhooks`. */
export class CreateWebhook {
  @IsString() @MaxLength(2_000) @Matches(URL_PATTERN, { message: NOT_A_URL }) url!: string;
  /** Names of events, or the beginning of one and `*`; all when left out. */
  @MayBeAbsent()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST_EVENTS)
  @IsString({ each: true })
  @Matches(EVENT, { each: true, message: NOT_AN_EVENT })
  events?: string[];
  /** With what bodies are signed; made up when left out. */
  @MayBeAbsent() @IsString() @Matches(SECRET, { message: NOT_A_SECRET }) secret?: string;
}

/** Body of `PATCH /api/webhooks/{id}`. */
export class ChangeWebhook {
  @MayBeAbsent() @IsString() @MaxLength(2_000) @Matches(URL_PATTERN, { message: NOT_A_URL }) url?: string;
  @MayBeAbsent()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST_EVENTS)
  @IsString({ each: true })
  @Matches(EVENT, { each: true, message: NOT_AN_EVENT })
  events?: string[];
  @MayBeAbsent() @IsString() @Matches(SECRET, { message: NOT_A_SECRET }) secret?: string;
  @ApiPropertyOptional({ enum: ['active', 'inactive'] })
  @MayBeAbsent()
  @IsIn(['active', 'inactive'])
  status?: 'active' | 'inactive';
}

/** A webhook, as lists show it. */
export class WebhookView {
  webhook_id!: string;
  /** Where its address is; the address itself is shown with one webhook. */
  host!: string;
  @ApiProperty({ type: [String] }) events!: string[];
  @ApiProperty({ enum: WEBHOOK_STATUSES }) status!: WebhookStatus;
  last_tested_at!: Date | null;
  last_error!: string | null;
  /** Tries that have failed since one last succeeded. */
  retry_count!: number;
  /** The first try that came to nothing since one last succeeded. */
  failing_since!: Date | null;
  /** When the service has switched it off, because it was silent for days or has answered 410. */
  disabled_at!: Date | null;
  created_at!: Date;
  updated_at!: Date;
}

/** One webhook, with its address and what its receiver checks signatures with. */
export class WebhookDetails extends WebhookView {
  url!: string;
  secret!: string;
}

/** Answer of `GET /api/webhooks`. */
export class WebhookPage {
  @ApiProperty({ type: () => [WebhookView] }) data!: WebhookView[];
  nextCursor!: string | null;
}

/** Query of `GET /api/webhooks`. */
export class WebhookQuery extends PageQuery {}

/** Answer of `DELETE /api/webhooks/{id}`. */
export class WebhookDeleted {
  webhook_id!: string;
  deleted!: boolean;
}
