import { Module, type OnModuleInit } from '@nestjs/common';
import { Actions } from '../../actions/actions.js';
import { ActionsModule } from '../../actions/actions.module.js';
import { IntegrationsModule } from '../../integrations/integrations.module.js';
import { OwnIntegrationsModule } from '../integrations/integrations.module.js';
import { Sandbox } from '../sandbox/sandbox.js';
import { Asking } from './asking.js';
import { BusinessActions } from './business.js';
import { Communication } from './communication.js';
import { Keeping } from './keeping.js';
import { ModelActions } from './models.js';
import { Requests } from './requests.js';
import { Utilities } from './utilities.js';

/** What workflows can do with people and with requests (R002-64, R002-65). */
@Module({
  imports: [ActionsModule, IntegrationsModule, OwnIntegrationsModule],
  providers: [Communication, Requests],
})
export class OutgoingModule implements OnModuleInit {
  constructor(
    private readonly actions: Actions,
    private readonly people: Communication,
    private readonly requests: Requests,
  ) {}

  onModuleInit(): void {
    this.actions.offer(this.people.sendEmail);
    this.actions.offer(this.people.sendSms);
    this.actions.offer(this.people.sendSlack);
    this.actions.offer(this.requests.sendWebhook);
    this.actions.offer(this.requests.httpRequest);
  }
}

/** What workflows can ask. Their queries pass a turnstile of their own: they and those of people do not wait for each other. */
@Module({
  imports: [ActionsModule],
  providers: [Asking, Sandbox],
})
export class AskingModule implements OnModuleInit {
  constructor(
    private readonly actions: Actions,
    private readonly asking: Asking,
  ) {}

  onModuleInit(): void {
    this.actions.offer(this.asking.dbQuery);
  }
}

/** Everything else that workflows can do (R002-62 to R002-69). */
@Module({
  imports: [ActionsModule, AskingModule, IntegrationsModule, OutgoingModule],
  providers: [BusinessActions, Keeping, ModelActions, Utilities],
})
export class LibraryModule implements OnModuleInit {
  constructor(
    private readonly actions: Actions,
    private readonly business: BusinessActions,
    private readonly keeping: Keeping,
    private readonly models: ModelActions,
    private readonly utilities: Utilities,
  ) {}

  onModuleInit(): void {
    const { createRecord, updateRecord, createTicket, scheduleMeeting } = this.business;
    this.actions.offer(createRecord);
    this.actions.offer(updateRecord);
    this.actions.offer(createTicket);
    this.actions.offer(scheduleMeeting);
    this.actions.offer(this.keeping.kvGet);
    this.actions.offer(this.keeping.kvSet);
    this.actions.offer(this.keeping.filePut);
    this.actions.offer(this.keeping.fileGet);
    this.actions.offer(this.keeping.dbInsert);
    this.actions.offer(this.keeping.dbUpdate);
    this.actions.offer(this.models.generate);
    this.actions.offer(this.models.sentiment);
    this.actions.offer(this.models.entities);
    this.actions.offer(this.models.classify);
    this.actions.offer(this.utilities.transform);
    this.actions.offer(this.utilities.validate);
    this.actions.offer(this.utilities.logEvent);
  }
}
