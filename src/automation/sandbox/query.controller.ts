import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { succeeded } from '../envelope.js';
import { READERS } from '../roles.js';
import { ownAccount } from './account.js';
import { AskQuery, QueryAnswer } from './query.dto.js';
import { Sandbox } from './sandbox.js';

/** Questions about delivered events, in SQL (R002-19). */
@ApiTags('events')
@Roles(...READERS)
@Controller('api/events/query')
export class QueryController {
  constructor(private readonly sandbox: Sandbox) {}

  /** Asks one SELECT over the view `events`: 5 seconds, 1,000 rows, 1 MB. */
  @Post()
  @HttpCode(200)
  @ApiProblems('QUERY_ERROR', 'NOT_FOUND')
  async ask(@CurrentCaller() { tenant }: Caller, @Body() { query, accountId }: AskQuery): Promise<QueryAnswer> {
    ownAccount(tenant, accountId);
    return succeeded(await this.sandbox.ask(tenant, query));
  }
}
