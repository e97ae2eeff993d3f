import { createHash } from 'node:crypto';
import { Body, Controller, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import type { Ack } from '../engine/decisions.js';
import { Forcing, type ForcePreview } from '../engine/forcing.js';
import { IdempotencyKey, IfMatch } from '../platform/http.js';
import { ForceQuery, ForceTransition, Reason } from './admin.dto.js';

/** What administrators do to single instances. Every use is audited with who and why. */
@ApiTags('admin')
@Roles('admin')
@Controller('admin/workflows')
export class AdminWorkflowsController {
  constructor(private readonly forcing: Forcing) {}

  /** Moves an instance by its own exit and entry actions, whatever the guards say; `?dryRun=true` only shows it. */
  @Post(':id/force-transition')
  @HttpCode(200)
  force(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Query() { dryRun }: ForceQuery,
    @Body() body: ForceTransition,
    @IdempotencyKey() key: string | undefined,
    @IfMatch() revision: number | undefined,
  ): Promise<Ack | ForcePreview> {
    const request = { ...body, runEntryEffects: body.runEntryEffects ?? true, expectedRevision: body.expectedRevision ?? revision };
    if (dryRun === 'true') return this.forcing.preview(caller, id, request);
    const hash = createHash('sha256').update(JSON.stringify({ force: body })).digest('hex');
    return this.forcing.force(caller, id, request, key === undefined ? undefined : { key, scope: id, hash });
  }

  @Post(':id/pause')
  @HttpCode(200)
  pause(@CurrentCaller() caller: Caller, @Param('id') id: string, @Body() { reason }: Reason): Promise<Ack> {
    return this.forcing.pause(caller, id, reason);
  }

  @Post(':id/resume')
  @HttpCode(200)
  resume(@CurrentCaller() caller: Caller, @Param('id') id: string, @Body() { reason }: Reason): Promise<Ack> {
    return this.forcing.resume(caller, id, reason);
  }

  /** Puts the dead effects of an instance back to work. */
  @Post(':id/retry')
  @HttpCode(200)
  retry(@CurrentCaller() caller: Caller, @Param('id') id: string, @Body() { reason }: Reason): Promise<{ success: true; revived: number }> {
    return this.forcing.retry(caller, id, reason);
  }

  /** Undoes what an ended instance did, or tries again what could not be undone. */
  @Post(':id/compensate')
  @HttpCode(200)
  compensate(@CurrentCaller() caller: Caller, @Param('id') id: string, @Body() { reason }: Reason) {
    return this.forcing.compensate(caller, id, reason);
  }
}
