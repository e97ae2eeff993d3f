/** Steps that call, as actions of the catalogue: a webhook is a request, a question to a model is a generation of text. Pure. */
import type { Fields } from '../../../machines/execution.types.js';
import type { WrittenStep } from './definition.js';

/** Other names of actions (R002-63). */
export const ALIASES: Readonly<Record<string, string>> = {
  database_query: 'db_query',
  database_insert: 'db_insert',
  database_update: 'db_update',
  store_in_r2: 'r2_put',
  store_in_kv: 'kv_set',
  generate_text: 'ai_text_generation',
  analyze_sentiment: 'ai_sentiment_analysis',
  extract_entities: 'ai_named_entity_recognition',
  log: 'log_event',
};

/** An action and its configuration. */
export interface Called {
  action: string;
  config: Fields;
}

/** What a step calls; undefined when it calls nothing. */
export function calledBy(step: WrittenStep): Called | undefined {
  switch (step.type) {
    case 'action':
      return { action: ALIASES[step.action.type] ?? step.action.type, config: step.action.config };
    case 'webhook':
      return { action: 'http_request', config: { ...step.webhook } };
    case 'ai': {
      const { prompt, input, ...settings } = step.ai;
      return { action: 'ai_text_generation', config: { ...settings, system: prompt, prompt: input ?? '{{input}}' } };
    }
    default:
      return undefined;
  }
}

/** The step with another configuration of its call. */
export function withConfig(step: WrittenStep, config: Fields): WrittenStep {
  if (step.type === 'action') return { ...step, action: { ...step.action, config } };
  if (step.type === 'webhook') return { ...step, webhook: { ...step.webhook, ...config } };
  return step;
}
