import { ApiPropertyOptional } from '@nestjs/swagger';
import { Injectable } from '@nestjs/common';
import { IsObject, IsString, Matches, MaxLength, MinLength } from 'class-validator';
import { followup, type FollowupInput } from '../../../machines/followup.js';
import type { Action } from '../../actions/action.js';
import type { Json } from '../../engine/core/driver.js';
import { EngineService, type Opening, type StartTx } from '../../engine/engine.service.js';
import { parseDuration } from '../../platform/duration.js';
import { refuse } from '../../platform/errors.js';
import { IsMoment, MayBeAbsent } from '../../platform/validation.js';
import { checkPayload, typeIn } from '../events/submission.js';

/** Parameters of `automation.schedule_followup`: `in` or `at`. */
export class ScheduleFollowupParams {
  /** A time from now: `3d`. */
  @MayBeAbsent() @IsString() @Matches(/^\d{1,9}(ms|s|m|h|d|w)$/) in?: string;
  @MayBeAbsent() @IsMoment() at?: string;
  /** The event it makes when its time comes. */
  @MayBeAbsent() @IsString() @MinLength(3) @MaxLength(100) event_type?: string;
  @ApiPropertyOptional({ type: 'object', additionalProperties: true })
  @MayBeAbsent()
  @IsObject()
  payload?: { [name: string]: Json };
}

const USUAL = 'followup.due';
const SOONEST_MS = 60_000;
const LATEST_MS = 3_650 * 86_400_000;

/** Comes back to something by a durable timer: when its time comes, an event says so. */
@Injectable()
export class ScheduleFollowup {
  constructor(private readonly engine: EngineService) {}

  readonly action: Action<ScheduleFollowupParams> = {
    type: 'automation.schedule_followup',
    title: 'Come back to it later',
    kind: 'task',
    permission: 'automation.write',
    Params: ScheduleFollowupParams,
    run: async (params, { key, caller, depth }) => {
      const eventType = typeIn(params.event_type ?? USUAL);
      const payload = params.payload ?? {};
      checkPayload(payload);
      const options = { idempotencyKey: key, request: params };
      const ack = await this.engine.start(caller, followup.name, options, async (tx) =>
        open(tx, params, { eventType, payload, depth }),
      );
      return { kind: 'done', output: { followup_id: ack.instanceId } };
    },
  };
}

/** @throws WF006 when the time is none that one can wait for */
function open(tx: StartTx, { in: wait, at }: ScheduleFollowupParams, input: Omit<FollowupInput, 'dueAt'>): Opening {
  if ((wait === undefined) === (at === undefined))
    throw refuse('WF006', { detail: 'A follow-up has either in or at.' });
  const dueAt = wait === undefined ? Date.parse(at ?? '') : tx.at + parseDuration(wait);
  if (!(dueAt >= tx.at + SOONEST_MS && dueAt <= tx.at + LATEST_MS))
    throw refuse('WF006', { detail: 'A follow-up is due in a minute at the soonest, and in ten years at the latest.' });
  return { parties: {}, keys: { eventType: input.eventType }, input: { ...input, dueAt } };
}
