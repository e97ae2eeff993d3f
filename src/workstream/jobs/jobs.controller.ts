import { Controller, Get, HttpCode, Param, Post, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { IdempotencyKey } from '../../platform/http.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { OwnOrg } from '../own.org.js';
import { READERS, WRITERS } from '../roles.js';
import { JobView } from './jobs.dto.js';
import { Jobs } from './jobs.js';

/** Jobs of the pipeline that take longer than a request. */
@ApiTags('workstream')
@UseGuards(OwnOrg)
@Roles(...READERS)
@Controller('api/workstream/jobs')
export class JobsController {
  constructor(private readonly jobs: Jobs) {}

  /** How far a job is. */
  @Get(':job_id')
  @ApiProblems('WF001')
  view(@CurrentCaller() caller: Caller, @Param('job_id') id: string): Promise<JobView> {
    return this.jobs.view(caller, id);
  }

  /** Stops a job after the chunk under way; what is done stays done. */
  @Post(':job_id/cancel')
  @HttpCode(200)
  @Roles(...WRITERS)
  @ApiProblems('WF001', 'WF002', 'WF005')
  cancel(
    @CurrentCaller() caller: Caller,
    @Param('job_id') id: string,
    @IdempotencyKey() key: string | undefined,
  ): Promise<JobView> {
    return this.jobs.cancel(caller, id, key);
  }
}
