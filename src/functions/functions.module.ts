import { Module, type OnModuleInit } from '@nestjs/common';
import { functionRun } from '../../machines/function.js';
import type { FunctionContext } from '../../machines/function.types.js';
import { EngineModule } from '../engine/engine.module.js';
import { EngineService } from '../engine/engine.service.js';
import type { Transitioned } from '../engine/host.js';
import type { Tx } from '../platform/database.js';
import { ActionRegistry } from './actions/action.registry.js';
import { AttachmentsController } from './bus/attachments.controller.js';
import { BusController } from './bus/bus.controller.js';
import { Bus } from './bus/bus.js';
import { CatalogueController } from './bus/catalogue.controller.js';
import { SecretsController } from './secrets/secrets.controller.js';
import { SecretActions } from './secrets/secret.actions.js';
import { Secrets } from './secrets/secrets.js';
import { RegistrationsController } from './registrations/registrations.controller.js';
import { ActionExecutors } from './actions/action.executor.js';
import { ExecuteActions } from './actions/execute.actions.js';
import { ActionRunner } from './actions/action.runner.js';
import { RunsController } from './runs/runs.controller.js';
import { CancelRun, FunctionEventPayload, Nothing, TerminateRun } from './runs/runs.dto.js';
import { Runs } from './runs/runs.js';
import { updateRun } from './runs/runs.store.js';
import { PERFORM_POLICY, Performing } from './runs/performing.js';
import { Turning } from './runs/turning.js';
import { Workflows } from './runs/workflows.js';
import { TasksModule } from '../tasks/tasks.module.js';
import { Library } from './library.js';
import { Feed } from './bus/feed.js';
import { NotificationsModule } from '../notifications/notifications.module.js';
import { BuiltIns } from './people/built.ins.js';
import { FormActions } from './people/form.actions.js';
import { PeopleActions } from './people/people.actions.js';
import { TaskHearing } from './people/hearing.js';
import { invoiceApproval } from './product/invoice.approval.js';
import { itemProcessing } from './product/item.processing.js';
import { Publishing } from './publishing.js';

/** TypeScript functions as workflows: they outlive every process, because they are run again over everything that came in (R004-1 to R004-60). */
@Module({
  imports: [EngineModule, NotificationsModule, TasksModule],
  controllers: [
    AttachmentsController,
    BusController,
    CatalogueController,
    RegistrationsController,
    RunsController,
    SecretsController,
  ],
  providers: [
    BuiltIns,
    Feed,
    FormActions,
    PeopleActions,
    TaskHearing,
    Bus,
    Publishing,
    ActionExecutors,
    ActionRegistry,
    ActionRunner,
    ExecuteActions,
    Runs,
    SecretActions,
    Secrets,
    Library,
    Performing,
    Turning,
    Workflows,
  ],
  exports: [ActionExecutors, ActionRegistry, ActionRunner, Runs, Library],
})
export class FunctionsModule implements OnModuleInit {
  constructor(
    private readonly bus: Bus,
    private readonly engine: EngineService,
    private readonly library: Library,
    private readonly performing: Performing,
    private readonly turning: Turning,
  ) {}

  onModuleInit(): void {
    [invoiceApproval, itemProcessing].forEach((definition) => this.library.registerWorkflow(definition));
    this.engine.host({
      lifecycle: functionRun,
      payloads: {
        'action.done': Nothing,
        'action.failed': Nothing,
        'function.event': FunctionEventPayload,
        'function.cancel': CancelRun,
        'function.terminate': TerminateRun,
      },
      facts: { turn: this.turning.turn },
      effects: { 'functions.perform': this.performing.perform, 'functions.publish': this.bus.tell },
      policies: { 'functions.perform': PERFORM_POLICY },
      onTransition: async (tx: Tx, change: Transitioned<FunctionContext>) => {
        this.turning.tell(tx, change.context);
        // Its row came with it.
        if (change.from !== null) await updateRun(tx, change);
      },
    });
  }
}
