/** The parameters of an action as a JSON schema, as far as its class says what they are. */
import { getMetadataStorage } from 'class-validator';

/** The shape of an object. */
export interface ParamsSchema {
  type: 'object';
  properties: Record<string, Record<string, unknown>>;
  required: string[];
  additionalProperties: false;
}

/** What each rule of class-validator says in JSON schema. */
const SAYS: Readonly<Record<string, (constraints: readonly unknown[]) => Record<string, unknown>>> = {
  isString: () => ({ type: 'string' }),
  isEmail: () => ({ type: 'string', format: 'email' }),
  isIso8601: () => ({ type: 'string', format: 'date-time' }),
  matches: ([pattern]) => ({ type: 'string', ...(pattern instanceof RegExp && { pattern: pattern.source }) }),
  isInt: () => ({ type: 'integer' }),
  isNumber: () => ({ type: 'number' }),
  isBoolean: () => ({ type: 'boolean' }),
  isObject: () => ({ type: 'object' }),
  isArray: () => ({ type: 'array' }),
  isIn: ([choices]) => ({ enum: choices }),
  min: ([minimum]) => ({ minimum }),
  max: ([maximum]) => ({ maximum }),
  minLength: ([minLength]) => ({ minLength }),
  maxLength: ([maxLength]) => ({ maxLength }),
  arrayMinSize: ([minItems]) => ({ minItems }),
  arrayMaxSize: ([maxItems]) => ({ maxItems }),
};

/** The schema of a class of parameters. */
export function schemaOf(Params: new () => object): ParamsSchema {
  const rules = getMetadataStorage().getTargetValidationMetadatas(Params, '', false, false);
  const names = [...new Set(rules.map(({ propertyName }) => propertyName))].sort();
  const of = (name: string) => rules.filter(({ propertyName }) => propertyName === name);
  return {
    type: 'object',
    properties: Object.fromEntries(
      names.map((name) => [
        name,
        Object.assign(
          {},
          ...of(name)
            .filter(({ each }) => !each)
            .map(said),
        ) as Record<string, unknown>,
      ]),
    ),
    required: names.filter((name) => !of(name).some(({ type }) => type === 'conditionalValidation')),
    additionalProperties: false,
  };
}

const said = ({ name, constraints }: { name?: string; constraints?: unknown[] }): Record<string, unknown> =>
  SAYS[name ?? '']?.(constraints ?? []) ?? {};
