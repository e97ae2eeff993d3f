import { Module, type OnModuleInit } from '@nestjs/common';
import { execution } from '../../../machines/execution.js';
import { ActionsModule } from '../../actions/actions.module.js';
import { EngineModule } from '../../engine/engine.module.js';
import { EngineService } from '../../engine/engine.service.js';
import { NotificationsModule } from '../../notifications/notifications.module.js';
import { AccountController } from '../accounts/account.controller.js';
import { UsageReports } from '../accounts/usage.reports.js';
import { Calling } from '../executions/calling.js';
import { executionPayloads, executionPolicies, followExecution } from '../executions/execution.lifecycle.js';
import { ExecutionFigures } from '../executions/execution.figures.js';
import { ExecutionsController } from '../executions/executions.controller.js';
import { Executions } from '../executions/executions.js';
import { Starting } from '../executions/starting.js';
import { DeadController } from '../monitoring/dead.controller.js';
import { MonitoringController } from '../monitoring/monitoring.controller.js';
import { AutomationOverviewController } from '../monitoring/overview.controller.js';
import { Scheduling } from './scheduling.js';
import { WorkflowCheck } from './workflow.check.js';
import { WorkflowsController } from './workflows.controller.js';
import { Workflows } from './workflows.js';

/** Workflows in JSON and their executions (R002-38 to R002-59). */
@Module({
  imports: [ActionsModule, EngineModule, NotificationsModule],
  controllers: [
    AccountController,
    DeadController,
    ExecutionsController,
    MonitoringController,
    AutomationOverviewController,
    WorkflowsController,
  ],
  providers: [Calling, ExecutionFigures, Executions, Scheduling, Starting, UsageReports, WorkflowCheck, Workflows],
  exports: [Starting],
})
export class WorkflowsModule implements OnModuleInit {
  constructor(
    private readonly engine: EngineService,
    private readonly calling: Calling,
    private readonly figures: ExecutionFigures,
  ) {}

  onModuleInit(): void {
    this.engine.host({
      lifecycle: execution,
      payloads: executionPayloads,
      facts: {},
      effects: { 'automation.step': this.calling.perform },
      policies: executionPolicies,
      onTransition: followExecution(this.figures),
    });
  }
}
