import { Body, Controller, Get, Param, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { Database } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { Settings } from '../../platform/settings.js';
import { Wakeup } from '../../platform/wakeup.js';
import { CompanyView, PutCompany } from './companies.dto.js';
import { findCompany, storeCompany } from './companies.js';
import { ProductionSettings } from './production.settings.dto.js';

/** Production companies, kept in step by the tenant's own systems, and the settings of production deals. */
@ApiTags('admin')
@Roles('admin', 'service')
@Controller('admin')
export class CompaniesController {
  constructor(
    private readonly database: Database,
    private readonly settings: Settings,
    private readonly wakeup: Wakeup,
  ) {}

  /** Stores a company as it is now, whether known already or not. A company that qualifies now is offered what is free and it waits for. */
  @Put('companies/:id')
  async putCompany(
    @CurrentCaller() { tenant }: Caller,
    @Param('id') id: string,
    @Body() body: PutCompany,
  ): Promise<CompanyView> {
    return this.database.transaction(tenant, async (tx) => {
      if ((await storeCompany(tx, id, body)) > 0) tx.afterCommit(() => this.wakeup.wake('outbox'));
      return { id, ...body };
    });
  }

  /** A company as it was stored. */
  @Get('companies/:id')
  @ApiProblems('NOT_FOUND')
  async company(@CurrentCaller() { tenant }: Caller, @Param('id') id: string): Promise<CompanyView> {
    const company = await this.database.transaction(tenant, (tx) => findCompany(tx, id));
    if (!company) throw refuse('NOT_FOUND');
    return company;
  }

  /** What the tenant has set for production deals, defaults included. */
  @Get('settings/production')
  @Roles('admin')
  settingsOf(@CurrentCaller() { tenant }: Caller): Promise<ProductionSettings> {
    return this.database.transaction(tenant, (tx) => this.settings.read(tx, 'production', ProductionSettings));
  }

  /** Changes the named settings, null takes the default back. Deals keep the settings they began with (R000-101). */
  @Put('settings/production')
  @Roles('admin')
  changeSettings(@CurrentCaller() { tenant, userId }: Caller, @Body() changes: object): Promise<ProductionSettings> {
    return this.database.transaction(tenant, (tx) =>
      this.settings.write(tx, 'production', ProductionSettings, changes, userId),
    );
  }
}
