import { ApiProperty } from '@nestjs/swagger';
import { Injectable } from '@nestjs/common';
import { IsIn, IsObject } from 'class-validator';
import type { Action } from '../../actions/action.js';
import type { Json } from '../../engine/core/driver.js';
import { Assistant, ASSISTANT_TASKS, type AssistantTask } from '../../integrations/assistant/assistant.js';
import { Database } from '../../platform/database.js';
import { Intake } from '../events/intake.js';
import { checkPayload } from '../events/submission.js';

/** Parameters of `automation.ask_assistant`. */
export class AskAssistantParams {
  @IsIn(ASSISTANT_TASKS) task!: AssistantTask;
  /** What the assistant is to know. */
  @ApiProperty({ type: 'object', additionalProperties: true }) @IsObject() input!: { [name: string]: Json };
}

const ANSWERED = 'assistant.answered';

/** Asks the assistant, if there is one; what he says comes back as an event, for rules to do something about (R001-81). */
@Injectable()
export class AskAssistant {
  constructor(
    private readonly assistant: Assistant,
    private readonly database: Database,
    private readonly intake: Intake,
  ) {}

  readonly action: Action<AskAssistantParams> = {
    type: 'automation.ask_assistant',
    title: 'Ask the assistant: what a signal is about, words for a proposal or a follow-up',
    kind: 'event',
    permission: 'automation.write',
    Params: AskAssistantParams,
    run: async ({ task, input }, run) => {
      const outcome = await this.assistant.ask(task, input, run);
      if (outcome.kind !== 'done' || outcome.output === null) return outcome;
      const payload = { task, input, answer: outcome.output };
      checkPayload(payload);
      await this.database.transaction(run.tenant, (tx) =>
        this.intake.accept(tx, {
          id: run.key,
          type: ANSWERED,
          givenType: ANSWERED,
          source: 'rule',
          payload,
          actor: run.caller.userId,
          correlationId: run.caller.correlationId,
          depth: run.depth,
        }),
      );
      return outcome;
    },
  };
}
