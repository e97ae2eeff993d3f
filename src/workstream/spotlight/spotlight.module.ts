import { Module, type OnModuleInit } from '@nestjs/common';
import { spotlight } from '../../../machines/spotlight.js';
import { EngineModule } from '../../engine/engine.module.js';
import { EngineService } from '../../engine/engine.service.js';
import { JobsModule } from '../jobs/jobs.module.js';
import { ConfigRegistry } from '../config/config.registry.js';
import { Judging } from './judging.js';
import { Routing } from './routing.js';
import { Scores } from './scores.js';
import { ScoresController } from './scores.controller.js';
import { Screening } from './screening.js';
import { SpotlightComponents } from './spotlight.components.js';
import { SpotlightController } from './spotlight.controller.js';
import { SpotlightEvaluations } from './spotlight.evaluations.js';
import { SpotlightFields } from './spotlight.fields.js';
import { followSpotlight, spotlightPayloads } from './spotlight.lifecycle.js';
import { SpotlightPartsController } from './spotlight.parts.controller.js';
import { Spotlights } from './spotlights.js';

/** Ideal customers, and how well signals and candidates fit them. */
@Module({
  imports: [EngineModule, JobsModule],
  // The parts come first: `/domains` is no id of a spotlight.
  controllers: [SpotlightPartsController, SpotlightController, ScoresController],
  providers: [
    ConfigRegistry,
    Judging,
    Routing,
    Scores,
    Screening,
    SpotlightComponents,
    SpotlightEvaluations,
    SpotlightFields,
    Spotlights,
  ],
  exports: [Screening],
})
export class SpotlightModule implements OnModuleInit {
  constructor(private readonly engine: EngineService) {}

  onModuleInit(): void {
    this.engine.host({
      lifecycle: spotlight,
      payloads: spotlightPayloads,
      facts: {},
      effects: {},
      onTransition: followSpotlight,
    });
  }
}
