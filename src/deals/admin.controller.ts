import { Body, Controller, Get, Param, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import { Database, type Tx } from '../platform/database.js';
import { refuse } from '../platform/errors.js';
import { ApiProblems } from '../platform/openapi.problems.js';
import { Settings } from '../platform/settings.js';
import { DealSettings } from './deals.settings.dto.js';
import { InvestmentSettings } from './investment/investment.settings.dto.js';
import { findCreator, findInvestor, findPitch, putCreator, putInvestor, putPitch } from './records.js';
import { CreatorView, InvestorView, PitchView, PutCreator, PutInvestor, PutPitch } from './records.dto.js';

/** The records that deals are about, kept in step by the tenant's own systems, and the settings of deals. */
@ApiTags('admin')
@Roles('admin', 'service')
@Controller('admin')
export class DealsAdminController {
  constructor(
    private readonly database: Database,
    private readonly settings: Settings,
  ) {}

  /** Stores an investor as it is now, whether known already or not. */
  @Put('investors/:id')
  putInvestor(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body() body: PutInvestor,
  ): Promise<InvestorView> {
    return this.within(caller, async (tx) => {
      await putInvestor(tx, id, body);
      return findInvestor(tx, id);
    });
  }

  /** An investor as it was stored. */
  @Get('investors/:id')
  @ApiProblems('NOT_FOUND')
  investor(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<InvestorView> {
    return this.within(caller, (tx) => findInvestor(tx, id));
  }

  /** Stores a creator as it is now, whether known already or not. */
  @Put('creators/:id')
  putCreator(@CurrentCaller() caller: Caller, @Param('id') id: string, @Body() body: PutCreator): Promise<CreatorView> {
    return this.within(caller, async (tx) => {
      await putCreator(tx, id, body);
      return findCreator(tx, id);
    });
  }

  /** A creator as it was stored. */
  @Get('creators/:id')
  @ApiProblems('NOT_FOUND')
  creator(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<CreatorView> {
    return this.within(caller, (tx) => findCreator(tx, id));
  }

  /** Stores a pitch as it is now, whether known already or not. */
  @Put('pitches/:id')
  putPitch(@CurrentCaller() caller: Caller, @Param('id') id: string, @Body() body: PutPitch): Promise<PitchView> {
    return this.within(caller, async (tx) => {
      await putPitch(tx, id, body);
      return findPitch(tx, id);
    });
  }

  /** A pitch as it was stored. */
  @Get('pitches/:id')
  @ApiProblems('NOT_FOUND')
  pitch(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<PitchView> {
    return this.within(caller, (tx) => findPitch(tx, id));
  }

  /** What the tenant has set for investments, defaults included. */
  @Get('settings/investment')
  @Roles('admin')
  settingsOf(@CurrentCaller() caller: Caller): Promise<InvestmentSettings> {
    return this.within(caller, (tx) => this.settings.read(tx, 'investment', InvestmentSettings));
  }

  /** Changes the named settings, null takes the default back. Deals keep the settings they began with (R000-101). */
  @Put('settings/investment')
  @Roles('admin')
  changeSettings(@CurrentCaller() caller: Caller, @Body() changes: object): Promise<InvestmentSettings> {
    return this.within(caller, (tx) =>
      this.settings.write(tx, 'investment', InvestmentSettings, changes, caller.userId),
    );
  }

  /** What the tenant has set for deals of every kind, defaults included. */
  @Get('settings/deals')
  @Roles('admin')
  dealSettings(@CurrentCaller() caller: Caller): Promise<DealSettings> {
    return this.within(caller, (tx) => this.settings.read(tx, 'deals', DealSettings));
  }

  /** Changes the named settings, null takes the default back. They hold from then on, for deals that have begun too (R000-99). */
  @Put('settings/deals')
  @Roles('admin')
  changeDealSettings(@CurrentCaller() caller: Caller, @Body() changes: object): Promise<DealSettings> {
    return this.within(caller, (tx) => this.settings.write(tx, 'deals', DealSettings, changes, caller.userId));
  }

  private async within<T>({ tenant }: Caller, work: (tx: Tx) => Promise<T | undefined>): Promise<T> {
    const found = await this.database.transaction(tenant, work);
    if (found === undefined) throw refuse('NOT_FOUND');
    return found;
  }
}
