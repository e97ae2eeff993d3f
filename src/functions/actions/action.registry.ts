import { Injectable } from '@nestjs/common';
import {
  canonicalName,
  ISOLATION_LEVELS,
  type Action,
  type ActionOptions,
  type DatabaseAction,
  type IsolationLevel,
  type SimpleAction,
} from './action.js';
import type { Parameter } from './parameters.js';

const NAME = /^[a-z][a-z0-9_]{0,99}$/;
const TIMEOUT_MS = 30_000;
const LONGEST_TIMEOUT_MS = 60_000;
const RETRIES = 3;
const MOST_RETRIES = 9;

/** Every action there is. Modules register those that they can do for real. */
@Injectable()
export class ActionRegistry {
  private readonly known = new Map<string, Action>();

  /** @throws Error when the name is taken */
  registerSimpleAction(
    name: string,
    description: string,
    parameters: readonly Parameter[],
    run: SimpleAction['run'],
    options: ActionOptions = {},
  ): void {
    this.add({ kind: 'simple', name: canonicalName(name), description, parameters, run, options: patience(options) });
  }

  /** @throws Error when the name is taken, or there is no such isolation level */
  registerDatabaseAction(
    name: string,
    description: string,
    parameters: readonly Parameter[],
    isolation: IsolationLevel,
    run: DatabaseAction['run'],
    options: ActionOptions = {},
  ): void {
    // It becomes part of a statement.
    if (!ISOLATION_LEVELS.includes(isolation)) throw new Error(`there is no isolation level ${String(isolation)}`);
    const described = { name: canonicalName(name), description, parameters, options: patience(options) };
    this.add({ kind: 'database', isolation, run, ...described });
  }

  /** `find`, to be handed on. */
  readonly byName = (written: string): Action | undefined => this.find(written);

  /** By its name in either way of writing. */
  find(written: string): Action | undefined {
    return this.known.get(canonicalName(written));
  }

  /** By name. */
  all(): Action[] {
    return [...this.known.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
  }

  private add(action: Action): void {
    if (!NAME.test(action.name)) throw new Error(`${action.name} is no name of an action`);
    if (this.known.has(action.name)) throw new Error(`action ${action.name} is registered twice`);
    this.known.set(action.name, action);
  }
}

function patience({ timeoutMs = TIMEOUT_MS, maxRetries = RETRIES }: ActionOptions): Required<ActionOptions> {
  return { timeoutMs: Math.min(timeoutMs, LONGEST_TIMEOUT_MS), maxRetries: Math.min(maxRetries, MOST_RETRIES) };
}
