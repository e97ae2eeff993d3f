/** Secrets among the parameters of actions (R004-36, R004-41). Pure: which they are, and how they are taken out of what is kept. */
import type { Fields, Value } from '../../../machines/function.types.js';
import { isFields } from '../../tasks/forms/form.js';
import { failureOf } from '../failure.js';
import type { Action } from './action.js';

/** What stands where a secret is. */
export const HIDDEN = '(hidden)';
/** Shorter texts are not looked for in what an action tells: they turn up everywhere. */
const SHORTEST = 4;
/** A sealed text, also as a part of another. */
export const SEALED_TEXTS = /sealed:\d{1,4}:[\w-]+/g;

/** The action of a name, as far as its parameters go. */
export type Known = (name: string) => Pick<Action, 'parameters'> | undefined;

/**
 * Parameters with something else in place of each secret. What is no parameter of the action is refused later and counts as a secret: it may be
 * one whose name was misspelt.
 * @param to also told where the secret is
 */
export function withSecrets(
  known: Known,
  name: string,
  params: Fields,
  to: (value: Value, path: readonly string[]) => Value,
  path: readonly string[] = [],
): Fields {
  const parameters = known(name)?.parameters;
  if (!parameters) return params;
  return Object.fromEntries(
    Object.entries(params).map(([key, value]) => {
      const parameter = parameters.find((parameter) => parameter.name === key);
      const place = [...path, key];
      if (!parameter || parameter.secret) return [key, to(value, place)];
      return [key, parameter.ofActions ? ofActions(known, value, to, place) : value];
    }),
  );
}

/** A list of actions that an action has done: what is secret among the parameters of each. */
function ofActions(
  known: Known,
  value: Value,
  to: (value: Value, path: readonly string[]) => Value,
  path: readonly string[],
): Value {
  if (!Array.isArray(value)) return value;
  return value.map((item, index) => {
    if (!isFields(item)) return item;
    const { name, params, compensationActions } = item;
    const place = [...path, String(index)];
    return {
      ...item,
      ...(isFields(params) && { params: withSecrets(known, String(name), params, to, [...place, 'params']) }),
      ...(compensationActions !== undefined && {
        compensationActions: ofActions(known, compensationActions, to, [...place, 'undo']),
      }),
    };
  });
}

/** The parameters as they may be seen, and compared. */
export const withoutSecrets = (known: Known, name: string, params: Fields): Fields =>
  withSecrets(known, name, params, () => HIDDEN);

/** The same as an earlier release did it: secrets of the action itself only, not those of actions that it has done. */
export const withoutDeclared = ({ parameters }: Pick<Action, 'parameters'>, given: Fields): Fields =>
  Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      name,
      parameters.find((parameter) => parameter.name === name)?.secret ? HIDDEN : value,
    ]),
  );

/** Every text that is secret among the parameters. */
export function secretTexts(known: Known, name: string, params: Fields): string[] {
  const found = new Set<string>();
  const collect = (value: Value): void => {
    if (typeof value === 'string' && value.length >= SHORTEST) found.add(value).add(encodeURIComponent(value));
    else if (Array.isArray(value)) value.forEach(collect);
    else if (isFields(value)) Object.values(value).forEach(collect);
  };
  withSecrets(known, name, params, (value) => {
    collect(value);
    return value;
  });
  // The longest first: one may be a part of another.
  return [...found].sort((left, right) => right.length - left.length);
}

/** A value without these texts. */
export function redacted(value: Value, texts: readonly string[]): Value {
  if (texts.length === 0) return value;
  if (typeof value === 'string') return texts.reduce((text, secret) => text.replaceAll(secret, HIDDEN), value);
  if (Array.isArray(value)) return value.map((item) => redacted(item, texts));
  if (!isFields(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, redacted(item, texts)]));
}

/** What was thrown, or the same without these texts: providers like to tell what was wrong with a credential. */
export function redactedError(thrown: unknown, texts: readonly string[]): unknown {
  const told = thrown instanceof Error ? `${thrown.message}${thrown.stack ?? ''}` : String(thrown);
  const kept = failureOf(thrown);
  const whole = `${told}${JSON.stringify(kept)}`;
  if (!texts.some((text) => whole.includes(text))) return thrown;
  const { message, ...failure } = redacted(kept as unknown as Value, texts) as { message: string };
  return Object.assign(new Error(message), failure);
}

/** Any value as it may be seen: what is sealed in it is hidden. */
export function masked<Given extends Value>(value: Given): Given;
export function masked(value: Value): Value {
  if (typeof value === 'string') return value.replaceAll(SEALED_TEXTS, HIDDEN);
  if (Array.isArray(value)) return value.map((item) => masked(item));
  if (!isFields(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, masked(item)]));
}
