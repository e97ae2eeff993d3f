import type { Environment } from './environment.js';

/** A language model's address, for whatever rules ask it. */
export interface AssistantConfig {
  readonly url: string;
  readonly token: string;
}

/** The assistant as configured, else undefined: then nobody is asked, and nothing fails. */
export function assistant(env: Environment): AssistantConfig | undefined {
  const url = env.endpoint('ASSISTANT_URL');
  if (url === undefined && env.text('ASSISTANT_TOKEN') === undefined) return undefined;
  const because = 'to ask an assistant';
  return { url: url ?? env.needed('ASSISTANT_URL', because), token: env.needed('ASSISTANT_TOKEN', because) };
}
