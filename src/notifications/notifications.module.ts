import { Module } from '@nestjs/common';
import { IntegrationsModule } from '../integrations/integrations.module.js';
import { NotificationSender } from './notification.sender.js';
import { NotificationsController } from './notifications.controller.js';

/** Telling people what happened. */
@Module({
  imports: [IntegrationsModule],
  controllers: [NotificationsController],
  providers: [NotificationSender],
  exports: [NotificationSender],
})
export class NotificationsModule {}
