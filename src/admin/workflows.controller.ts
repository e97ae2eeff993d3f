import { Body, Controller, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import { Roles } from '../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import { Forcing } from '../engine/forcing.js';
import { Acknowledged } from '../engine/instances.answers.dto.js';
import { IdempotencyKey, IfMatch } from '../platform/http.js';
import { ApiProblems } from '../platform/openapi.problems.js';
import { ForceQuery, ForceTransition, Reason } from './admin.dto.js';
import { CompensationStarted, ForcedAnswer, ForcePreviewAnswer, RevivedAnswer } from './answers.dto.js';
import { UndoForce } from './forces.dto.js';
import { Forces } from './forces.js';

/** What administrators do to single instances. Every use is audited with who and why. */
@ApiTags('admin')
@Roles('admin')
@Controller('admin/workflows')
export class AdminWorkflowsController {
  constructor(
    private readonly forcing: Forcing,
    private readonly forces: Forces,
  ) {}

  /** Moves an instance by its own exit and entry actions, whatever the guards say; `?dryRun=true` only shows it. */
  @Post(':id/force-transition')
  @ApiProblems(
    'WF001',
    'WF002',
    'SECOND_APPROVER_NEEDED',
    'INSTANCE_QUARANTINED',
    'REVISION_MISMATCH',
    'IDEMPOTENCY_KEY_REUSED',
  )
  @HttpCode(200)
  @ApiExtraModels(ForcedAnswer, ForcePreviewAnswer)
  @ApiOkResponse({
    schema: { oneOf: [{ $ref: getSchemaPath(ForcedAnswer) }, { $ref: getSchemaPath(ForcePreviewAnswer) }] },
  })
  force(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Query() { dryRun }: ForceQuery,
    @Body() body: ForceTransition,
    @IdempotencyKey() key: string | undefined,
    @IfMatch() revision: number | undefined,
  ): Promise<ForcedAnswer | ForcePreviewAnswer> {
    const request = forceOf(body, revision);
    if (dryRun === 'true') return this.forces.preview(caller, id, request);
    return this.forces.force(caller, id, request, key);
  }

  /** What a force would pass over, break, end, begin and leave behind; nothing is written. */
  @Post(':id/force-transition/preview')
  @ApiProblems('WF001', 'WF002', 'INSTANCE_QUARANTINED', 'REVISION_MISMATCH')
  @HttpCode(200)
  preview(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body() body: ForceTransition,
    @IfMatch() revision: number | undefined,
  ): Promise<ForcePreviewAnswer> {
    return this.forces.preview(caller, id, forceOf(body, revision));
  }

  /** Takes the last force back by another one, as long as nothing has happened since. What it did in the world stays done. */
  @Post(':id/force-transition/undo')
  @ApiProblems(
    'WF001',
    'WF002',
    'SECOND_APPROVER_NEEDED',
    'INSTANCE_QUARANTINED',
    'REVISION_MISMATCH',
    'IDEMPOTENCY_KEY_REUSED',
  )
  @HttpCode(200)
  undoForce(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body() { reason, runEntryEffects = false, expectedRevision }: UndoForce,
    @IdempotencyKey() key: string | undefined,
    @IfMatch() revision: number | undefined,
  ): Promise<ForcedAnswer> {
    const asked = { reason, runEntryEffects, expectedRevision: expectedRevision ?? revision };
    return this.forces.force(caller, id, asked, key);
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
  ): Promise<Acknowledged> {
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
  ): Promise<Acknowledged> {
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
  ): Promise<RevivedAnswer> {
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
  ): Promise<CompensationStarted> {
    return this.forcing.compensate(caller, id, reason, key);
  }
}

const forceOf = ({ runEntryEffects = true, expectedRevision, ...body }: ForceTransition, revision?: number) => ({
  ...body,
  runEntryEffects,
  expectedRevision: expectedRevision ?? revision,
});
