/** What a language model may be asked (R001-81). Nobody waits for it: it is asked by effects only. */
import type { Json } from '../../engine/core/driver.js';
import { call } from '../http/exchange.js';
import type { Attempt, Outcome } from '../outcome.js';

/** What it is asked for: what a signal is about, the text of a proposal, a letter to come back with. */
export const ASSISTANT_TASKS = ['classify_signal', 'proposal_text', 'follow_up_draft'] as const;
/** One of ASSISTANT_TASKS. */
export type AssistantTask = (typeof ASSISTANT_TASKS)[number];

/** Somebody to ask. Null is an answer: he has nothing to say. */
export abstract class Assistant {
  abstract ask(task: AssistantTask, input: Json, run: Attempt & { signal: AbortSignal }): Promise<Outcome<Json>>;
}

/** The assistant of a house without one: never has anything to say, and fails nobody. */
export class NoAssistant extends Assistant {
  ask(): Promise<Outcome<Json>> {
    return Promise.resolve({ kind: 'done', output: null, receipt: { provider: 'none' } });
  }
}

/** An address that takes `{ task, input }` and answers `{ answer }`. */
export class HttpAssistant extends Assistant {
  constructor(private readonly config: { readonly url: string; readonly token: string }) {
    super();
  }

  ask(task: AssistantTask, input: Json, { key, signal }: Attempt & { signal: AbortSignal }): Promise<Outcome<Json>> {
    const request = new Request(this.config.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${this.config.token}`,
        'idempotency-key': key,
      },
      body: JSON.stringify({ task, input }),
      signal,
    });
    return call('assistant', request, (body) => ({ output: answerIn(body) }));
  }
}

/** @throws Error when the answer is none, so that it is asked again */
function answerIn(body: string): Json {
  const parsed = JSON.parse(body) as { answer?: Json } | null;
  if (parsed?.answer === undefined) throw new Error('the assistant gave no answer');
  return parsed.answer;
}
