import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import { Database } from '../platform/database.js';
import { Overview } from './overview.dto.js';
import * as figures from './overview.queries.js';

/** The tenant at a glance. */
@ApiTags('admin')
@Roles('admin', 'operator', 'legal', 'service', 'viewer')
@Controller('admin/overview')
export class OverviewController {
  constructor(private readonly database: Database) {}

  /** How many instances are in which state, and how the work behind them is getting on. */
  @Get()
  read(@CurrentCaller() { tenant }: Caller): Promise<Overview> {
    return this.database.transaction(tenant, async (tx) => ({
      instances: await figures.instances(tx),
      effects: await figures.effects(tx),
      timers: await figures.timers(tx),
      messages: await figures.messages(tx),
    }));
  }
}
