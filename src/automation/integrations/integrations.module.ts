import { Module } from '@nestjs/common';
import { EngineModule } from '../../engine/engine.module.js';
import { IntegrationsController } from './integrations.controller.js';
import { Integrations } from './integrations.js';
import { UsingIntegrations } from './using.js';

/** Services outside that a tenant has registered (R002-5). Providers that the operator configures are elsewhere. */
@Module({
  imports: [EngineModule],
  controllers: [IntegrationsController],
  providers: [Integrations, UsingIntegrations],
  exports: [UsingIntegrations],
})
export class OwnIntegrationsModule {}
