import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { Database } from '../../platform/database.js';
import { paged, Paged, succeeded } from '../envelope.js';
import { READERS } from '../roles.js';
import { AccountAnswer, UsagePage } from './account.dto.js';
import { accountOf, listReports } from './accounts.store.js';

/** One's own account. Its limits are written by whoever runs the service. */
@ApiTags('workflows')
@Roles(...READERS)
@Controller('api/automation/account')
export class AccountController {
  constructor(private readonly database: Database) {}

  /** What the account may have, and what it has used this month. */
  @Get()
  async read(@CurrentCaller() { tenant }: Caller): Promise<AccountAnswer> {
    return succeeded(await this.database.transaction(tenant, accountOf));
  }

  /** What it has used in the months before, the newest first. */
  @Get('usage')
  async usage(@CurrentCaller() { tenant }: Caller, @Query() query: Paged): Promise<UsagePage> {
    return paged(query, await this.database.transaction(tenant, (tx) => listReports(tx, query.page, query.limit)));
  }
}
