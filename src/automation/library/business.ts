import { ApiProperty } from '@nestjs/swagger';
import { Injectable } from '@nestjs/common';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsEmail,
  IsInt,
  IsObject,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
} from 'class-validator';
import type { Action } from '../../actions/action.js';
import type { Json } from '../../engine/core/driver.js';
import type { EffectResult } from '../../engine/host.js';
import { CalendarClient } from '../../integrations/calendar/calendar.client.js';
import { CrmClient } from '../../integrations/crm/crm.client.js';
import type { Outcome } from '../../integrations/outcome.js';
import { TicketsClient } from '../../integrations/tickets/tickets.client.js';
import { IsMoment, MayBeAbsent } from '../../platform/validation.js';
import { aboutOf } from './about.js';

const MINUTE_MS = 60_000;

/** Parameters of `create_crm_record`. */
export class CreateCrmRecordParams {
  /** `contacts`, `companies`, `deals`, … */
  @IsString() @Matches(/^[a-z][a-z_]{1,50}$/) type!: string;
  @ApiProperty({ type: 'object', additionalProperties: true }) @IsObject() data!: { [name: string]: Json };
}

/** Parameters of `update_crm_record`. */
export class UpdateCrmRecordParams extends CreateCrmRecordParams {
  @IsString() @Matches(/^[\w-]{1,64}$/) id!: string;
}

/** Parameters of `create_ticket`. */
export class CreateTicketParams {
  @IsString() @MinLength(1) @MaxLength(200) title!: string;
  @IsString() @MaxLength(10_000) description!: string;
  /** 0 none, 1 urgent, 2 high, 3 normal, 4 low. */
  @MayBeAbsent() @IsInt() @Min(0) @Max(4) priority?: number;
  @MayBeAbsent() @IsString() @MinLength(1) @MaxLength(64) assignee?: string;
}

/** Parameters of `schedule_meeting`. */
export class ScheduleMeetingParams {
  @IsArray() @ArrayMinSize(1) @ArrayMaxSize(100) @IsEmail({}, { each: true }) attendees!: string[];
  @IsString() @MinLength(1) @MaxLength(200) title!: string;
  @IsString() @IsMoment() startTime!: string;
  /** Minutes. */
  @IsInt() @Min(1) @Max(1_440) duration!: number;
}

/** CRM, tickets and meetings (R002-67). */
@Injectable()
export class BusinessActions {
  constructor(
    private readonly crm: CrmClient,
    private readonly tickets: TicketsClient,
    private readonly calendar: CalendarClient,
  ) {}

  readonly createRecord: Action<CreateCrmRecordParams> = {
    ...common('create_crm_record', 'Make a record in the CRM', 'crm', CreateCrmRecordParams),
    run: async ({ type, data }, run) => plain(await this.crm.create(type, data, run)),
  };

  readonly updateRecord: Action<UpdateCrmRecordParams> = {
    ...common('update_crm_record', 'Change a record of the CRM', 'crm', UpdateCrmRecordParams),
    run: async ({ type, id, data }, run) => plain(await this.crm.update(type, id, data, run)),
  };

  readonly createTicket: Action<CreateTicketParams> = {
    ...common('create_ticket', 'Make a ticket', 'task', CreateTicketParams),
    run: async ({ title, description, priority = 3, assignee }, run) =>
      plain(await this.tickets.create({ title, description, priority, assignee }, run)),
  };

  readonly scheduleMeeting: Action<ScheduleMeetingParams> = {
    ...common('schedule_meeting', 'Put a meeting into the calendar', 'task', ScheduleMeetingParams),
    run: async ({ attendees, title, startTime, duration }, run) => {
      const startsAt = Date.parse(startTime);
      return plain(
        await this.calendar.schedule({ attendees, title, startsAt, endsAt: startsAt + duration * MINUTE_MS }, run),
      );
    },
  };
}

const common = <Params extends object>(
  type: string,
  title: string,
  kind: 'crm' | 'task',
  Params: new () => Params,
) => ({ type, title, kind, permission: 'automation.write' as const, Params, about: aboutOf(type) });

const plain = <T extends object>(outcome: Outcome<T>): EffectResult =>
  outcome.kind === 'done' ? { ...outcome, output: { ...outcome.output } as { [name: string]: Json } } : outcome;
