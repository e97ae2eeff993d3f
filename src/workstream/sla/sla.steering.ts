import { Injectable } from '@nestjs/common';
import type { Caller } from '../../auth/caller.js';
import { EngineService } from '../../engine/engine.service.js';
import { Database } from '../../platform/database.js';
import type { JobStarted } from '../jobs/jobs.dto.js';
import { Jobs } from '../jobs/jobs.js';
import type { CalendarSettings } from './calendar.settings.dto.js';
import { SlaCalendar } from './sla.calendar.js';
import type { ClockView } from './sla.dto.js';
import { SlaQueries } from './sla.queries.js';
import { countItems } from './sla.waiting.js';

/** What people do to clocks and to the calendar. */
@Injectable()
export class SlaSteering {
  constructor(
    private readonly database: Database,
    private readonly engine: EngineService,
    private readonly queries: SlaQueries,
    private readonly calendars: SlaCalendar,
    private readonly jobs: Jobs,
  ) {}

  /** Sends an event to a clock. @throws NOT_FOUND, WF002 */
  async send(
    caller: Caller,
    clockId: number,
    event: { type: string; payload?: object },
    idempotencyKey: string | undefined,
  ): Promise<ClockView> {
    const { workflow_instance_id: instanceId } = await this.queries.clock(caller, clockId);
    await this.engine.send(caller, instanceId, event, { lifecycle: 'sla', idempotencyKey });
    return this.queries.clock(caller, clockId);
  }

  calendar({ tenant }: Caller): Promise<CalendarSettings> {
    return this.database.transaction(tenant, (tx) => this.calendars.read(tx));
  }

  /** @throws WF006 */
  changeCalendar(caller: Caller, changes: object): Promise<CalendarSettings> {
    return this.database.transaction(caller.tenant, async (tx) => {
      const settings = await this.calendars.write(tx, changes, caller.userId);
      await this.jobs.startWithin(tx, caller, 'sla.reconcile', {}, await countItems(tx));
      return settings;
    });
  }

  async reconcile(caller: Caller, idempotencyKey: string | undefined): Promise<JobStarted> {
    const total = await this.database.transaction(caller.tenant, countItems);
    const job_id = await this.jobs.start(caller, 'sla.reconcile', {}, total, idempotencyKey);
    return { job_id, href: `/api/workstream/jobs/${job_id}` };
  }
}
