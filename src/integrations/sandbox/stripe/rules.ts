import { invalid } from './failure.js';
import type { Form, FormValue } from './form.js';

/** What a parameter may be; `foreign` ones exist at Stripe, but this stand-in does not know what they do. */
type Shape = 'text' | 'whole' | 'flag' | 'texts' | 'map' | 'foreign' | readonly string[];
/** What a parameter may be, or must be and may not be left out. */
export type Rule = Shape | { readonly needed: Shape };

/**
 * A rule for each parameter of a request, and for nothing else: typed by the SDK's own parameters, so that the compiler
 * reports when an upgrade adds, removes or requires one.
 */
export type Rules<Params> = {
  readonly [Name in keyof Params]-?: Record<never, never> extends Pick<Params, Name>
    ? Shape
    : { readonly needed: Shape };
};

/** The values of a request that has kept to its rules. */
export interface Values {
  text(name: string): string | undefined;
  whole(name: string): number | undefined;
  flag(name: string): boolean;
  texts(name: string): string[] | undefined;
  map(name: string): Record<string, string>;
}

/** Removed in API version 2026-09-30, still in everybody's examples. */
const REMOVED = 'payment_method_types';

/** Checks a request as Stripe does. @throws StripeFailure for the first parameter that is unknown, missing or of the wrong shape */
export function check(form: Form, rules: Readonly<Record<string, Rule>>): Values {
  for (const [name, value] of Object.entries(form)) {
    const rule = rules[name];
    if (name === REMOVED && !rule)
      throw invalid(
        'payment_method_types_no_longer_supported',
        `${name} is no longer supported; use allowed_payment_method_types.`,
        name,
      );
    if (!rule) throw invalid('parameter_unknown', `Received unknown parameter: ${name}`, name);
    checkShape(name, value, isNeeded(rule) ? rule.needed : rule);
  }
  for (const [name, rule] of Object.entries(rules)) {
    if (isNeeded(rule) && form[name] === undefined)
      throw invalid('parameter_missing', `Missing required param: ${name}.`, name);
  }
  return valuesOf(form);
}

const isNeeded = (rule: Rule): rule is { readonly needed: Shape } => typeof rule === 'object' && 'needed' in rule;

function checkShape(name: string, value: FormValue, shape: Shape): void {
  if (shape === 'foreign') throw invalid('sandbox_unsupported', `The sandbox does not know what ${name} does.`, name);
  const isRight = typeof shape === 'string' ? SHAPES[shape](value) : shape.some((allowed) => allowed === value);
  if (isRight) return;
  if (shape === 'whole') throw invalid('parameter_invalid_integer', `Invalid integer: ${String(value)}`, name);
  throw invalid(
    'parameter_invalid',
    typeof shape === 'string' ? `Invalid ${name}` : `Invalid ${name}: must be one of ${shape.join(', ')}`,
    name,
  );
}

const isText = (value: FormValue): value is string => typeof value === 'string';

const SHAPES: Readonly<Record<Exclude<Shape, 'foreign' | readonly string[]>, (value: FormValue) => boolean>> = {
  text: (value) => isText(value) && value !== '' && value.length <= 5_000,
  whole: (value) => isText(value) && /^-?\d{1,15}$/.test(value),
  flag: (value) => value === 'true' || value === 'false',
  texts: (value) => Array.isArray(value) && value.every(isText),
  map: (value) => value === '' || (!Array.isArray(value) && !isText(value) && isMetadata(value)),
};

/** Stripe's limits: 50 keys of 40 characters, values of 500. */
function isMetadata(value: Form): boolean {
  const entries = Object.entries(value);
  return entries.length <= 50 && entries.every(([key, item]) => key.length <= 40 && isText(item) && item.length <= 500);
}

function valuesOf(form: Form): Values {
  const text = (name: string): string | undefined => {
    const value = form[name];
    return isText(value ?? []) ? String(value) : undefined;
  };
  return {
    text,
    whole: (name) => (text(name) === undefined ? undefined : Number(text(name))),
    flag: (name) => text(name) === 'true',
    texts: (name) => {
      const value = form[name];
      return Array.isArray(value) ? value.filter(isText) : undefined;
    },
    map: (name) => {
      const value = form[name];
      const entries = typeof value === 'object' && !Array.isArray(value) ? Object.entries(value) : [];
      return Object.fromEntries(entries.map(([key, item]) => [key, String(item)]));
    },
  };
}
