import { Module, type OnModuleInit } from '@nestjs/common';
import { candidate, CANDIDATE_EVENTS, type CandidateContext } from '../../../machines/candidate.js';
import { EngineModule } from '../../engine/engine.module.js';
import { EngineService } from '../../engine/engine.service.js';
import type { Transitioned } from '../../engine/host.js';
import { ConfigRegistry } from '../config/config.registry.js';
import { Drips } from '../drips/drips.js';
import { DripsModule } from '../drips/drips.module.js';
import { Items } from '../items.js';
import { PursuitsModule } from '../pursuits/pursuits.module.js';
import { refusalOf } from '../refusals.js';
import { SlaClocks } from '../sla/sla.clocks.js';
import { SlaModule } from '../sla/sla.module.js';
import { moverOf } from '../sla/sla.moved.js';
import { CandidateDesk } from './candidate.desk.js';
import { candidatePayloads } from './candidate.dto.js';
import { CandidatesController } from './candidates.controller.js';

/** The candidate lifecycle, joined with everything it needs. */
@Module({
  imports: [DripsModule, EngineModule, PursuitsModule, SlaModule],
  controllers: [CandidatesController],
  providers: [CandidateDesk, ConfigRegistry, Items],
  exports: [CandidateDesk],
})
export class CandidatesModule implements OnModuleInit {
  constructor(
    private readonly engine: EngineService,
    private readonly desk: CandidateDesk,
    private readonly clocks: SlaClocks,
    private readonly drips: Drips,
  ) {}

  onModuleInit(): void {
    this.engine.host({
      lifecycle: candidate,
      payloads: candidatePayloads,
      facts: {},
      effects: {},
      onTransition: async (tx, change: Transitioned<CandidateContext>) => {
        // While its row is still there: drips go with it.
        await this.drips.followCandidate(tx, change);
        await this.desk.follow(tx, change);
        await this.clocks.follow(tx, 'candidate', change.context.candidateId, moverOf('candidate', change));
      },
      onRefused: refusalOf('candidate', CANDIDATE_EVENTS),
    });
  }
}
