import { Module, type OnModuleInit } from '@nestjs/common';
import { investment } from '../../../machines/investment.js';
import { EngineModule } from '../../engine/engine.module.js';
import { EngineService } from '../../engine/engine.service.js';
import { IntegrationsModule } from '../../integrations/integrations.module.js';
import { alertOf } from '../alerts.js';
import { DeedsModule } from '../deeds.module.js';
import { Deeds } from '../deeds.js';
import { InvestmentController } from './investment.controller.js';
import { investmentPayloads } from './investment.dto.js';
import { investmentAudience, InvestmentEffects, investmentPolicies } from './investment.effects.js';
import { followTransition, InvestmentDeals } from './investment.entity.js';
import { investmentFacts } from './investment.facts.js';
import { InvestmentMoney } from './investment.money.js';
import { InvestmentReconcile } from './investment.reconcile.js';
import { InvestmentSignatures } from './investment.signatures.js';

/** The investment lifecycle, joined with everything it needs. */
@Module({
  imports: [EngineModule, IntegrationsModule, DeedsModule],
  controllers: [InvestmentController],
  providers: [InvestmentDeals, InvestmentEffects, InvestmentMoney, InvestmentReconcile, InvestmentSignatures],
})
export class InvestmentModule implements OnModuleInit {
  constructor(
    private readonly engine: EngineService,
    private readonly records: InvestmentEffects,
    private readonly money: InvestmentMoney,
    private readonly deeds: Deeds,
    private readonly signatures: InvestmentSignatures,
  ) {}

  onModuleInit(): void {
    this.deeds.serve('investment', { audience: investmentAudience, draft: this.signatures.draft });
    this.engine.host({
      lifecycle: investment,
      payloads: investmentPayloads,
      facts: investmentFacts,
      effects: { ...this.records.effects, ...this.money.effects, ...this.deeds.effects },
      policies: investmentPolicies,
      onAsked: this.deeds.onAsked,
      onTransition: followTransition,
      onQuarantine: alertOf,
    });
  }
}
