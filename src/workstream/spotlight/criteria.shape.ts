import { OPERATORS } from '../../../machines/spotlight.types.js';
import { refuse, type FieldError } from '../../platform/errors.js';
import type { FieldRules, FieldValues } from './spotlight.dto.js';

const MOST_FIELDS = 200;
const MOST_RULES = 10;
const MOST_LENGTH = 500;

/** Values and rules by field id, whose keys no class can name. @throws WF006 naming what is wrong */
export function checkCriteria({
  field_values: values = {},
  field_rules: rules = {},
}: {
  field_values?: FieldValues;
  field_rules?: FieldRules;
}): { values: FieldValues; rules: FieldRules } {
  const errors: FieldError[] = [
    ...Object.entries(values).flatMap(([field, value]) =>
      value === null || isPlain(value)
        ? []
        : [{ field: `field_values.${field}`, message: 'must be a text, a number, true, false or null' }],
    ),
    ...Object.entries(rules).flatMap(([field, all]) =>
      Array.isArray(all) && all.length <= MOST_RULES && all.every(isRule)
        ? []
        : [
            {
              field: `field_rules.${field}`,
              message: `must be at most ${MOST_RULES} of { operator: ${OPERATORS.join(' ')}, value }`,
            },
          ],
    ),
  ];
  if (Object.keys(values).length > MOST_FIELDS || Object.keys(rules).length > MOST_FIELDS)
    errors.push({ field: 'field_values', message: `at most ${MOST_FIELDS} fields` });
  if (errors.length > 0) throw refuse('WF006', { errors });
  return { values, rules };
}

const isPlain = (value: unknown): boolean =>
  typeof value === 'boolean' ||
  (typeof value === 'number' && Number.isFinite(value)) ||
  (typeof value === 'string' && value.length <= MOST_LENGTH && !value.includes('\0'));

function isRule(rule: unknown): boolean {
  if (typeof rule !== 'object' || rule === null) return false;
  const { operator, value, ...more } = rule as Record<string, unknown>;
  return OPERATORS.some((known) => known === operator) && isPlain(value) && Object.keys(more).length === 0;
}
