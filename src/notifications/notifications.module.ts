import { Module } from '@nestjs/common';
import { IntegrationsModule } from '../integrations/integrations.module.js';
import { Channels } from './channels.js';
import { DeliveriesController } from './deliveries.controller.js';
import { NotificationSender } from './notification.sender.js';
import { NotificationsController } from './notifications.controller.js';

/** Telling people what happened. */
@Module({
  imports: [IntegrationsModule],
  controllers: [DeliveriesController, NotificationsController],
  providers: [Channels, NotificationSender],
  exports: [NotificationSender],
})
export class NotificationsModule {}
