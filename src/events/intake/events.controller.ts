import { Body, Controller, HttpCode, Post, Query, UseInterceptors } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { IdempotencyKey } from '../../platform/http.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { Timing } from '../metrics/timing.js';
import { WRITERS } from '../roles.js';
import { BatchAccepted, EventAccepted, SubmitBatch, SubmitEvent, SubmitQuery } from './event.dto.js';
import { Intake } from './intake.js';

/** The way in for events: what is answered with 200 is written down, and ends delivered or with the dead letters (R003-1). */
@ApiTags('events')
@Roles(...WRITERS)
@UseInterceptors(Timing)
@Controller('api/events')
export class PipelineController {
  constructor(private readonly intake: Intake) {}

  /** Takes one event in (R003-40). */
  @Post()
  @HttpCode(200)
  @ApiProblems(
    'MISSING_PAYLOAD_FIELD',
    'INVALID_PAYLOAD',
    'INVALID_METADATA_TYPE',
    'INVALID_PARAMETER',
    'SANDBOX_ONLY',
    'PAYLOAD_TOO_LARGE',
    'IDEMPOTENCY_KEY_REUSED',
    'PROCESSING_ERROR',
    'QUOTA_EXCEEDED',
  )
  submit(
    @CurrentCaller() caller: Caller,
    @Body() body: SubmitEvent,
    @Query() { debug }: SubmitQuery,
    @IdempotencyKey() key: string | undefined,
  ): Promise<EventAccepted> {
    return this.intake.submit(caller, body, debug, key);
  }

  /** Takes up to 100 messages in. Each stands for itself: a bad one holds up no other, and goes to the dead letters when it can be named. */
  @Post('batch')
  @HttpCode(200)
  @ApiProblems('PAYLOAD_TOO_LARGE', 'QUOTA_EXCEEDED')
  submitAll(@CurrentCaller() caller: Caller, @Body() { events }: SubmitBatch): Promise<BatchAccepted> {
    return this.intake.submitAll(caller, events);
  }
}
