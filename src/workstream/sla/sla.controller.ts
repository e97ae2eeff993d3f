import { Body, Controller, Get, HttpCode, Param, Post, Put, Query, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { IdempotencyKey } from '../../platform/http.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { JobStarted } from '../jobs/jobs.dto.js';
import { OwnOrg } from '../own.org.js';
import { idIn, OfOrg } from '../workstream.dto.js';
import { READERS } from '../roles.js';
import { CalendarSettings } from './calendar.settings.dto.js';
import {
  BreachList,
  ClockList,
  ClockView,
  Compliance,
  ComplianceQuery,
  ListBreaches,
  ListClocks,
  PauseClock,
} from './sla.dto.js';
import { SlaQueries } from './sla.queries.js';
import { SlaSteering } from './sla.steering.js';

/** Clocks, breaches, and how well promises are kept. */
@ApiTags('workstream')
@UseGuards(OwnOrg)
@Roles(...READERS)
@Controller('api/sla')
export class SlaController {
  constructor(
    private readonly queries: SlaQueries,
    private readonly steering: SlaSteering,
  ) {}

  /** Breaches, newest first (R001-15). */
  @Get('breaches')
  @ApiProblems('WF005')
  breaches(@CurrentCaller() caller: Caller, @Query() query: ListBreaches): Promise<BreachList> {
    return this.queries.breaches(caller, query);
  }

  /** Clocks, the next to fall due first. */
  @Get('clocks')
  @ApiProblems('WF005')
  clocks(@CurrentCaller() caller: Caller, @Query() query: ListClocks): Promise<ClockList> {
    return this.queries.clocks(caller, query);
  }

  /** One clock. */
  @Get('clocks/:clock_id')
  @ApiProblems('NOT_FOUND')
  clock(@CurrentCaller() caller: Caller, @Param('clock_id') clockId: string): Promise<ClockView> {
    return this.queries.clock(caller, idIn('clock_id', clockId));
  }

  /** Stops a clock: somebody else has to answer first. */
  @Post('clocks/:clock_id/pause')
  @HttpCode(200)
  @Roles('admin', 'operator', 'sales')
  @ApiProblems('NOT_FOUND', 'WF002')
  pause(
    @CurrentCaller() caller: Caller,
    @Param('clock_id') clockId: string,
    @Body() { reason }: PauseClock,
    @IdempotencyKey() key: string | undefined,
  ): Promise<ClockView> {
    return this.steering.send(caller, idIn('clock_id', clockId), { type: 'sla.paused', payload: { reason } }, key);
  }

  /** Lets a clock go on with the time that was left. */
  @Post('clocks/:clock_id/resume')
  @HttpCode(200)
  @Roles('admin', 'operator', 'sales')
  @ApiProblems('NOT_FOUND', 'WF002')
  resume(
    @CurrentCaller() caller: Caller,
    @Param('clock_id') clockId: string,
    @IdempotencyKey() key: string | undefined,
  ): Promise<ClockView> {
    return this.steering.send(caller, idIn('clock_id', clockId), { type: 'sla.resumed' }, key);
  }

  /** How many promises that fell due in a time were kept, by rule (R001-83). */
  @Get('compliance')
  @ApiProblems('WF005')
  compliance(@CurrentCaller() caller: Caller, @Query() query: ComplianceQuery): Promise<Compliance> {
    return this.queries.compliance(caller, query);
  }

  /** Working hours, holidays and time zone. */
  @Get('calendar')
  calendar(@CurrentCaller() caller: Caller): Promise<CalendarSettings> {
    return this.steering.calendar(caller);
  }

  /** Changes the named settings, null takes the default back. Clocks that count business time follow by a job. */
  @Put('calendar')
  @Roles('admin')
  changeCalendar(@CurrentCaller() caller: Caller, @Body() changes: object): Promise<CalendarSettings> {
    return this.steering.changeCalendar(caller, changes);
  }

  /** Looks every clock over now instead of within the hour (R001-58). */
  @Post('reconcile')
  @HttpCode(202)
  @Roles('admin', 'operator')
  reconcile(
    @CurrentCaller() caller: Caller,
    @Body() _body: OfOrg,
    @IdempotencyKey() key: string | undefined,
  ): Promise<JobStarted> {
    return this.steering.reconcile(caller, key);
  }
}
