import { Module } from '@nestjs/common';
import { IntegrationsModule } from '../integrations/integrations.module.js';
import { NotificationsModule } from '../notifications/notifications.module.js';
import { Access } from './access.js';
import { Deeds } from './deeds.js';
import { Documents } from './documents.js';
import { Pace } from './pace.js';
import { Signing } from './signing.js';
import { Telling } from './telling.js';

/** What deals of every kind have in common when they are hosted. */
@Module({
  imports: [IntegrationsModule, NotificationsModule],
  providers: [Access, Deeds, Documents, Pace, Signing, Telling],
  exports: [Deeds, Documents, Telling],
})
export class DeedsModule {}
