import { Module, type OnModuleInit } from '@nestjs/common';
import { EngineModule } from '../engine/engine.module.js';
import { InboxIntake } from '../engine/inbox.intake.js';
import { Clock } from '../platform/clock.js';
import { Config } from '../platform/config.js';
import { DocusignClient } from './docusign/docusign.client.js';
import { EmailClient } from './email/email.client.js';
import { StripeClient } from './stripe/stripe.client.js';
import { translateDocusign } from './webhooks/docusign.translate.js';
import { DocusignWebhookController } from './webhooks/docusign.webhook.controller.js';
import { translateStripe } from './webhooks/stripe.translate.js';
import { StripeWebhookController } from './webhooks/stripe.webhook.controller.js';

/** The outside world: clients of the providers, and the way in for their messages. */
@Module({
  imports: [EngineModule],
  controllers: [StripeWebhookController, DocusignWebhookController],
  providers: [
    {
      provide: StripeClient,
      useFactory: (config: Config, clock: Clock) => new StripeClient(config.stripe, () => clock.now()),
      inject: [Config, Clock],
    },
    {
      provide: DocusignClient,
      useFactory: (config: Config) => new DocusignClient(config.docusign, config.publicUrl),
      inject: [Config],
    },
    {
      provide: EmailClient,
      useFactory: (config: Config) => new EmailClient(config.smtpUrl, config.publicUrl),
      inject: [Config],
    },
  ],
  exports: [StripeClient, DocusignClient, EmailClient],
})
export class IntegrationsModule implements OnModuleInit {
  constructor(private readonly intake: InboxIntake) {}

  onModuleInit(): void {
    this.intake.translate('stripe', translateStripe);
    this.intake.translate('docusign', translateDocusign);
  }
}
