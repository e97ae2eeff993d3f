/** The rules of `validate_data` (R002-69). Pure. */
import type { Json } from '../../engine/core/driver.js';

/** What is asked of one field. Of numbers `min` and `max` are values; of texts and lists they are lengths. */
export interface FieldRule {
  required?: boolean;
  type?: string;
  min?: number;
  max?: number;
}
/** By field. */
export type Rules = Readonly<Record<string, FieldRule>>;

/** Everything that does not fit, in sentences. Zero and false are values; nothing and the empty text are none. */
export const flawsOf = (data: { readonly [name: string]: Json }, rules: Rules): string[] =>
  Object.entries(rules).flatMap(([name, rule]) => {
    const value = Object.hasOwn(data, name) ? data[name] : undefined;
    if (value === undefined || value === null || value === '') return rule.required ? [`${name} is required`] : [];
    const { type, min, max } = rule;
    const size = sizeOf(value);
    return [
      ...(type !== undefined && kindOf(value) !== type ? [`${name} must be of type ${type}`] : []),
      ...(min !== undefined && size !== undefined && size < min ? [`${name} must be at least ${min}`] : []),
      ...(max !== undefined && size !== undefined && size > max ? [`${name} must be at most ${max}`] : []),
    ];
  });

const kindOf = (value: Json): string => (Array.isArray(value) ? 'array' : typeof value);

function sizeOf(value: Json): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' || Array.isArray(value) ? value.length : undefined;
}
