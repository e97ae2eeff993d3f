import { Controller, Get, Query, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { OwnOrg } from '../own.org.js';
import { READERS } from '../roles.js';
import { NumberedPage, OfOrg } from '../workstream.dto.js';
import { FigureQueries } from './figures.queries.js';
import {
  CommsLags,
  Funnel,
  GateReport,
  LeadPerformances,
  SlaSummaries,
  Stats,
  TodayPage,
  TodayQuery,
  WorkloadPage,
} from './today.dto.js';
import { TodayQueries } from './today.queries.js';

/** The pipeline at a glance (R001-44 to R001-53). */
@ApiTags('workstream')
@UseGuards(OwnOrg)
@Roles(...READERS)
@Controller('api/workstream')
export class TodayController {
  constructor(
    private readonly queries: TodayQueries,
    private readonly figures: FigureQueries,
  ) {}

  /** How much there is, and how much came in the last seven days. */
  @Get('stats')
  @ApiProblems('WF005')
  stats(@CurrentCaller() caller: Caller, @Query() query: OfOrg): Promise<Stats> {
    return this.queries.stats(caller, query);
  }

  /** Open candidates and pursuits, what matters most first. */
  @Get('today')
  @ApiProblems('WF005')
  today(@CurrentCaller() caller: Caller, @Query() query: TodayQuery): Promise<TodayPage> {
    return this.queries.today(caller, query);
  }

  /** How much everybody has to do, the busiest first. */
  @Get('workload-analysis')
  @ApiProblems('WF005')
  workload(@CurrentCaller() caller: Caller, @Query() query: NumberedPage): Promise<WorkloadPage> {
    return this.figures.workload(caller, query);
  }

  /** Items by state, and how many go on. */
  @Get('funnel')
  @ApiProblems('WF005')
  funnel(@CurrentCaller() caller: Caller, @Query() { org_id }: OfOrg): Promise<Funnel> {
    return this.figures.funnel(caller, org_id);
  }

  /** How many pursuits come through each gate. */
  @Get('gates')
  @ApiProblems('WF005')
  async gates(@CurrentCaller() caller: Caller, @Query() { org_id }: OfOrg): Promise<GateReport> {
    return { data: await this.figures.gates(caller, org_id) };
  }

  /** Promises kept and broken so far, by metric. */
  @Get('sla-summary')
  @ApiProblems('WF005')
  async slaSummary(@CurrentCaller() caller: Caller, @Query() { org_id }: OfOrg): Promise<SlaSummaries> {
    return { data: await this.figures.slaSummary(caller, org_id) };
  }

  /** What each lead has won and lost. */
  @Get('pursuit-performance')
  @ApiProblems('WF005')
  async performance(@CurrentCaller() caller: Caller, @Query() { org_id }: OfOrg): Promise<LeadPerformances> {
    return { data: await this.figures.performance(caller, org_id) };
  }

  /** How long open items have not been touched. */
  @Get('comms-lag')
  @ApiProblems('WF005')
  async commsLag(@CurrentCaller() caller: Caller, @Query() { org_id }: OfOrg): Promise<CommsLags> {
    return { data: await this.figures.commsLag(caller, org_id) };
  }
}
