import { Body, Controller, HttpStatus, Post, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { Database } from '../../platform/database.js';
import { IdempotencyKey } from '../../platform/http.js';
import { newId } from '../../platform/ids.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { chargeEvent } from '../executions/quota.js';
import { WRITERS } from '../roles.js';
import { AutomationEventAccepted, SubmitAutomationEvent } from './event.dto.js';
import { Intake } from './intake.js';
import { checkPayload, typeIn } from './submission.js';

/** What happened outside, for rules (R001-77). */
@ApiTags('automation')
@Roles(...WRITERS)
@Controller('api/automation/events')
export class EventsController {
  constructor(
    private readonly database: Database,
    private readonly intake: Intake,
  ) {}

  /** Takes an event in and asks the rules that wait for it: 202, or 200 for one that is known. It counts among the events of the account. */
  @Post()
  @ApiProblems('WF006', 'IDEMPOTENCY_KEY_REUSED', 'QUOTA_EXCEEDED')
  async submit(
    @CurrentCaller() caller: Caller,
    @Body() { event_type, payload = {}, dedupe_key, occurred_at }: SubmitAutomationEvent,
    @IdempotencyKey() key: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AutomationEventAccepted> {
    const type = typeIn(event_type);
    checkPayload(payload);
    const { eventId, isNew, fired } = await this.database.transaction(caller.tenant, async (tx) => {
      const accepted = await this.intake.accept(tx, {
        id: newId('evt'),
        type,
        givenType: event_type,
        source: 'api',
        payload,
        actor: caller.userId,
        teller: caller.roles,
        correlationId: caller.correlationId,
        depth: 0,
        occurredAt: occurred_at === undefined ? undefined : Date.parse(occurred_at),
        ...(dedupe_key === undefined
          ? key === undefined
            ? {}
            : { dedupeKey: `request:${key}`, insistOnBody: true }
          : { dedupeKey: `event:${dedupe_key}` }),
      });
      if (accepted.isNew) await chargeEvent(tx);
      return accepted;
    });
    void reply.status(isNew ? HttpStatus.ACCEPTED : HttpStatus.OK);
    return { event_id: eventId, event_type: type, duplicate: !isNew, fired };
  }
}
