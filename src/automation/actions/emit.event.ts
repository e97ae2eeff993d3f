import { ApiPropertyOptional } from '@nestjs/swagger';
import { Injectable } from '@nestjs/common';
import { IsObject, IsString, MaxLength, MinLength } from 'class-validator';
import type { Action } from '../../actions/action.js';
import type { Json } from '../../engine/core/driver.js';
import { Database } from '../../platform/database.js';
import { MayBeAbsent } from '../../platform/validation.js';
import { Intake } from '../events/intake.js';
import { checkPayload, typeIn } from '../events/submission.js';

/** Parameters of `automation.emit_event`. */
export class EmitEventParams {
  @IsString() @MinLength(3) @MaxLength(100) event_type!: string;
  @ApiPropertyOptional({ type: 'object', additionalProperties: true })
  @MayBeAbsent()
  @IsObject()
  payload?: { [name: string]: Json };
}

/** Makes an event of a rule's own. One rule may so set off another, and itself, as far as the chain may go. */
@Injectable()
export class EmitEvent {
  constructor(
    private readonly database: Database,
    private readonly intake: Intake,
  ) {}

  readonly action: Action<EmitEventParams> = {
    type: 'automation.emit_event',
    title: 'Make an event that other rules may wait for',
    kind: 'event',
    permission: 'automation.write',
    Params: EmitEventParams,
    run: async ({ event_type, payload = {} }, { key, caller, depth }) => {
      const type = typeIn(event_type);
      checkPayload(payload);
      const { fired } = await this.database.transaction(caller.tenant, (tx) =>
        this.intake.accept(tx, {
          id: key,
          type,
          givenType: event_type,
          source: 'rule',
          payload,
          actor: caller.userId,
          teller: caller.roles,
          correlationId: caller.correlationId,
          depth,
        }),
      );
      return { kind: 'done', output: { event_id: key, fired: fired.map(({ rule_id }) => rule_id) } };
    },
  };
}
