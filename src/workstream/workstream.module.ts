import { Module } from '@nestjs/common';
import { EngineModule } from '../engine/engine.module.js';
import { PipelineActionsModule } from './actions/pipeline.actions.module.js';
import { BoardsController } from './boards/boards.controller.js';
import { CandidatesModule } from './candidates/candidates.module.js';
import { LostReasonsController } from './catalog/lost.reasons.controller.js';
import { ProblemsController } from './catalog/problems.controller.js';
import { SolutionsController } from './catalog/solutions.controller.js';
import { ConfigController } from './config/config.controller.js';
import { ConfigRegistry } from './config/config.registry.js';
import { IdentityController } from './identity/identity.controller.js';
import { Items } from './items.js';
import { JobsModule } from './jobs/jobs.module.js';
import { LinksController } from './links/links.controller.js';
import { Orgs } from './orgs.js';
import { PursuitsModule } from './pursuits/pursuits.module.js';
import { SignalsModule } from './signals/signals.module.js';
import { SlaModule } from './sla/sla.module.js';
import { SpotlightModule } from './spotlight/spotlight.module.js';
import { TodayModule } from './today/today.module.js';

/** The pipeline: signals become candidates, candidates become pursuits. */
@Module({
  imports: [
    EngineModule,
    SignalsModule,
    CandidatesModule,
    PursuitsModule,
    JobsModule,
    SlaModule,
    SpotlightModule,
    TodayModule,
    PipelineActionsModule,
  ],
  controllers: [
    BoardsController,
    ConfigController,
    IdentityController,
    LinksController,
    LostReasonsController,
    ProblemsController,
    SolutionsController,
  ],
  providers: [ConfigRegistry, Items, Orgs],
})
export class WorkstreamModule {}
