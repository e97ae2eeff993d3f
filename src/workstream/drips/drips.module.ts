import { Module, type OnModuleInit } from '@nestjs/common';
import { drip } from '../../../machines/drip.js';
import { EngineModule } from '../../engine/engine.module.js';
import { EngineService } from '../../engine/engine.service.js';
import { IntegrationsModule } from '../../integrations/integrations.module.js';
import { PATIENCE } from '../patience.js';
import { dripPayloads } from './drip.dto.js';
import { followDrip } from './drip.entity.js';
import { Drips } from './drips.js';
import { DripsController } from './drips.controller.js';

/** The drip lifecycle, joined with everything it needs. */
@Module({
  imports: [EngineModule, IntegrationsModule],
  controllers: [DripsController],
  providers: [Drips],
  exports: [Drips],
})
export class DripsModule implements OnModuleInit {
  constructor(
    private readonly engine: EngineService,
    private readonly drips: Drips,
  ) {}

  onModuleInit(): void {
    this.engine.host({
      lifecycle: drip,
      payloads: dripPayloads,
      facts: {},
      effects: { 'workstream.mailDrip': this.drips.mail },
      policies: { 'workstream.mailDrip': PATIENCE },
      onTransition: followDrip,
    });
  }
}
