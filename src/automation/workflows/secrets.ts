/** Secrets in the configuration of steps (R002-5): sealed in what is kept, hidden in what is shown, opened where a step is done. */
import type { Fields, Value } from '../../../machines/execution.types.js';
import type { Action } from '../../actions/action.js';
import { isSealed, seal, unseal, type SealingKey } from '../../platform/sealing.js';

/** What stands where a secret is; whoever writes a workflow back may leave it so. */
export const HIDDEN = '(hidden)';

/** Says how somebody shows who he is, not who he is; and it is checked, so it has to stay readable. */
const KIND_OF_AUTH = 'auth.type';

type Change = (text: string, path: readonly string[]) => string;

/** The configuration as it is kept. Texts with references are no secrets: what fills them is not known yet. */
export const sealConfig = (
  keys: readonly SealingKey[],
  place: readonly string[],
  action: Pick<Action, 'secrets'>,
  config: Fields,
): Fields =>
  withSecrets(action, config, (text, path) =>
    text === '' || text.includes('{{') ? text : seal(keys, [...place, ...path], text),
  );

/** The configuration as it was meant: what was left hidden, or was taken over sealed, is what it was before. */
export const meantConfig = (
  keys: readonly SealingKey[],
  place: readonly string[],
  action: Pick<Action, 'secrets'>,
  config: Fields,
  earlier: Fields | undefined,
): Fields =>
  withSecrets(action, config, (text, path) => {
    const before = textAt(earlier, path);
    return before !== undefined && isSealed(before) && (text === HIDDEN || text === before)
      ? unseal(keys, [...place, ...path], before)
      : text;
  });

/**
 * Whether something is left hidden in a configuration that goes to another address than before: who may write a workflow may not have a secret
 * sent to himself that he may not see.
 */
export function isLedAway(action: Pick<Action, 'secrets'>, written: Fields, meant: Fields, earlier: Fields): boolean {
  let isHidden = false;
  withSecrets(action, written, (text) => {
    isHidden ||= text === HIDDEN || isSealed(text);
    return text;
  });
  return isHidden && meant['url'] !== earlier['url'];
}

/** The configuration as it is used. @throws Error when a key is gone that it was sealed with */
export const openConfig = (
  keys: readonly SealingKey[],
  place: readonly string[],
  action: Pick<Action, 'secrets'>,
  config: Fields,
): Fields =>
  withSecrets(action, config, (text, path) => (isSealed(text) ? unseal(keys, [...place, ...path], text) : text));

/** Any value as it may be seen. */
export function hidden(value: Value): Value {
  if (typeof value === 'string') return isSealed(value) ? HIDDEN : value;
  if (Array.isArray(value)) return value.map(hidden);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, hidden(item)]));
}

function withSecrets({ secrets = [] }: Pick<Action, 'secrets'>, config: Fields, change: Change): Fields {
  const changed = (value: Value, path: readonly string[]): Value => {
    if (typeof value === 'string') return path.join('.') === KIND_OF_AUTH ? value : change(value, path);
    if (Array.isArray(value)) return value.map((item, index) => changed(item, [...path, String(index)]));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, changed(item, [...path, name])]));
  };
  return Object.fromEntries(
    Object.entries(config).map(([name, value]) => [name, secrets.includes(name) ? changed(value, [name]) : value]),
  );
}

function textAt(value: Value | undefined, path: readonly string[]): string | undefined {
  let at: Value | undefined = value;
  for (const name of path)
    at = typeof at === 'object' && at !== null && Object.hasOwn(at, name) ? (at as Fields)[name] : undefined;
  return typeof at === 'string' ? at : undefined;
}
