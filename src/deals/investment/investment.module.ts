import { Module, type OnModuleInit } from '@nestjs/common';
import { investment } from '../../../machines/investment.js';
import { EngineModule } from '../../engine/engine.module.js';
import { EngineService } from '../../engine/engine.service.js';
import { IntegrationsModule } from '../../integrations/integrations.module.js';
import { NotificationsModule } from '../../notifications/notifications.module.js';
import { Documents } from '../documents.js';
import { alertOf } from './investment.alerts.js';
import { InvestmentController } from './investment.controller.js';
import { InvestmentDocumentsController } from './investment.documents.controller.js';
import { investmentPayloads } from './investment.dto.js';
import { InvestmentEffects, investmentPolicies } from './investment.effects.js';
import { followTransition, InvestmentDeals } from './investment.entity.js';
import { investmentFacts } from './investment.facts.js';
import { InvestmentMoney } from './investment.money.js';
import { InvestmentReconcile } from './investment.reconcile.js';
import { InvestmentSignatures } from './investment.signatures.js';

/** The investment lifecycle, joined with everything it needs. */
@Module({
  imports: [EngineModule, IntegrationsModule, NotificationsModule],
  controllers: [InvestmentController, InvestmentDocumentsController],
  providers: [
    Documents,
    InvestmentDeals,
    InvestmentEffects,
    InvestmentMoney,
    InvestmentReconcile,
    InvestmentSignatures,
  ],
})
export class InvestmentModule implements OnModuleInit {
  constructor(
    private readonly engine: EngineService,
    private readonly records: InvestmentEffects,
    private readonly money: InvestmentMoney,
    private readonly signatures: InvestmentSignatures,
  ) {}

  onModuleInit(): void {
    this.engine.host({
      lifecycle: investment,
      payloads: investmentPayloads,
      facts: investmentFacts,
      effects: { ...this.records.effects, ...this.money.effects, ...this.signatures.effects },
      policies: investmentPolicies,
      onTransition: followTransition,
      onQuarantine: alertOf,
    });
  }
}
