/** What an action takes, and whether it is given that (R004-41). */
import type { Fields, Value } from '../../../machines/function.types.js';
import { ActionError } from '../failure.js';

export const PARAMETER_TYPES = ['string', 'number', 'boolean', 'object', 'array', 'any'] as const;

/** One parameter of an action. */
export interface Parameter {
  name: string;
  type: (typeof PARAMETER_TYPES)[number];
  required: boolean;
  defaultValue?: Value;
  description?: string;
  /** Anything else there is to say: true, or what is wrong with it. */
  validate?: (value: Value) => true | string;
  /** Sealed in what is kept, never shown and never logged. */
  secret?: boolean;
  /** A list of actions (PlannedAction): what is secret among their parameters is secret here. */
  ofActions?: boolean;
}

/** The parameters with defaults filled in. @throws ActionError INVALID_PARAMETERS naming the field; trying again changes nothing */
export function checkParameters(parameters: readonly Parameter[], given: Fields): Fields {
  const unknown = Object.keys(given).find((name) => !parameters.some((parameter) => parameter.name === name));
  if (unknown !== undefined) throw invalid(unknown, 'is not a parameter');
  return Object.fromEntries(
    parameters.flatMap((parameter) => {
      const value = valueOf(parameter, given);
      return value === undefined ? [] : [[parameter.name, value] as const];
    }),
  );
}

function valueOf(parameter: Parameter, given: Fields): Value | undefined {
  const { name, type, required, defaultValue, validate } = parameter;
  const value = Object.hasOwn(given, name) ? given[name] : defaultValue;
  if (value === undefined || (value === null && !required && type !== 'any')) {
    if (required) throw invalid(name, 'is missing');
    return undefined;
  }
  if (!isOf(type, value)) throw invalid(name, `must be of type ${type}`);
  const verdict = validate?.(value) ?? true;
  if (verdict !== true) throw invalid(name, verdict);
  return value;
}

function isOf(type: Parameter['type'], value: Value): boolean {
  switch (type) {
    case 'any':
      return true;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'string':
    case 'number':
    case 'boolean':
      return typeof value === type;
  }
}

const invalid = (field: string, what: string): ActionError =>
  new ActionError('INVALID_PARAMETERS', `${field} ${what}`, 'permanent', { field });
