import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Sweeps } from '../../engine/workers/sweeps.js';
import { Reconciliation } from './reconciliation.js';

/** Looks whether it is time; how often a provider is really asked is agreed upon in the database. */
const LOOK_MS = 60_000;

/** Runs the reconciliation where workers run: at the start, because messages get lost while nobody listens, and then for ever. */
@Injectable()
export class ReconciliationSchedule implements OnApplicationBootstrap {
  constructor(
    private readonly sweeps: Sweeps,
    private readonly reconciliation: Reconciliation,
  ) {}

  onApplicationBootstrap(): void {
    this.sweeps.every('reconciliation', LOOK_MS, async () => {
      await this.reconciliation.turn();
      return false;
    });
  }
}
