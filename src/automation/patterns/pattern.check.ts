/** Whether a pattern is one (R002-29 to R002-34). Pure. */
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { Json } from '../../engine/core/driver.js';
import { refuse, type FieldError } from '../../platform/errors.js';
import { objectionToQuery } from '../sandbox/query.check.js';
import { isOperators, TEST_NAMES } from './conditions.js';
import { metricIn } from './metric.js';
import { PATTERN_TYPES, type Conditions, type Pattern } from './pattern.js';
import { SCHEMAS } from './pattern.schema.js';
import { windowMs } from './windows.js';

/** Characters of a pattern as JSON. */
const LARGEST = 16_384;
const MOST_ERRORS = 20;

const ajv = new Ajv({ allErrors: true, strict: true });
ajv.addFormat('window', (text: string) => windowMs(text) !== undefined);
ajv.addFormat('metric', (text: string) => text.length <= 300 && metricIn(text) !== undefined);
const compiled = new Map(PATTERN_TYPES.map((type) => [type, ajv.compile(SCHEMAS[type])] as const));

/** The pattern. @throws PATTERN_ERROR with each field that is wrong */
export function patternIn(given: { [name: string]: Json }): Pattern {
  const errors = flawsOf(given);
  if (errors.length === 0) return given as unknown as Pattern;
  const [first] = errors;
  throw refuse('PATTERN_ERROR', { errors, ...(first && { detail: `${first.field}: ${first.message}` }) });
}

/** What is wrong with a pattern, by field. */
export function flawsOf(given: { [name: string]: Json }): FieldError[] {
  const type = PATTERN_TYPES.find((name) => name === given['type']);
  if (type === undefined) return [flaw('type', `must be one of ${PATTERN_TYPES.join(', ')}`)];
  if (JSON.stringify(given).length > LARGEST) return [flaw('', `may have at most ${LARGEST} characters`)];
  const validate = compiled.get(type) as ValidateFunction;
  if (!validate(given)) return (validate.errors ?? []).slice(0, MOST_ERRORS).map((error) => flawIn(error, given));
  return further(given as unknown as Pattern);
}

/** What a schema cannot say. */
function further(pattern: Pattern): FieldError[] {
  switch (pattern.type) {
    case 'event':
      return conditionFlaws('conditions', pattern.conditions);
    case 'sequence':
      return pattern.events.flatMap(({ conditions }, index) =>
        conditionFlaws(`events.${index}.conditions`, conditions),
      );
    case 'sql': {
      const objection = objectionToQuery(pattern.query);
      return objection === undefined ? [] : [flaw('query', objection)];
    }
    case 'threshold':
    case 'anomaly':
      return [];
  }
}

/** An object with some operators and something else is a slip, not a value. */
function conditionFlaws(place: string, conditions: Conditions = {}): FieldError[] {
  return Object.entries(conditions).flatMap(([field, wanted]) => {
    if (typeof wanted !== 'object' || wanted === null || Array.isArray(wanted)) return [];
    const names = Object.keys(wanted);
    if (!isOperators(wanted))
      return names.some((name) => TEST_NAMES.includes(name))
        ? [flaw(`${place}.${field}`, `must be operators only (${TEST_NAMES.join(', ')}), or a value`)]
        : [];
    return Object.entries(wanted).flatMap(([name, operand]) =>
      operandFlaws(`${place}.${field}.${name}`, name, operand),
    );
  });
}

function operandFlaws(place: string, name: string, operand: Json): FieldError[] {
  if (name === 'in' && !(Array.isArray(operand) && operand.length <= 100))
    return [flaw(place, 'must be a list of at most 100 values')];
  if (name === 'exists' && typeof operand !== 'boolean') return [flaw(place, 'must be true or false')];
  if (/^[gl]te?$/.test(name) && typeof operand !== 'number' && typeof operand !== 'string')
    return [flaw(place, 'must be a number or a text')];
  return [];
}

const flaw = (place: string, message: string): FieldError => ({
  field: ['pattern', place].filter(Boolean).join('.'),
  message,
});

function flawIn({ instancePath, keyword, params, message = 'is not valid' }: ErrorObject, given: Json): FieldError {
  const named: unknown = keyword === 'required' ? params['missingProperty'] : params['additionalProperty'];
  const path = [...instancePath.split('/').slice(1), ...(typeof named === 'string' ? [named] : [])];
  const place = path.join('.');
  if (keyword === 'required') return flaw(place, 'is required');
  if (keyword === 'additionalProperties') return flaw(place, 'is no field of it');
  if (keyword === 'enum') return flaw(place, `must be one of ${(params['allowedValues'] as string[]).join(', ')}`);
  if (params['format'] === 'window') return flaw(place, `Invalid time window: ${textAt(given, path)}`);
  if (params['format'] === 'metric')
    return flaw(place, 'must be COUNT(*), COUNT(DISTINCT field), RATE, SUM, AVG, MIN or MAX of a field, or a field');
  return flaw(place, message);
}

function textAt(given: Json, path: readonly string[]): string {
  const value = path.reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], given);
  return String(value).slice(0, 50);
}
