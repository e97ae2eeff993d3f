import { Module, type OnModuleInit } from '@nestjs/common';
import { pursuit } from '../../../machines/pursuit.js';
import { PURSUIT_EVENTS, type PursuitContext } from '../../../machines/pursuit.types.js';
import { EngineModule } from '../../engine/engine.module.js';
import { EngineService } from '../../engine/engine.service.js';
import type { Transitioned } from '../../engine/host.js';
import { IntegrationsModule } from '../../integrations/integrations.module.js';
import { Metrics } from '../../platform/metrics.js';
import { NotificationsModule } from '../../notifications/notifications.module.js';
import { PursuitChecklistController } from '../checklists/checklist.controller.js';
import { ConfigRegistry } from '../config/config.registry.js';
import { Items } from '../items.js';
import { refusalOf } from '../refusals.js';
import { SlaClocks } from '../sla/sla.clocks.js';
import { SlaModule } from '../sla/sla.module.js';
import { moverOf } from '../sla/sla.moved.js';
import { EffortController } from './effort.controller.js';
import { ProposalStore } from './proposal.store.js';
import { ProposalsController } from './proposals.controller.js';
import { PursuitDesk } from './pursuit.desk.js';
import { pursuitPayloads } from './pursuit.dto.js';
import { PursuitEffects, pursuitPolicies } from './pursuit.effects.js';
import { FORCED, followPursuit } from './pursuit.entity.js';
import { pursuitFacts } from './pursuit.facts.js';
import { PursuitOpening } from './pursuit.opening.js';
import { PursuitsController } from './pursuits.controller.js';

/** The pursuit lifecycle, joined with everything it needs. */
@Module({
  imports: [EngineModule, IntegrationsModule, NotificationsModule, SlaModule],
  controllers: [ProposalsController, PursuitsController, PursuitChecklistController, EffortController],
  providers: [ConfigRegistry, Items, ProposalStore, PursuitDesk, PursuitEffects, PursuitOpening],
  exports: [PursuitDesk, PursuitOpening],
})
export class PursuitsModule implements OnModuleInit {
  constructor(
    private readonly engine: EngineService,
    private readonly deeds: PursuitEffects,
    private readonly clocks: SlaClocks,
    private readonly metrics: Metrics,
  ) {}

  onModuleInit(): void {
    const count = this.metrics.counter(
      'statewright_workstream_gate_attempts_total',
      'Attempts to bring a pursuit through a gate, by how they ended.',
      ['gate', 'outcome'],
    );
    const refusal = refusalOf('pursuit', PURSUIT_EVENTS);
    this.engine.host({
      lifecycle: pursuit,
      payloads: pursuitPayloads,
      facts: pursuitFacts,
      effects: this.deeds.effects,
      policies: pursuitPolicies,
      onTransition: async (tx, change: Transitioned<PursuitContext>) => {
        const outcome = change.event.type === FORCED ? 'forced' : 'passed';
        for (const gate of await followPursuit(tx, change)) count({ gate, outcome });
        const { pursuitId } = change.context;
        await this.clocks.follow(tx, 'pursuit', pursuitId, moverOf('pursuit', change));
        // What a promoted candidate waits for is its pursuit's submission (R001-54); they share their number.
        await this.clocks.follow(tx, 'candidate', pursuitId, moverOf('pursuit', change));
      },
      onRefused: (explanation, context: PursuitContext) => {
        const refused = refusal(explanation, context);
        if (refused?.code === 'GATE_BLOCKED')
          count({ gate: String(refused.data.members?.['gate_type']), outcome: 'blocked' });
        return refused;
      },
    });
  }
}
