import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Sweeps } from '../../engine/workers/sweeps.js';
import { SlaSweep } from './sla.sweep.js';

/** Looks whether it is time; that a tenant's turn comes once an hour is agreed upon in the database (R001-58). */
const LOOK_MS = 60_000;

/** Runs the sweep where workers run: at the start, because rules may have changed while nobody worked, and then for ever (R001-85). */
@Injectable()
export class SlaSchedule implements OnApplicationBootstrap {
  constructor(
    private readonly sweeps: Sweeps,
    private readonly sweep: SlaSweep,
  ) {}

  onApplicationBootstrap(): void {
    this.sweeps.every('sla-sweep', LOOK_MS, () => this.sweep.turn());
  }
}
