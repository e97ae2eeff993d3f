import { Module } from '@nestjs/common';
import { EngineModule } from '../engine/engine.module.js';
import { IntegrationsModule } from '../integrations/integrations.module.js';
import { Channels } from './channels.js';
import { DeliveriesController } from './deliveries.controller.js';
import { NotificationSender } from './notification.sender.js';
import { NotificationsController } from './notifications.controller.js';
import { TaskNotices } from './task.notices.js';

/** Telling people what happened. */
@Module({
  imports: [EngineModule, IntegrationsModule],
  controllers: [DeliveriesController, NotificationsController],
  providers: [Channels, NotificationSender, TaskNotices],
  exports: [NotificationSender],
})
export class NotificationsModule {}
