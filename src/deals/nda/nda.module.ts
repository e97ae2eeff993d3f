import { Module, type OnModuleInit } from '@nestjs/common';
import { nda } from '../../../machines/nda.js';
import { EngineModule } from '../../engine/engine.module.js';
import { EngineService } from '../../engine/engine.service.js';
import { alertOf } from '../alerts.js';
import { DeedsModule } from '../deeds.module.js';
import { Deeds } from '../deeds.js';
import { NdaAdminController } from './nda.admin.controller.js';
import { NdaController } from './nda.controller.js';
import { ndaPayloads } from './nda.dto.js';
import { ndaAudience, NdaEffects, ndaPolicies } from './nda.effects.js';
import { followTransition, Ndas } from './nda.entity.js';
import { ndaFacts } from './nda.facts.js';
import { RequestersController } from './nda.requesters.controller.js';

/** The NDA lifecycle, joined with everything it needs. */
@Module({
  imports: [EngineModule, DeedsModule],
  controllers: [NdaController, NdaAdminController, RequestersController],
  providers: [NdaEffects, Ndas],
})
export class NdaModule implements OnModuleInit {
  constructor(
    private readonly engine: EngineService,
    private readonly deeds: Deeds,
    private readonly own: NdaEffects,
  ) {}

  onModuleInit(): void {
    this.deeds.serve('nda', { audience: ndaAudience, draft: this.own.draft });
    this.engine.host({
      lifecycle: nda,
      payloads: ndaPayloads,
      facts: ndaFacts,
      effects: { ...this.own.effects, ...this.deeds.effects },
      policies: ndaPolicies,
      onAsked: this.deeds.onAsked,
      onTransition: followTransition,
      onQuarantine: alertOf,
    });
  }
}
