import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { PageQuery } from '../../platform/paging.js';
import { IsMoment, MayBeAbsent } from '../../platform/validation.js';

/** How a delivery stands. `waiting`: it is tried again. */
export const DELIVERY_STATUSES = ['delivered', 'waiting', 'failed'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** Query of `GET /api/webhooks/{id}/deliveries`. */
export class DeliveryQuery extends PageQuery {
  @ApiPropertyOptional({ enum: DELIVERY_STATUSES })
  @IsOptional()
  @IsIn(DELIVERY_STATUSES)
  status?: DeliveryStatus;
}

/** What became of sending an event to a webhook. */
export class WebhookDeliveryView {
  event_id!: string;
  /** `webhook.ping` of a ping. */
  event_type!: string;
  @ApiProperty({ enum: DELIVERY_STATUSES }) status!: DeliveryStatus;
  attempts!: number;
  response_code!: number | null;
  error!: string | null;
  /** Milliseconds that the last try took. */
  duration_ms!: number | null;
  is_ping!: boolean;
  /** When it is tried again; null when it is not, or within seconds. */
  next_at!: Date | null;
  first_at!: Date;
  last_at!: Date;
}

/** One try of a delivery. */
export class DeliveryTry {
  at!: Date;
  response_code!: number | null;
  error!: string | null;
  duration_ms!: number;
}

/** One delivery with its last 20 tries, the newest last. */
export class DeliveryDetails extends WebhookDeliveryView {
  @ApiProperty({ type: () => [DeliveryTry] }) tries!: DeliveryTry[];
}

/** Answer of `GET /api/webhooks/{id}/deliveries`, newest first. */
export class WebhookDeliveryPage {
  @ApiProperty({ type: () => [WebhookDeliveryView] }) data!: WebhookDeliveryView[];
  nextCursor!: string | null;
}

/** Body of `POST /api/webhooks/{id}/redeliver`. */
export class RedeliverFailed {
  /** Only what was first tried since then. */
  @MayBeAbsent() @IsMoment() since?: string;
}

/** Answer of `POST /api/webhooks/{id}/redeliver`. */
export class Redelivered {
  webhook_id!: string;
  /** Deliveries that are in line again, 10,000 at most. */
  count!: number;
}

/** Answer to a delivery that was asked for: it is in line, and looked at within a second or so. */
export class DeliveryAsked {
  webhook_id!: string;
  event_id!: string;
  @ApiProperty({ enum: ['waiting'] }) status!: 'waiting';
}
