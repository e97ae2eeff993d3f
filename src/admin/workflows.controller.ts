import { Body, Controller, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import type { ForcePreview } from '../engine/consequences.js';
import { Forcing } from '../engine/forcing.js';
import type { Ack } from '../engine/recording.js';
import { IdempotencyKey, IfMatch } from '../platform/http.js';
import { ApiProblems } from '../platform/openapi.problems.js';
import { ForceQuery, ForceTransition, Reason } from './admin.dto.js';

/** What administrators do to single instances. Every use is audited with who and why. */
@ApiTags('admin')
@Roles('admin')
@Controller('admin/workflows')
export class AdminWorkflowsController {
  constructor(private readonly forcing: Forcing) {}

  /** Moves an instance by its own exit and entry actions, whatever the guards say; `?dryRun=true` only shows it. */
  @Post(':id/force-transition')
  @ApiProblems('WF001', 'WF002', 'INSTANCE_QUARANTINED', 'REVISION_MISMATCH', 'IDEMPOTENCY_KEY_REUSED')
  @HttpCode(200)
  force(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Query() { dryRun }: ForceQuery,
    @Body() body: ForceTransition,
    @IdempotencyKey() key: string | undefined,
    @IfMatch() revision: number | undefined,
  ): Promise<Ack | ForcePreview> {
    const request = {
      ...body,
      runEntryEffects: body.runEntryEffects ?? true,
      expectedRevision: body.expectedRevision ?? revision,
    };
    if (dryRun === 'true') return this.forcing.preview(caller, id, request);
    return this.forcing.force(caller, id, request, key);
  }

  /** Stops events, timers and effects of an instance until it is resumed. */
  @Post(':id/pause')
  @ApiProblems('WF001', 'WF002', 'IDEMPOTENCY_KEY_REUSED')
  @HttpCode(200)
  pause(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body() { reason }: Reason,
    @IdempotencyKey() key: string | undefined,
  ): Promise<Ack> {
    return this.forcing.pause(caller, id, reason, key);
  }

  /** Lets a paused instance go on; what fell due meanwhile follows at once. */
  @Post(':id/resume')
  @ApiProblems('WF001', 'WF002', 'IDEMPOTENCY_KEY_REUSED')
  @HttpCode(200)
  resume(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body() { reason }: Reason,
    @IdempotencyKey() key: string | undefined,
  ): Promise<Ack> {
    return this.forcing.resume(caller, id, reason, key);
  }

  /** Puts the dead effects of an instance back to work. */
  @Post(':id/retry')
  @ApiProblems('WF001', 'IDEMPOTENCY_KEY_REUSED')
  @HttpCode(200)
  retry(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body() { reason }: Reason,
    @IdempotencyKey() key: string | undefined,
  ): Promise<{ success: true; revived: number }> {
    return this.forcing.retry(caller, id, reason, key);
  }

  /** Undoes what an ended instance did, or tries again what could not be undone. */
  @Post(':id/compensate')
  @ApiProblems('WF001', 'WF002', 'IDEMPOTENCY_KEY_REUSED')
  @HttpCode(200)
  compensate(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body() { reason }: Reason,
    @IdempotencyKey() key: string | undefined,
  ): Promise<{ success: true; compensation: string; revived: number }> {
    return this.forcing.compensate(caller, id, reason, key);
  }
}
