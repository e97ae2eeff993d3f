import { Injectable } from '@nestjs/common';
import type { Action } from './action.js';

/** Every action there is. Each module brings those that it can do for real; whoever runs rules finds them here. */
@Injectable()
export class Actions {
  private readonly known = new Map<string, Action>();

  /** Adds an action; once, when its module starts. @throws when there is one of its name */
  offer<Params extends object>(action: Action<Params>): void {
    if (this.known.has(action.type)) throw new Error(`action ${action.type} is offered twice`);
    // What runs it has checked the parameters against the action's own class.
    this.known.set(action.type, { ...action, run: (params, run) => action.run(params as Params, run) });
  }

  find(type: string): Action | undefined {
    return this.known.get(type);
  }

  /** By name. */
  all(): Action[] {
    return [...this.known.values()].sort((left, right) => (left.type < right.type ? -1 : 1));
  }
}
