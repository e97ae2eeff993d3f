import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import { Dashboard } from './deals.dashboard.dto.js';
import { DealDashboard } from './deals.dashboard.js';

/** How the deals of the tenant are going. */
@ApiTags('admin')
@Roles('admin', 'operator', 'viewer')
@Controller('admin/deals')
export class DealDashboardController {
  constructor(private readonly dashboard: DealDashboard) {}

  /** Totals, throughput, durations, funnels, and what should worry somebody (R000-96). */
  @Get('dashboard')
  read(@CurrentCaller() { tenant }: Caller): Promise<Dashboard> {
    return this.dashboard.read(tenant);
  }
}
