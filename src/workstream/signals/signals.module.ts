import { Module, type OnModuleInit } from '@nestjs/common';
import { signal, type SignalContext } from '../../../machines/signal.js';
import { EngineModule } from '../../engine/engine.module.js';
import { EngineService } from '../../engine/engine.service.js';
import type { Transitioned } from '../../engine/host.js';
import { Items } from '../items.js';
import { JobsModule } from '../jobs/jobs.module.js';
import { SlaClocks } from '../sla/sla.clocks.js';
import { SlaModule } from '../sla/sla.module.js';
import { moverOf } from '../sla/sla.moved.js';
import { Screening } from '../spotlight/screening.js';
import { SpotlightModule } from '../spotlight/spotlight.module.js';
import { ImportController } from './import.controller.js';
import { signalPayloads } from './signal.dto.js';
import { followSignal } from './signal.entity.js';
import { SignalImports } from './signal.imports.js';
import { SignalIntake } from './signal.intake.js';
import { SignalsController } from './signals.controller.js';

/** The signal lifecycle, joined with everything it needs. */
@Module({
  imports: [EngineModule, JobsModule, SlaModule, SpotlightModule],
  controllers: [ImportController, SignalsController],
  providers: [Items, SignalImports, SignalIntake],
  exports: [SignalIntake],
})
export class SignalsModule implements OnModuleInit {
  constructor(
    private readonly engine: EngineService,
    private readonly clocks: SlaClocks,
    private readonly screening: Screening,
  ) {}

  onModuleInit(): void {
    this.engine.host({
      lifecycle: signal,
      payloads: signalPayloads,
      facts: {},
      effects: { 'workstream.screenSignal': this.screening.screen },
      // Evaluations of one spotlight come one after the other anyway.
      policies: { 'workstream.screenSignal': { attempts: 8, batch: 4 } },
      onTransition: async (tx, change: Transitioned<SignalContext>) => {
        await followSignal(tx, change);
        await this.clocks.follow(tx, 'signal', change.context.signalId, moverOf('signal', change));
      },
    });
  }
}
