import { ApiProperty } from '@nestjs/swagger';
import type { Json } from '../../engine/core/driver.js';
import type { Status } from '../rows.js';

/** An event as the inbox shows it. */
export class EventView {
  event_id!: string;
  @ApiProperty({ type: 'object', additionalProperties: true }) payload!: Json;
  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true }) metadata!: Json;
  status!: Status;
  /** When it happened. */
  created_at!: Date;
  /** When its status changed last. */
  updated_at!: Date;
  /** Runs after the first. */
  retry_count!: number;
}

/** An event with the run that it is the business of. */
export class EventDetails extends EventView {
  correlation_id!: string;
  /** `GET /api/instances/{instance_id}/history` has every step of it. */
  instance_id!: string;
}

class InboxMetadata {
  /** Names of the filters, as they were given. */
  filters_applied!: string[];
  sort_field!: string;
  sort_order!: string;
}

/** Answer of `GET /api/inbox`. */
export class InboxPage {
  @ApiProperty({ type: () => [EventView] }) data!: EventView[];
  /** How many match, on all pages. */
  total!: number;
  limit!: number;
  offset!: number;
  next_cursor?: string;
  timestamp!: string;
  @ApiProperty({ type: () => InboxMetadata }) _metadata!: InboxMetadata;
}

/** Answer of `POST /api/inbox/{id}/ack`. */
export class EventAcknowledged {
  event_id!: string;
  status!: 'deleted';
  timestamp!: string;
}

/** Answer of `POST /api/inbox/{id}/retry`; its row is pending meanwhile. */
export class EventRetried {
  event_id!: string;
  status!: 'retrying';
  new_attempt!: number;
  timestamp!: string;
}
