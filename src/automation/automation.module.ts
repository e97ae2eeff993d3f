import { Module, type OnModuleInit } from '@nestjs/common';
import { firing } from '../../machines/firing.js';
import { followup } from '../../machines/followup.js';
import { schedule } from '../../machines/schedule.js';
import { ActionsModule } from '../actions/actions.module.js';
import { EngineModule } from '../engine/engine.module.js';
import { EngineService } from '../engine/engine.service.js';
import { Registry } from '../engine/registry.js';
import { OutwardActionsModule, OwnActionsModule } from './actions/actions.modules.js';
import { EventsController } from './events/events.controller.js';
import { HEARD, Hearing } from './events/hearing.js';
import { IntakeModule } from './events/intake.module.js';
import { firingPayloads, firingPolicies, followFiring } from './firings/firing.lifecycle.js';
import { Performing } from './firings/performing.js';
import { LibraryModule } from './library/library.module.js';
import { Retention } from './retention.js';
import { LogsController } from './logs/logs.controller.js';
import { PatternsModule } from './patterns/patterns.module.js';
import { RuleCheck } from './rules/rule.check.js';
import { RuleSealing } from './rules/rule.sealing.js';
import { Rules } from './rules/rules.js';
import { RulesController } from './rules/rules.controller.js';
import { TrialController } from './rules/trial.controller.js';
import { Trial } from './rules/trial.js';
import { WorkflowsModule } from './workflows/workflows.module.js';
import { followSchedule, scheduleFacts, schedulePayloads, Schedules } from './schedules/schedules.js';

class Nothing {}

/** Rules: what happens sets off what is to be done (R001-75 to R001-80). */
@Module({
  imports: [
    ActionsModule,
    EngineModule,
    IntakeModule,
    OutwardActionsModule,
    OwnActionsModule,
    LibraryModule,
    PatternsModule,
    WorkflowsModule,
  ],
  controllers: [EventsController, LogsController, RulesController, TrialController],
  providers: [Hearing, Performing, Retention, RuleCheck, Rules, RuleSealing, Schedules, Trial],
})
export class AutomationModule implements OnModuleInit {
  constructor(
    private readonly engine: EngineService,
    private readonly registry: Registry,
    private readonly hearing: Hearing,
    private readonly performing: Performing,
  ) {}

  onModuleInit(): void {
    this.engine.host({
      lifecycle: firing,
      payloads: firingPayloads,
      facts: {},
      effects: { 'automation.perform': this.performing.perform },
      policies: firingPolicies,
      onTransition: followFiring,
    });
    this.engine.host({
      lifecycle: schedule,
      payloads: schedulePayloads,
      facts: scheduleFacts,
      effects: {},
      onTransition: followSchedule,
    });
    this.engine.host({ lifecycle: followup, payloads: { 'followup.drop': Nothing }, facts: {}, effects: {} });
    this.registry.listen({
      lifecycles: HEARD,
      effect: 'automation.hear',
      handler: this.hearing.hear,
      policy: { attempts: 8, backoffMs: 1_000, maxBackoffMs: 600_000, batch: 16 },
    });
  }
}
