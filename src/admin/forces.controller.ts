import { Body, Controller, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import { refuse } from '../platform/errors.js';
import { IdempotencyKey } from '../platform/http.js';
import { ApiProblems } from '../platform/openapi.problems.js';
import { decodeCursor, encodeCursor } from '../platform/paging.js';
import { Reason } from './admin.dto.js';
import { AskSettings, ForceSettings } from './force.settings.dto.js';
import {
  AskForce,
  ForceApproved,
  ForceAsked,
  ForceRequestPage,
  ForceRequestQuery,
  ForceRequestView,
} from './forces.dto.js';
import { Forces } from './forces.js';

/** Forces that need two administrators. */
@ApiTags('admin')
@Roles('admin')
@Controller('admin')
export class ForcesController {
  constructor(private readonly forces: Forces) {}

  /** Asks for a force, or without states for the undoing of the last one; answers what it would do. */
  @Post('force-requests')
  @HttpCode(200)
  @ApiProblems('WF001', 'WF002', 'INSTANCE_QUARANTINED', 'REVISION_MISMATCH', 'IDEMPOTENCY_KEY_REUSED')
  ask(
    @CurrentCaller() caller: Caller,
    @Body() { instanceId, fromState, toState, runEntryEffects, ...rest }: AskForce,
    @IdempotencyKey() key: string | undefined,
  ): Promise<ForceAsked> {
    if ((fromState === undefined) !== (toState === undefined))
      throw refuse('WF006', { detail: 'Name both states, or none to undo the last force.' });
    const states = fromState === undefined || toState === undefined ? undefined : { fromState, toState };
    const isRun = runEntryEffects ?? states !== undefined;
    return this.forces.ask(caller, instanceId, { ...states, ...rest, runEntryEffects: isRun }, key);
  }

  /** Asks that fewer lifecycles, or none, need two administrators any more; whoever agrees (`…/approve`) is the second. */
  @Post('force-requests/settings')
  @HttpCode(200)
  @ApiProblems('WF002', 'IDEMPOTENCY_KEY_REUSED')
  askSettings(
    @CurrentCaller() caller: Caller,
    @Body() body: AskSettings,
    @IdempotencyKey() key: string | undefined,
  ): Promise<ForceRequestView> {
    return this.forces.askSettings(caller, body, key);
  }

  /** Newest first. */
  @Get('force-requests')
  async list(
    @CurrentCaller() caller: Caller,
    @Query() { status, limit, cursor }: ForceRequestQuery,
  ): Promise<ForceRequestPage> {
    const after = decodeCursor(cursor, { askedAt: 'time', id: 'id' });
    const data = await this.forces.list(caller, status ?? null, limit, after);
    const last = data.length === limit ? data.at(-1) : undefined;
    return { data, nextCursor: last ? encodeCursor({ askedAt: last.asked_at.toISOString(), id: last.id }) : null };
  }

  /** Agrees to what another administrator asked for; it is done at once. `ack` tells of the force. */
  @Post('force-requests/:id/approve')
  @HttpCode(200)
  @ApiProblems('NOT_FOUND', 'WF002', 'WF005', 'REVISION_MISMATCH', 'INSTANCE_QUARANTINED', 'IDEMPOTENCY_KEY_REUSED')
  approve(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body() { reason }: Reason,
    @IdempotencyKey() key: string | undefined,
  ): Promise<ForceApproved> {
    return this.forces.approve(caller, id, reason, key);
  }

  /** Says no, or takes the request back. */
  @Post('force-requests/:id/reject')
  @HttpCode(200)
  @ApiProblems('NOT_FOUND', 'WF002', 'IDEMPOTENCY_KEY_REUSED')
  reject(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body() { reason }: Reason,
    @IdempotencyKey() key: string | undefined,
  ): Promise<ForceRequestView> {
    return this.forces.reject(caller, id, reason, key);
  }

  /** Which lifecycles need two administrators. */
  @Get('settings/force')
  settings(@CurrentCaller() caller: Caller): Promise<ForceSettings> {
    return this.forces.readSettings(caller);
  }

  /** Has more lifecycles need two. That some need one only is not for one: it is asked for with `POST /admin/force-requests/settings`. */
  @Put('settings/force')
  @ApiProblems('SECOND_APPROVER_NEEDED')
  changeSettings(@CurrentCaller() caller: Caller, @Body() changes: object): Promise<ForceSettings> {
    return this.forces.changeSettings(caller, changes);
  }
}
