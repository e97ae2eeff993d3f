import { Module, type OnApplicationBootstrap } from '@nestjs/common';
import { Checkpointing } from './checkpointing.js';
import { Decisions } from './decisions.js';
import { EngineService } from './engine.service.js';
import { Forcing } from './forcing.js';
import { InboxIntake } from './inbox.intake.js';
import { InstancesController } from './instances.controller.js';
import { Proving } from './proving.js';
import { Reading } from './reading.js';
import { Registry } from './registry.js';
import { Settling } from './settling.js';
import { Simulation } from './simulation.js';
import { Watching } from './watching.js';

const doors = [
  EngineService,
  Reading,
  Forcing,
  Simulation,
  Proving,
  Checkpointing,
  Watching,
  InboxIntake,
  Settling,
  Registry,
  Decisions,
];

/** The engine: knows instances, not deals. */
@Module({ controllers: [InstancesController], providers: doors, exports: doors })
export class EngineModule implements OnApplicationBootstrap {
  constructor(private readonly registry: Registry) {}

  /** By now every module has hosted its lifecycles. */
  onApplicationBootstrap(): Promise<void> {
    return this.registry.publish();
  }
}
