import { Body, Controller, Get, Post, Query, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { Database } from '../../platform/database.js';
import { IdempotencyKey } from '../../platform/http.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { once } from '../once.js';
import { checkOrg } from '../orgs.js';
import { OwnOrg } from '../own.org.js';
import { ConfigEntry, ConfigList, ConfigQuery, WriteConfig } from './config.dto.js';
import { ConfigRegistry } from './config.registry.js';

/** Tables of moves, checklists and rules of a tenant, each valid from a moment on (R001-17, R001-53). */
@ApiTags('workstream')
@UseGuards(OwnOrg)
@Controller('api/workstream/config')
export class ConfigController {
  constructor(
    private readonly database: Database,
    private readonly registry: ConfigRegistry,
  ) {}

  /** What is in force, the product's own values included. */
  @Get()
  @Roles('admin', 'operator', 'sales', 'service', 'legal', 'viewer')
  list(@CurrentCaller() { tenant }: Caller, @Query() query: ConfigQuery): Promise<ConfigList> {
    return this.database.transaction(tenant, async (tx) => {
      await checkOrg(tx, query.org_id);
      return { data: await this.registry.list(tx, query) };
    });
  }

  /** Adds a value. Candidates and pursuits that are under way keep what they began with. */
  @Post()
  @Roles('admin')
  @ApiProblems('IDEMPOTENCY_KEY_REUSED')
  write(
    @CurrentCaller() caller: Caller,
    @Body() request: WriteConfig,
    @IdempotencyKey() key: string | undefined,
  ): Promise<ConfigEntry> {
    return this.database.transaction(caller.tenant, async (tx) => {
      await checkOrg(tx, request.org_id);
      return once(tx, caller, { scope: 'config', key, request }, () => this.registry.write(tx, caller.userId, request));
    });
  }
}
