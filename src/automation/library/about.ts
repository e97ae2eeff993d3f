/** What is told of the actions of workflows (R002-71). */
import type { About, Category } from '../../actions/action.js';

const SECOND = 1_000;
const string = { type: 'string' } as const;
const boolean = { type: 'boolean' } as const;
const object = (properties: object) => ({ type: 'object', properties });
const STORED = object({ key: string, stored: boolean });

/** [category, what it does, what comes of it, needs a key, milliseconds, dollars] */
const ABOUT: Readonly<Record<string, readonly [Category, string, object, boolean, number, number]>> = {
  send_email: ['communication', 'Mails one address', object({ messageId: string }), true, 500, 0.01],
  send_sms: ['communication', 'Sends a text message', object({ sent: boolean }), true, 500, 0.0075],
  send_slack_message: ['communication', 'Writes to a Slack channel', object({ ok: boolean }), true, 300, 0],
  send_webhook: ['communication', 'Calls an address outside', {}, false, SECOND, 0],
  db_query: ['data', 'Asks about events and rows, read-only', { type: 'array' }, false, 50, 0],
  db_insert: ['data', 'Keeps a row in a table of the tenant', object({ id: string }), false, 50, 0],
  db_update: ['data', 'Changes rows of a table of the tenant', object({ updated: { type: 'integer' } }), false, 50, 0],
  http_request: ['data', 'Sends a request; its answer is JSON or text', {}, false, SECOND, 0],
  kv_get: ['data', 'Reads a value', object({ key: string, value: {} }), false, 20, 0],
  kv_set: ['data', 'Keeps a value, for a time if it is said', STORED, false, 20, 0],
  r2_put: ['data', 'Keeps a file', STORED, false, 100, 0],
  r2_get: ['data', 'Reads a file', object({ key: string, value: {}, contentType: string }), false, 100, 0],
  create_crm_record: ['integration', 'Makes a record in the CRM', object({ id: string, properties: {} }), true, 800, 0],
  update_crm_record: [
    'integration',
    'Changes a record of the CRM',
    object({ id: string, properties: {} }),
    true,
    800,
    0,
  ],
  create_ticket: [
    'integration',
    'Makes a ticket',
    object({ id: string, identifier: string, url: string }),
    true,
    800,
    0,
  ],
  schedule_meeting: ['integration', 'Puts a meeting into the calendar', object({ id: string, link: {} }), true, 800, 0],
  ai_text_generation: ['ai', 'Has a model write something', object({ text: string }), true, 2 * SECOND, 0.0001],
  ai_sentiment_analysis: [
    'ai',
    'Says how a text feels',
    object({ sentiment: string, score: {}, confidence: {} }),
    true,
    SECOND,
    0.0001,
  ],
  ai_named_entity_recognition: ['ai', 'Finds who and what a text names', { type: 'array' }, true, SECOND, 0.0001],
  classify_text: [
    'ai',
    'Puts a text into a category',
    object({ category: string, confidence: {} }),
    true,
    SECOND,
    0.0001,
  ],
  transform_data: ['utility', 'Makes something of data by an expression', {}, false, 5, 0],
  validate_data: [
    'utility',
    'Checks data against rules',
    object({ valid: boolean, errors: { type: 'array' } }),
    false,
    5,
    0,
  ],
  log_event: ['utility', 'Writes a line to the log', object({ logged: boolean }), false, 5, 0],
};

/** Names of the actions that workflows have besides those that rules have, too (R002-62, R002-63). */
export const LIBRARY = Object.keys(ABOUT);

/** What is told of one of them. */
export function aboutOf(type: string): About {
  const [category, description, output, requiresAuth, estimatedDuration, costPerExecution] = ABOUT[type] ?? [];
  if (category === undefined || description === undefined || output === undefined)
    throw new Error(`nothing is told of ${type}`);
  return {
    category,
    description,
    output,
    requiresAuth: requiresAuth ?? false,
    estimatedDuration: estimatedDuration ?? 0,
    costPerExecution: costPerExecution ?? 0,
  };
}
