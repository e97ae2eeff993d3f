/** The shape of each type of pattern, as JSON Schema. Pure. */
import { FIELD } from './event.js';
import { DIRECTIONS, INTERVALS, OPERATORS, SENSITIVITIES, type Pattern } from './pattern.js';

const MOST_CONDITIONS = 20;
const MOST_ELEMENTS = 10;
/** Characters of a query. */
export const LONGEST_QUERY = 5_000;

const EVENT_TYPE = { type: 'string', maxLength: 200, pattern: String.raw`^(\*|[A-Za-z0-9_][A-Za-z0-9_.:\-]*\*?)$` };
const WINDOW = { type: 'string', format: 'window' };
const FIELD_NAME = { type: 'string', pattern: FIELD.source };
const CONDITIONS = {
  type: 'object',
  maxProperties: MOST_CONDITIONS,
  propertyNames: { type: 'string', minLength: 1, maxLength: 300 },
};
const METRIC = { type: 'string', format: 'metric' };

const shape = (required: readonly string[], properties: object): object => ({
  type: 'object',
  required: ['type', ...required],
  additionalProperties: false,
  properties: { type: { type: 'string' }, ...properties },
});

const MEASURED = { eventType: EVENT_TYPE, metric: METRIC, window: WINDOW, groupBy: FIELD_NAME, cooldown: WINDOW };

/** By type. */
export const SCHEMAS: Readonly<Record<Pattern['type'], object>> = {
  event: shape(['eventType'], { eventType: EVENT_TYPE, conditions: CONDITIONS }),
  sql: shape(['query', 'interval'], {
    query: { type: 'string', minLength: 1, maxLength: LONGEST_QUERY },
    interval: { enum: INTERVALS },
  }),
  sequence: shape(['events'], {
    events: {
      type: 'array',
      minItems: 2,
      maxItems: MOST_ELEMENTS,
      items: {
        type: 'object',
        required: ['eventType'],
        additionalProperties: false,
        properties: { eventType: EVENT_TYPE, conditions: CONDITIONS, within: WINDOW },
      },
    },
    ordered: { type: 'boolean' },
    correlateBy: FIELD_NAME,
  }),
  threshold: shape(['eventType', 'metric', 'operator', 'value', 'window'], {
    ...MEASURED,
    operator: { enum: OPERATORS },
    value: { type: 'number' },
  }),
  anomaly: shape(['eventType', 'metric', 'sensitivity', 'window'], {
    ...MEASURED,
    sensitivity: { enum: SENSITIVITIES },
    direction: { enum: DIRECTIONS },
  }),
};
