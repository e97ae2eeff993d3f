/** Rules of classes, told to clients as JSON Schema (draft 2020-12), so that they can ask for what would be taken. */
import { getMetadataStorage } from 'class-validator';

/** JSON Schema, as far as it is made here. */
export interface RuleSchema {
  type?: 'string' | 'number' | 'integer' | 'boolean' | 'object' | 'array';
  description?: string;
  format?: string;
  pattern?: string;
  const?: unknown;
  enum?: unknown[];
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  minItems?: number;
  maxItems?: number;
  items?: RuleSchema;
  properties?: Record<string, RuleSchema>;
  required?: string[];
  additionalProperties?: boolean;
}

type Class = new () => object;
type Rule = ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']>[number];

/** Deeper than any class of ours refers to others; a class that holds itself ends here. */
const DEEPEST = 5;

/**
 * The schema of an object that a class takes. A field without a rule of type takes anything; rules that JSON Schema has no word for are
 * left out, so what fits the schema may still be refused.
 */
export function schemaOf(Shape: Class, depth = 0): RuleSchema {
  const rules = getMetadataStorage().getTargetValidationMetadatas(Shape, '', false, false);
  const fields = [...new Set(rules.map(({ propertyName }) => propertyName))];
  const comments = commentsOf(Shape);
  const properties = fields.map((field) => {
    const own = rules.filter(({ propertyName }) => propertyName === field);
    const description = comments[field]?.description;
    return [field, { ...fieldSchema(Shape, field, own, depth), ...(description ? { description } : {}) }] as const;
  });
  const required = fields.filter(
    (field) => !rules.some(({ propertyName, type }) => propertyName === field && type === 'conditionalValidation'),
  );
  return {
    type: 'object',
    properties: Object.fromEntries(properties),
    ...(required.length > 0 ? { required } : {}),
    additionalProperties: false,
  };
}

function fieldSchema(Shape: Class, field: string, rules: readonly Rule[], depth: number): RuleSchema {
  const own = Object.assign({}, ...rules.filter(({ each }) => !each).map(wordsOf)) as RuleSchema;
  const each = rules.filter((rule) => rule.each);
  const isNested = rules.some(({ type }) => type === 'nestedValidation');
  const declared: unknown = Reflect.getMetadata('design:type', Shape.prototype as object, field);
  if (own.type === 'array' || declared === Array || each.length > 0)
    return { ...own, type: 'array', items: Object.assign({}, ...each.map(wordsOf)) as RuleSchema };
  if (isNested && typeof declared === 'function' && declared !== Object && depth < DEEPEST)
    return schemaOf(declared as Class, depth + 1);
  return own.type === undefined && own.enum === undefined && own.const === undefined
    ? { ...typeOf(declared), ...own }
    : own;
}

function typeOf(declared: unknown): RuleSchema {
  if (declared === String) return { type: 'string' };
  if (declared === Number) return { type: 'number' };
  if (declared === Boolean) return { type: 'boolean' };
  return {};
}

/** What one rule says, in the words of JSON Schema. */
function wordsOf({ name, constraints }: Rule): RuleSchema {
  const [first, second] = (constraints ?? []) as unknown[];
  switch (name) {
    case 'isString':
      return { type: 'string' };
    case 'isBoolean':
      return { type: 'boolean' };
    case 'isInt':
      return { type: 'integer' };
    case 'isNumber':
    case 'isDecimal':
      return { type: 'number' };
    case 'isObject':
      return { type: 'object' };
    case 'isArray':
      return { type: 'array' };
    case 'isIso8601':
      return { type: 'string', format: 'date-time' };
    case 'isEmail':
      return { type: 'string', format: 'email' };
    case 'isIn':
      return Array.isArray(first) ? { enum: [...(first as unknown[])] } : {};
    case 'equals':
      return { const: first };
    case 'matches':
      return first instanceof RegExp && first.flags.replace('u', '') === '' ? { pattern: first.source } : {};
    default:
      return bound(name ?? '', first, second);
  }
}

const BOUNDS: Readonly<Record<string, keyof RuleSchema>> = {
  minLength: 'minLength',
  maxLength: 'maxLength',
  min: 'minimum',
  max: 'maximum',
  arrayMinSize: 'minItems',
  arrayMaxSize: 'maxItems',
};

function bound(name: string, first: unknown, second: unknown): RuleSchema {
  if (name === 'isPositive') return { exclusiveMinimum: 0 };
  if (name === 'isLength')
    return {
      ...(typeof first === 'number' ? { minLength: first } : {}),
      ...(typeof second === 'number' ? { maxLength: second } : {}),
    };
  const word = BOUNDS[name];
  return word !== undefined && typeof first === 'number' ? { [word]: first } : {};
}

/** What the comments beside the fields say, which the build keeps for the API document. */
function commentsOf(Shape: Class): Record<string, { description?: string } | undefined> {
  const factory: unknown = Reflect.get(Shape, '_OPENAPI_METADATA_FACTORY');
  return typeof factory === 'function'
    ? (Reflect.apply(factory, Shape, []) as Record<string, { description?: string }>)
    : {};
}
