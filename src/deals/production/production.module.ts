import { Module, type OnModuleInit } from '@nestjs/common';
import { production } from '../../../machines/production.js';
import { EngineModule } from '../../engine/engine.module.js';
import { EngineService } from '../../engine/engine.service.js';
import { DeedsModule } from '../deeds.module.js';
import { Deeds } from '../deeds.js';
import { alertOf } from '../alerts.js';
import { CompaniesController } from './companies.controller.js';
import { ProductionController } from './production.controller.js';
import { productionPayloads } from './production.dto.js';
import { productionAudience, ProductionEffects, productionPolicies } from './production.effects.js';
import { followTransition, ProductionDeals } from './production.entity.js';
import { productionFacts } from './production.facts.js';

/** The production lifecycle, joined with everything it needs. */
@Module({
  imports: [EngineModule, DeedsModule],
  controllers: [ProductionController, CompaniesController],
  providers: [ProductionDeals, ProductionEffects],
})
export class ProductionModule implements OnModuleInit {
  constructor(
    private readonly engine: EngineService,
    private readonly records: ProductionEffects,
    private readonly deeds: Deeds,
  ) {}

  onModuleInit(): void {
    this.deeds.serve('production', { audience: productionAudience, draft: this.records.draft });
    this.engine.host({
      lifecycle: production,
      payloads: productionPayloads,
      facts: productionFacts,
      effects: { ...this.records.effects, ...this.deeds.effects },
      policies: productionPolicies,
      onAsked: this.deeds.onAsked,
      onTransition: followTransition,
      onQuarantine: alertOf,
    });
  }
}
