import { Body, Controller, Get, HttpCode, Param, Post, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { IdempotencyKey } from '../../platform/http.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { OwnOrg } from '../own.org.js';
import { READERS, WRITERS } from '../roles.js';
import { idIn } from '../workstream.dto.js';
import { DripList, DripReason, DripTemplateList, DripView, StartDrip } from './drip.dto.js';
import { DRIP_TEMPLATES, purposeOf } from './drip.letters.js';
import { Drips } from './drips.js';

/** Letters to candidates that are not ready yet (R001-13). */
@ApiTags('workstream')
@UseGuards(OwnOrg)
@Roles(...WRITERS)
@Controller('api')
export class DripsController {
  constructor(private readonly drips: Drips) {}

  /** The kinds of letters there are. */
  @Get('workstream/drip-templates')
  @Roles(...READERS)
  templates(): DripTemplateList {
    return { data: DRIP_TEMPLATES.map((template_id) => ({ template_id, description: purposeOf(template_id) })) };
  }

  /** Begins to write to a candidate's contact, every so many days, until it is promoted or put away. */
  @Post('candidates/:candidate_id/drips')
  @ApiProblems('NOT_FOUND', 'WF002', 'WF007', 'IDEMPOTENCY_KEY_REUSED')
  start(
    @CurrentCaller() caller: Caller,
    @Param('candidate_id') id: string,
    @Body() body: StartDrip,
    @IdempotencyKey() key: string | undefined,
  ): Promise<DripView> {
    return this.drips.start(caller, idIn('candidate_id', id), body, key);
  }

  /** The drips of a candidate, newest first. */
  @Get('candidates/:candidate_id/drips')
  @Roles(...READERS)
  @ApiProblems('NOT_FOUND')
  async list(@CurrentCaller() caller: Caller, @Param('candidate_id') id: string): Promise<DripList> {
    return { data: await this.drips.list(caller, idIn('candidate_id', id)) };
  }

  /** One drip, and how far it is. */
  @Get('candidates/:candidate_id/drips/:drip_id')
  @Roles(...READERS)
  @ApiProblems('NOT_FOUND')
  read(
    @CurrentCaller() caller: Caller,
    @Param('candidate_id') id: string,
    @Param('drip_id') dripId: string,
  ): Promise<DripView> {
    return this.drips.read(caller, idIn('candidate_id', id), idIn('drip_id', dripId));
  }

  /** Sends no letters until it is resumed. */
  @Post('candidates/:candidate_id/drips/:drip_id/pause')
  @HttpCode(200)
  @ApiProblems('NOT_FOUND', 'WF002')
  pause(
    @CurrentCaller() caller: Caller,
    @Param('candidate_id') id: string,
    @Param('drip_id') dripId: string,
    @Body() payload: DripReason,
    @IdempotencyKey() key: string | undefined,
  ): Promise<DripView> {
    const event = { type: 'drip.pause' as const, payload };
    return this.drips.steer(caller, idIn('candidate_id', id), idIn('drip_id', dripId), event, key);
  }

  /** Goes on; a letter that fell due meanwhile is sent at once. */
  @Post('candidates/:candidate_id/drips/:drip_id/resume')
  @HttpCode(200)
  @ApiProblems('NOT_FOUND', 'WF002')
  resume(
    @CurrentCaller() caller: Caller,
    @Param('candidate_id') id: string,
    @Param('drip_id') dripId: string,
    @IdempotencyKey() key: string | undefined,
  ): Promise<DripView> {
    const event = { type: 'drip.resume' as const };
    return this.drips.steer(caller, idIn('candidate_id', id), idIn('drip_id', dripId), event, key);
  }

  /** Ends it for good. */
  @Post('candidates/:candidate_id/drips/:drip_id/stop')
  @HttpCode(200)
  @ApiProblems('NOT_FOUND', 'WF002')
  stop(
    @CurrentCaller() caller: Caller,
    @Param('candidate_id') id: string,
    @Param('drip_id') dripId: string,
    @Body() payload: DripReason,
    @IdempotencyKey() key: string | undefined,
  ): Promise<DripView> {
    const event = { type: 'drip.stop' as const, payload };
    return this.drips.steer(caller, idIn('candidate_id', id), idIn('drip_id', dripId), event, key);
  }
}
