import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Sweeps } from '../../engine/workers/sweeps.js';
import { Database } from '../../platform/database.js';
import { reportMonths } from './accounts.store.js';

const LOOK_MS = 600_000;

/** Writes the report of each account once a month is over (R002-77). */
@Injectable()
export class UsageReports implements OnApplicationBootstrap {
  constructor(
    private readonly database: Database,
    private readonly sweeps: Sweeps,
  ) {}

  onApplicationBootstrap(): void {
    this.sweeps.every('usage-reports', LOOK_MS, () => this.turn());
  }

  /** Reports everything there is to report. */
  async turn(): Promise<boolean> {
    await this.database.system(reportMonths);
    return false;
  }
}
