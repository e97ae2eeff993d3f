/** Parameters of rules that may carry secrets: sealed in the rule's row, opened where it is shown to whoever may see them, or set off. */
import { mapped, type Action } from '../../actions/action.js';
import type { Json } from '../../engine/core/driver.js';
import { isSealed, seal, unseal, type SealingKey } from '../../platform/sealing.js';
import type { RuleAction } from './rule.js';

/** What is known of an action, by its type. */
type Find = (type: string) => Pick<Action, 'secrets'> | undefined;

const placeOf = (tenant: string, type: string, name: string): string[] => [tenant, 'automation.rules', type, name];

/** Actions as they are kept, holes and all. */
export const sealActions = (
  keys: readonly SealingKey[],
  tenant: string,
  find: Find,
  actions: readonly RuleAction[],
): RuleAction[] =>
  actions.map(({ type, params }) => ({
    type,
    params: mapped(params, find(type)?.secrets ?? [], (value, name) =>
      seal(keys, placeOf(tenant, type, name), JSON.stringify(value)),
    ),
  }));

/** Actions as they are meant. @throws Error when a key is gone that they were sealed with */
export const openActions = (
  keys: readonly SealingKey[],
  tenant: string,
  find: Find,
  actions: readonly RuleAction[],
): RuleAction[] =>
  actions.map(({ type, params }) => ({
    type,
    params: mapped(params, find(type)?.secrets ?? [], (value, name) =>
      isKept(value) ? (JSON.parse(unseal(keys, placeOf(tenant, type, name), value)) as Json) : value,
    ),
  }));

/** Whether something stands open that should not: it was written before rules were sealed. */
export const areOpen = (find: Find, actions: readonly RuleAction[]): boolean =>
  actions.some(({ type, params }) =>
    (find(type)?.secrets ?? []).some((name) => params[name] !== undefined && !isKept(params[name])),
  );

const isKept = (value: Json | undefined): value is string => typeof value === 'string' && isSealed(value);
