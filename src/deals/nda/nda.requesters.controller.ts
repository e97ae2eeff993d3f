import { Body, Controller, Get, Param, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { Database } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { PutRequester, RequesterView } from './nda.requester.dto.js';
import { findRequester, putRequester } from './nda.requesters.js';

/** What is known of those who ask for NDAs, kept in step by the tenant's own systems. */
@ApiTags('admin')
@Roles('admin', 'service')
@Controller('admin/requesters')
export class RequestersController {
  constructor(private readonly database: Database) {}

  /** Stores a requester as he is now, whether known already or not. */
  @Put(':id')
  async put(
    @CurrentCaller() { tenant }: Caller,
    @Param('id') id: string,
    @Body() body: PutRequester,
  ): Promise<RequesterView> {
    return this.database.transaction(tenant, async (tx) => {
      await putRequester(tx, id, body);
      return found(await findRequester(tx, id));
    });
  }

  /** A requester as he was stored. */
  @Get(':id')
  @ApiProblems('NOT_FOUND')
  async find(@CurrentCaller() { tenant }: Caller, @Param('id') id: string): Promise<RequesterView> {
    return found(await this.database.transaction(tenant, (tx) => findRequester(tx, id)));
  }
}

function found<T>(record: T | undefined): T {
  if (record === undefined) throw refuse('NOT_FOUND');
  return record;
}
