import { Module, type OnModuleInit } from '@nestjs/common';
import { Actions } from '../../actions/actions.js';
import { ActionsModule } from '../../actions/actions.module.js';
import { EngineModule } from '../../engine/engine.module.js';
import { IntegrationsModule } from '../../integrations/integrations.module.js';
import { NotificationsModule } from '../../notifications/notifications.module.js';
import { TasksModule } from '../../tasks/tasks.module.js';
import { IntakeModule } from '../events/intake.module.js';
import { AskAssistant } from './ask.assistant.js';
import { CallWebhook } from './call.webhook.js';
import { ActionCatalogueController } from './catalogue.controller.js';
import { Catalogue } from './catalogue.js';
import { EmitEvent } from './emit.event.js';
import { Notify } from './notify.js';
import { RenderReport } from './render.report.js';
import { ScheduleFollowup } from './schedule.followup.js';
import { SendEmail } from './send.email.js';
import { WebhookController } from './webhook.controller.js';

/** What rules can do by themselves: events, follow-ups, questions. */
@Module({
  imports: [ActionsModule, EngineModule, IntakeModule, IntegrationsModule],
  providers: [AskAssistant, EmitEvent, ScheduleFollowup],
})
export class OwnActionsModule implements OnModuleInit {
  constructor(
    private readonly actions: Actions,
    private readonly events: EmitEvent,
    private readonly followups: ScheduleFollowup,
    private readonly assistant: AskAssistant,
  ) {}

  onModuleInit(): void {
    this.actions.offer(this.events.action);
    this.actions.offer(this.followups.action);
    this.actions.offer(this.assistant.action);
  }
}

/** What rules can do in the world: mail, messages, documents; and the catalogue of everything. */
@Module({
  imports: [ActionsModule, IntegrationsModule, NotificationsModule, TasksModule],
  controllers: [ActionCatalogueController, WebhookController],
  providers: [CallWebhook, Catalogue, Notify, RenderReport, SendEmail],
})
export class OutwardActionsModule implements OnModuleInit {
  constructor(
    private readonly actions: Actions,
    private readonly mail: SendEmail,
    private readonly people: Notify,
    private readonly reports: RenderReport,
    private readonly webhooks: CallWebhook,
  ) {}

  onModuleInit(): void {
    this.actions.offer(this.mail.action);
    this.actions.offer(this.people.escalate);
    this.actions.offer(this.people.createTask);
    this.actions.offer(this.reports.action);
    this.actions.offer(this.webhooks.action);
  }
}
