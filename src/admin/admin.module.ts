import { Module } from '@nestjs/common';
import { EngineModule } from '../engine/engine.module.js';
import { AdminAuditController } from './audit.controller.js';
import { ForcesController } from './forces.controller.js';
import { Forces } from './forces.js';
import { Halts } from './halts.js';
import { MigrationsController } from './migrations.controller.js';
import { Migrations } from './migrations.js';
import { AdminOperationsController } from './operations.controller.js';
import { OverviewController } from './overview.controller.js';
import { AdminOutboxController } from './outbox.controller.js';
import { AdminTimersController } from './timers.controller.js';
import { AdminWebhooksController } from './webhooks.controller.js';
import { AdminWorkflowsController } from './workflows.controller.js';

/** What administrators and operators may do. */
@Module({
  imports: [EngineModule],
  controllers: [
    AdminWorkflowsController,
    AdminOutboxController,
    AdminTimersController,
    AdminWebhooksController,
    AdminAuditController,
    AdminOperationsController,
    OverviewController,
    MigrationsController,
    ForcesController,
  ],
  providers: [Migrations, Forces, Halts],
  exports: [Migrations],
})
export class AdminModule {}
