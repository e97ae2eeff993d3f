import { Module, type OnModuleInit } from '@nestjs/common';
import { event } from '../../machines/event.js';
import { EngineModule } from '../engine/engine.module.js';
import { EngineService } from '../engine/engine.service.js';
import { Registry } from '../engine/registry.js';
import { NotificationsModule } from '../notifications/notifications.module.js';
import { Config } from '../platform/config.js';
import { DlqController } from './dlq/dlq.controller.js';
import { Replaying } from './dlq/replaying.js';
import { eventFacts, Failing } from './failing.js';
import { InboxController } from './inbox/inbox.controller.js';
import { Inbox } from './inbox/inbox.js';
import { Accepting } from './intake/accepting.js';
import { PipelineController } from './intake/events.controller.js';
import { Intake } from './intake/intake.js';
import { Cleaning } from './metrics/cleaning.js';
import { EventsSchedule } from './metrics/events.schedule.js';
import { History } from './metrics/history.js';
import { EventMetricsController } from './metrics/metrics.controller.js';
import { Reconciling } from './metrics/reconciling.js';
import { Requests } from './metrics/requests.js';
import { PayloadController } from './payload/payload.controller.js';
import { Steps } from './steps/steps.js';
import { stepPolicy } from './steps/trying.js';
import { ANNOUNCE_POLICY, Announcing } from './webhooks/announcing.js';
import { Calling } from './webhooks/calling.js';
import { WebhookDeliveriesController } from './webhooks/deliveries.controller.js';
import { Deliveries } from './webhooks/deliveries.js';
import { DeliveriesRetention } from './webhooks/deliveries.retention.js';
import { LaterTries } from './webhooks/later.tries.js';
import { Line } from './webhooks/line.js';
import { Webhooks } from './webhooks/webhooks.js';
import { WebhooksController } from './webhooks/webhooks.controller.js';

/** Events from outside: accepted, validated, stored, counted, delivered; or with the dead letters (R003). */
@Module({
  imports: [EngineModule, NotificationsModule],
  controllers: [
    DlqController,
    EventMetricsController,
    InboxController,
    PayloadController,
    PipelineController,
    WebhookDeliveriesController,
    WebhooksController,
  ],
  providers: [
    Accepting,
    Announcing,
    Calling,
    Cleaning,
    Deliveries,
    DeliveriesRetention,
    EventsSchedule,
    Failing,
    History,
    Inbox,
    Intake,
    LaterTries,
    Line,
    Reconciling,
    Replaying,
    Requests,
    Steps,
    Webhooks,
  ],
})
export class EventsModule implements OnModuleInit {
  constructor(
    private readonly engine: EngineService,
    private readonly steps: Steps,
    private readonly failing: Failing,
    private readonly registry: Registry,
    private readonly announcing: Announcing,
    private readonly config: Config,
  ) {}

  onModuleInit(): void {
    const policy = stepPolicy(this.config.events);
    this.engine.host({
      lifecycle: event,
      payloads: {},
      facts: eventFacts,
      effects: {
        'events.validate': this.steps.validate,
        'events.store': this.steps.store,
        'events.count': this.steps.count,
        'events.deliver': this.steps.deliver,
      },
      policies: {
        'events.validate': policy,
        'events.store': policy,
        'events.count': policy,
        'events.deliver': policy,
      },
      onTransition: this.failing.follow,
      followed: ['failed'],
    });
    this.registry.listen({
      lifecycles: [event.name],
      ends: ['delivered'],
      effect: 'events.announce',
      handler: this.announcing.announce,
      policy: ANNOUNCE_POLICY,
    });
  }
}
