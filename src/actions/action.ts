/** What a rule can have done: one deed with a name, the shape of its parameters, and who may ask for it. */
import type { Caller, Role } from '../auth/caller.js';
import type { Json } from '../engine/core/driver.js';
import type { EffectResult, EffectRun } from '../engine/host.js';

/** Who works with rules, and whose rights the rules they write have. */
const WORKERS: readonly Role[] = ['sales', 'operator', 'admin', 'service'];
const OPERATORS: readonly Role[] = ['operator', 'admin'];

/** What somebody has to be allowed before his rules may do it, and the roles that are. */
export const PERMISSIONS = {
  'comms.send': WORKERS,
  'workstream.write': WORKERS,
  'engagements.write': WORKERS,
  'docs.write': WORKERS,
  'people.write': WORKERS,
  'automation.write': WORKERS,
  // It leaves the house for wherever the rule says.
  'automation.call': OPERATORS,
} as const satisfies Record<string, readonly Role[]>;
/** One of PERMISSIONS. */
export type Permission = keyof typeof PERMISSIONS;

/** What comes out of an action (R001-80). */
export const OUTCOMES = ['email', 'task', 'crm', 'report', 'event', 'webhook', 'message', 'data'] as const;
/** One of OUTCOMES. */
export type OutcomeKind = (typeof OUTCOMES)[number];

/** What kind of action it is, for whoever looks for one (R002-71). */
export type Category = 'communication' | 'data' | 'integration' | 'ai' | 'utility' | 'custom';

/** What is told of an action besides its parameters (R002-71). */
export interface About {
  description: string;
  category: Category;
  /** JSON schema of what comes of it. */
  output: object;
  /** Whether its provider needs a key that the operator has to set. */
  requiresAuth: boolean;
  /** Usual time, milliseconds. */
  estimatedDuration: number;
  /** US dollars that a provider usually charges. */
  costPerExecution: number;
}

/** What an action is told besides its parameters. */
export interface ActionRun extends EffectRun {
  /** Whom it is done for: the rule, with the rights of whoever wrote it. */
  caller: Caller;
  /** How many rules stand between this and what happened by itself, this one included. */
  depth: number;
}

/** Something a rule can have done. May run more than once with the same key. */
export interface Action<Params extends object = object> {
  /** Family and verb: `comms.send_email`. */
  type: string;
  title: string;
  kind: OutcomeKind;
  permission: Permission;
  /** The class (class-validator) that its parameters must satisfy. Unknown ones are refused. */
  Params: new () => Params;
  /** Parameters that may carry secrets: sealed in what is kept of a firing, hidden from whoever may not have the action done. */
  secrets?: readonly string[];
  about?: About;
  /** A refusal that it throws is its last word; any other error is tried again. */
  run(params: Params, run: ActionRun): Promise<EffectResult>;
}

/** Whether somebody with these roles may have it done. */
export const isPermitted = ({ permission }: Pick<Action, 'permission'>, roles: readonly string[]): boolean =>
  PERMISSIONS[permission].some((role) => roles.includes(role));

const HIDDEN = '(hidden)';

/** Parameters as somebody with these roles may see them. */
export const shownTo = (
  roles: readonly string[],
  action: Pick<Action, 'permission' | 'secrets'>,
  params: { [name: string]: Json },
): { [name: string]: Json } =>
  isPermitted(action, roles) ? params : mapped(params, action.secrets ?? [], () => HIDDEN);

/** Parameters with something else in place of each of these, as far as they are there. */
export const mapped = (
  params: { [name: string]: Json },
  names: readonly string[],
  to: (value: Json, name: string) => Json,
): { [name: string]: Json } =>
  Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, names.includes(name) ? to(value, name) : value]),
  );
