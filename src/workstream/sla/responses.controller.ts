import { Body, Controller, Get, Param, Post, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { IdempotencyKey } from '../../platform/http.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { OwnOrg } from '../own.org.js';
import { idIn } from '../workstream.dto.js';
import { READERS, WRITERS } from '../roles.js';
import { Responses } from './responses.js';
import { LogResponse, ResponseView } from './sla.dto.js';

/** What prospects answer to proposals. */
@ApiTags('workstream')
@UseGuards(OwnOrg)
@Roles(...READERS)
@Controller('api/pursuits/:pursuit_id/responses')
export class ResponsesController {
  constructor(private readonly responses: Responses) {}

  /** Answers, newest first. */
  @Get()
  @ApiProblems('NOT_FOUND')
  async list(
    @CurrentCaller() caller: Caller,
    @Param('pursuit_id') pursuitId: string,
  ): Promise<{ data: ResponseView[] }> {
    return { data: await this.responses.list(caller, idIn('pursuit_id', pursuitId)) };
  }

  /** Writes an answer down; it stops the clock that waits for one. */
  @Post()
  @Roles(...WRITERS)
  @ApiProblems('NOT_FOUND', 'IDEMPOTENCY_KEY_REUSED')
  log(
    @CurrentCaller() caller: Caller,
    @Param('pursuit_id') pursuitId: string,
    @Body() body: LogResponse,
    @IdempotencyKey() key: string | undefined,
  ): Promise<ResponseView> {
    return this.responses.log(caller, idIn('pursuit_id', pursuitId), body, key);
  }
}
