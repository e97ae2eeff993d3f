import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import { Database } from '../platform/database.js';
import { Overview } from './overview.dto.js';
import * as figures from './overview.queries.js';

/** So long figures are good for everybody of a tenant: however many watch, they are counted once. */
const KEPT_MS = 5_000;

/** The tenant at a glance. */
@ApiTags('admin')
@Roles('admin', 'operator', 'legal', 'service', 'viewer')
@Controller('admin/overview')
export class OverviewController {
  private readonly kept = new Map<string, { until: number; figures: Promise<Overview> }>();

  constructor(private readonly database: Database) {}

  /** How many instances are in which state, and how the work behind them is getting on; at most 5 seconds old. */
  @Get()
  read(@CurrentCaller() { tenant }: Caller): Promise<Overview> {
    const now = performance.now();
    for (const [other, { until }] of this.kept) if (until <= now) this.kept.delete(other);
    const known = this.kept.get(tenant);
    if (known) return known.figures;
    const counted = this.count(tenant);
    this.kept.set(tenant, { until: now + KEPT_MS, figures: counted });
    // What has failed is not told to others.
    counted.catch(() => this.kept.delete(tenant));
    return counted;
  }

  private count(tenant: string): Promise<Overview> {
    return this.database.transaction(tenant, async (tx) => ({
      instances: await figures.instances(tx),
      effects: await figures.effects(tx),
      timers: await figures.timers(tx),
      messages: await figures.messages(tx),
    }));
  }
}
