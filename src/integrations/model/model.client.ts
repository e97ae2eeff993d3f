import type { ModelConfig } from '../../platform/config.business.js';
import { call } from '../http/exchange.js';
import type { Attempt, Outcome } from '../outcome.js';

/** A question to a language model. */
export interface Question {
  /** The usual one when left out. */
  model?: string | undefined;
  system?: string | undefined;
  user: string;
  temperature: number;
  maxTokens: number;
  /** The answer is JSON of this shape. */
  shape?: { name: string; schema: object };
}

/** Asks a language model by the protocol of chat completions. */
export class ModelClient {
  constructor(private readonly config: ModelConfig | undefined) {}

  /** What the model says. The same question twice costs twice; nothing else comes of it. */
  ask(
    { model, system, user, temperature, maxTokens, shape }: Question,
    { key, signal }: Attempt & { signal: AbortSignal },
  ): Promise<Outcome<string>> {
    const messages = [
      ...(system === undefined ? [] : [{ role: 'system', content: system }]),
      { role: 'user', content: user },
    ];
    const request =
      this.config &&
      new Request(`${this.config.apiBase}/v1/chat/completions`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${this.config.key}`,
          'idempotency-key': key,
        },
        body: JSON.stringify({
          model: model ?? this.config.model,
          messages,
          temperature,
          max_tokens: maxTokens,
          ...(shape && { response_format: { type: 'json_schema', json_schema: { ...shape, strict: true } } }),
        }),
        signal,
      });
    return call('model', request, (body) => ({ output: textIn(body) }));
  }
}

/** @throws Error when there is none, so that it is asked again */
function textIn(body: string): string {
  const { choices } = JSON.parse(body) as { choices?: { message?: { content?: unknown } }[] };
  const content = choices?.[0]?.message?.content;
  if (typeof content !== 'string') throw new Error('the model gave no answer');
  return content;
}
