import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import { Incidents } from './incidents.js';
import { IncidentPage, ListIncidents } from './incidents.dto.js';

/** What went wrong with deals beside their lifecycle. */
@ApiTags('admin')
@Roles('admin', 'operator', 'legal')
@Controller('admin/incidents')
export class IncidentsController {
  constructor(private readonly incidents: Incidents) {}

  /** Disputes of payments, newest first; they stay open until the provider has closed them. */
  @Get()
  list(@CurrentCaller() { tenant }: Caller, @Query() query: ListIncidents): Promise<IncidentPage> {
    return this.incidents.list(tenant, query);
  }
}
