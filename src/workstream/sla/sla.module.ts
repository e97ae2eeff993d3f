import { Module, type OnModuleInit } from '@nestjs/common';
import { sla } from '../../../machines/sla.js';
import { EngineModule } from '../../engine/engine.module.js';
import { EngineService } from '../../engine/engine.service.js';
import { NotificationsModule } from '../../notifications/notifications.module.js';
import { JobsModule } from '../jobs/jobs.module.js';
import { PATIENCE } from '../patience.js';
import { Responses } from './responses.js';
import { ResponsesController } from './responses.controller.js';
import { SlaAlerts } from './sla.alerts.js';
import { SlaCalendar } from './sla.calendar.js';
import { SlaClocks } from './sla.clocks.js';
import { SlaController } from './sla.controller.js';
import { followClock, slaFacts, slaPayloads } from './sla.lifecycle.js';
import { SlaQueries } from './sla.queries.js';
import { SlaRules } from './sla.rules.js';
import { SlaRulesController } from './sla.rules.controller.js';
import { SlaSchedule } from './sla.schedule.js';
import { SlaSteering } from './sla.steering.js';
import { SlaSweep } from './sla.sweep.js';

/** How long items of the pipeline may wait. */
@Module({
  imports: [EngineModule, NotificationsModule, JobsModule],
  controllers: [SlaController, SlaRulesController, ResponsesController],
  providers: [Responses, SlaAlerts, SlaCalendar, SlaClocks, SlaQueries, SlaRules, SlaSchedule, SlaSteering, SlaSweep],
  exports: [SlaClocks, SlaCalendar],
})
export class SlaModule implements OnModuleInit {
  constructor(
    private readonly engine: EngineService,
    private readonly calendar: SlaCalendar,
    private readonly alerts: SlaAlerts,
  ) {}

  onModuleInit(): void {
    this.engine.host({
      lifecycle: sla,
      payloads: slaPayloads,
      facts: slaFacts(this.calendar),
      effects: { 'workstream.slaAlert': this.alerts.alert },
      policies: { 'workstream.slaAlert': PATIENCE },
      onTransition: followClock,
    });
  }
}
