import { randomUUID } from 'node:crypto';
import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { answerOnce, idempotencyOf } from '../../engine/idempotency.js';
import { Database } from '../../platform/database.js';
import { IdempotencyKey } from '../../platform/http.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { Runs } from '../runs/runs.js';
import { SubmitWorkflowEvent, WorkflowEventAccepted } from './bus.dto.js';
import { Bus } from './bus.js';

/** The type of an event that does not say which it is (R004-23). */
const USER_SUBMITTED = 'USER_SUBMITTED';

/** Events that start functions, or that they wait for (R004-20, R004-23). */
@ApiTags('functions')
@Controller('api/workflow-events')
export class BusController {
  constructor(
    private readonly bus: Bus,
    private readonly database: Database,
    private readonly runs: Runs,
  ) {}

  /** Tells one run (`execution_id`), or starts a run of each workflow that is attached to the type. */
  @Post()
  @HttpCode(202)
  @Roles('admin', 'operator', 'service')
  @ApiProblems('WF001', 'WF002', 'WF005', 'WF006', 'OUT_OF_RANGE', 'IDEMPOTENCY_KEY_REUSED')
  async submit(
    @CurrentCaller() caller: Caller,
    @Body() body: SubmitWorkflowEvent,
    @IdempotencyKey() key: string | undefined,
  ): Promise<WorkflowEventAccepted> {
    const { event_type = USER_SUBMITTED, event_name = event_type, payload = null, execution_id, event_id } = body;
    if (execution_id !== undefined) {
      const keyed = event_id === undefined ? {} : { idempotency_key: event_id };
      const told = await this.runs.enqueue(caller, execution_id, { event_name, payload, ...keyed }, key);
      return { ...told, executionIds: [] };
    }
    const { tenant, userId: user_id, roles, correlationId: correlation_id } = caller;
    return answerOnce(this.database, tenant, idempotencyOf(key, 'workflow-events', body), async (tx) => {
      const eventId = event_id ?? randomUUID();
      const event = { event_id: eventId, event_type, event_name, payload, user_id, correlation_id, depth: 0 };
      const executionIds = await this.bus.publish(tx, event, roles);
      return { eventId, processingId: null, executionIds };
    });
  }
}
