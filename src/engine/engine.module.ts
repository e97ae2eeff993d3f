import { Module, type OnApplicationBootstrap } from '@nestjs/common';
import { Checkpointing } from './checkpointing.js';
import { Decisions } from './decisions.js';
import { EngineService } from './engine.service.js';
import { Finishing } from './finishing.js';
import { Foreseeing } from './foreseeing.js';
import { Forcing } from './forcing.js';
import { InboxIntake } from './inbox.intake.js';
import { Migrating } from './migrating.js';
import { InstancesController } from './instances.controller.js';
import { BusinessTime } from './optimistic/business.time.js';
import { GroupCommit } from './optimistic/group.commit.js';
import { KnownInstances } from './optimistic/known.js';
import { Optimistic } from './optimistic/optimistic.js';
import { PlanningController } from './planning.controller.js';
import { Planning } from './planning.js';
import { Proving } from './proving.js';
import { Reading } from './reading.js';
import { RecallingController } from './recalling.controller.js';
import { Recalling } from './recalling.js';
import { Registry } from './registry.js';
import { Settling } from './settling.js';
import { Starting } from './starting.js';
import { Simulation } from './simulation.js';
import { Sweeps } from './workers/sweeps.js';
import { Watching } from './watching.js';

const doors = [
  EngineService,
  Reading,
  Forcing,
  Foreseeing,
  Migrating,
  Simulation,
  Planning,
  Recalling,
  Proving,
  Checkpointing,
  Watching,
  InboxIntake,
  Settling,
  Finishing,
  Registry,
  Decisions,
  BusinessTime,
  GroupCommit,
  KnownInstances,
  Optimistic,
  Starting,
  Sweeps,
];

/** The engine: knows instances, and nothing of what they are about. */
@Module({
  controllers: [InstancesController, PlanningController, RecallingController],
  providers: doors,
  exports: doors,
})
export class EngineModule implements OnApplicationBootstrap {
  constructor(private readonly registry: Registry) {}

  /** By now every module has hosted its lifecycles. */
  onApplicationBootstrap(): Promise<void> {
    return this.registry.publish();
  }
}
