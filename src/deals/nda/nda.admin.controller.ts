import { Body, Controller, Get, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { Database } from '../../platform/database.js';
import { Settings } from '../../platform/settings.js';
import { PutScorecard, ScorecardVersions, ScorecardView } from './nda.scorecard.dto.js';
import { allScorecards, currentScorecard, putScorecard } from './nda.scorecards.js';
import { NdaSettings } from './nda.settings.dto.js';

/** What a tenant sets for its NDAs. An NDA keeps the settings and the scorecard it began with (R000-71, R000-101). */
@ApiTags('admin')
@Roles('admin')
@Controller('admin/settings')
export class NdaAdminController {
  constructor(
    private readonly database: Database,
    private readonly settings: Settings,
  ) {}

  /** What the tenant has set for NDAs, defaults included. */
  @Get('nda')
  settingsOf(@CurrentCaller() { tenant }: Caller): Promise<NdaSettings> {
    return this.database.transaction(tenant, (tx) => this.settings.read(tx, 'nda', NdaSettings));
  }

  /** Changes the named settings, null takes the default back. */
  @Put('nda')
  changeSettings(@CurrentCaller() { tenant, userId }: Caller, @Body() changes: object): Promise<NdaSettings> {
    return this.database.transaction(tenant, (tx) => this.settings.write(tx, 'nda', NdaSettings, changes, userId));
  }

  /** The scorecard by which NDAs that begin now are assessed. */
  @Get('nda-scorecard')
  @Roles('admin', 'legal')
  scorecard(@CurrentCaller() { tenant }: Caller): Promise<ScorecardView> {
    return this.database.transaction(tenant, (tx) => currentScorecard(tx));
  }

  /** Every scorecard so far, for NDAs name the version they were assessed by. */
  @Get('nda-scorecard/versions')
  @Roles('admin', 'legal')
  async scorecards(@CurrentCaller() { tenant }: Caller): Promise<ScorecardVersions> {
    return { data: await this.database.transaction(tenant, (tx) => allScorecards(tx)) };
  }

  /** Sets a scorecard, under a version of its own. What is left out is as in the house's own. */
  @Put('nda-scorecard')
  putScorecard(@CurrentCaller() { tenant, userId }: Caller, @Body() body: PutScorecard): Promise<ScorecardView> {
    return this.database.transaction(tenant, (tx) => putScorecard(tx, body, userId));
  }
}
