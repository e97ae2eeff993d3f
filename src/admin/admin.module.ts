import { Module } from '@nestjs/common';
import { EngineModule } from '../engine/engine.module.js';
import { AdminOperationsController } from './operations.controller.js';
import { AdminOutboxController } from './outbox.controller.js';
import { AdminWorkflowsController } from './workflows.controller.js';

/** What administrators and operators may do. */
@Module({
  imports: [EngineModule],
  controllers: [AdminWorkflowsController, AdminOutboxController, AdminOperationsController],
})
export class AdminModule {}
