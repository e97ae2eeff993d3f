import { Module, type OnModuleInit } from '@nestjs/common';
import { EngineModule } from '../engine/engine.module.js';
import { InboxIntake } from '../engine/inbox.intake.js';
import { Clock } from '../platform/clock.js';
import { Config, documentsFolder } from '../platform/config.js';
import { Assistant, HttpAssistant, NoAssistant } from './assistant/assistant.js';
import { CalendarClient } from './calendar/calendar.client.js';
import { CrmClient } from './crm/crm.client.js';
import { DocusignClient } from './docusign/docusign.client.js';
import { EmailClient } from './email/email.client.js';
import { ModelClient } from './model/model.client.js';
import { Reconciliation } from './reconcile/reconciliation.js';
import { ReconciliationSchedule } from './reconcile/reconciliation.schedule.js';
import { PushClient } from './push/push.client.js';
import { SlackClient } from './slack/slack.client.js';
import { SmsClient } from './sms/sms.client.js';
import { DiskStore } from './storage/disk.store.js';
import { DocumentStore } from './storage/document.store.js';
import { S3Store } from './storage/s3.store.js';
import { StripeClient } from './stripe/stripe.client.js';
import { StripeRecords } from './stripe/stripe.records.js';
import { TicketsClient } from './tickets/tickets.client.js';
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
      provide: StripeRecords,
      useFactory: (config: Config) => new StripeRecords(config.stripe),
      inject: [Config],
    },
    {
      provide: DocusignClient,
      useFactory: (config: Config) => new DocusignClient(config.docusign, config.publicUrl),
      inject: [Config],
    },
    {
      provide: EmailClient,
      useFactory: (config: Config) => new EmailClient(config.smtpUrl, config.publicUrl, config.resend),
      inject: [Config],
    },
    { provide: SlackClient, useFactory: (config: Config) => new SlackClient(config.slackWebhook), inject: [Config] },
    { provide: SmsClient, useFactory: (config: Config) => new SmsClient(config.sms), inject: [Config] },
    { provide: CrmClient, useFactory: (config: Config) => new CrmClient(config.crm), inject: [Config] },
    { provide: TicketsClient, useFactory: (config: Config) => new TicketsClient(config.tickets), inject: [Config] },
    { provide: CalendarClient, useFactory: (config: Config) => new CalendarClient(config.calendar), inject: [Config] },
    { provide: ModelClient, useFactory: (config: Config) => new ModelClient(config.model), inject: [Config] },
    { provide: PushClient, useFactory: (config: Config) => new PushClient(config.push), inject: [Config] },
    {
      provide: DocumentStore,
      useFactory: (config: Config) => (config.s3 ? new S3Store(config.s3) : new DiskStore(documentsFolder(config))),
      inject: [Config],
    },
    {
      provide: Assistant,
      useFactory: ({ assistant }: Config) => (assistant ? new HttpAssistant(assistant) : new NoAssistant()),
      inject: [Config],
    },
    Reconciliation,
    ReconciliationSchedule,
  ],
  exports: [
    Assistant,
    CalendarClient,
    CrmClient,
    ModelClient,
    TicketsClient,
    Reconciliation,
    StripeClient,
    StripeRecords,
    DocusignClient,
    EmailClient,
    SlackClient,
    SmsClient,
    PushClient,
    DocumentStore,
  ],
})
export class IntegrationsModule implements OnModuleInit {
  constructor(private readonly intake: InboxIntake) {}

  onModuleInit(): void {
    this.intake.translate('stripe', translateStripe);
    this.intake.translate('docusign', translateDocusign);
  }
}
