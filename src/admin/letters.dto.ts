/** What routes about effects and messages answer. */
import { ApiProperty } from '@nestjs/swagger';
import { AnyValue } from '../platform/openapi.any.js';
import { DoneAnswer } from './answers.dto.js';

/** An effect of the tenant. */
export class OutboxEntry {
  id!: number;
  instance_id!: string;
  seq!: number;
  kind!: string;
  type!: string;
  @AnyValue() params!: unknown;
  key!: string;
  status!: string;
  attempts!: number;
  next_attempt_at!: Date;
  @AnyValue() last_error!: unknown;
  @AnyValue() result!: unknown;
  created_at!: Date;
  finished_at!: Date | null;
}

export class OutboxPage {
  data!: OutboxEntry[];
  nextCursor!: string | null;
}

/** Dead effects that fare alike. */
export class DeadGroup {
  type!: string;
  code!: string;
  /** Of their instances now. */
  state!: string;
  count!: number;
}

export class DeadLetterFigures {
  total!: number;
  oldest!: Date | null;
  newest!: Date | null;
  groups!: DeadGroup[];
}

export class PurgedAnswer extends DoneAnswer {
  purged!: number;
}

/** A message of a provider. */
export class InboxEntry {
  provider!: string;
  provider_event_id!: string;
  type!: string;
  status!: string;
  reason!: string | null;
  instance_id!: string | null;
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } }) headers!: Record<string, string>;
  bytes!: number;
  attempts!: number;
  received_at!: string;
  next_attempt_at!: Date;
  finished_at!: Date | null;
}

export class InboxEntryPage {
  data!: InboxEntry[];
  nextCursor!: string | null;
  /** Messages that name no instance there is; no tenant sees them. */
  unaddressed!: number;
}
