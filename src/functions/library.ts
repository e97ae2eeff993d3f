import { Injectable } from '@nestjs/common';
import type { WorkflowDefinition } from './workflow.js';

/** Names of workflows and actions: they stand in addresses and histories. */
export const NAME = /^[A-Za-z][\w.-]{0,99}$/;
const VERSION = /^\w[\w.-]{0,39}$/;

/** Every compiled function of this process, in all its versions (R004-25, R004-39). */
@Injectable()
export class Library {
  private readonly known = new Map<string, Map<string, WorkflowDefinition>>();

  /** Makes a function known; the version that is registered last is the one that new runs get. @throws when name and version are taken */
  registerWorkflow(definition: WorkflowDefinition): void {
    const { name, version } = definition.metadata;
    if (!NAME.test(name) || !VERSION.test(version)) throw new Error(`${name}@${version} is no name of a workflow`);
    const versions = this.known.get(name) ?? new Map<string, WorkflowDefinition>();
    if (versions.has(version)) throw new Error(`workflow ${name}@${version} is registered twice`);
    versions.set(version, definition);
    this.known.set(name, versions);
  }

  find(name: string, version: string): WorkflowDefinition | undefined {
    return this.known.get(name)?.get(version);
  }

  /** The version for new runs. */
  current(name: string): WorkflowDefinition | undefined {
    return [...(this.known.get(name)?.values() ?? [])].at(-1);
  }

  /** Every version of every function, oldest first. */
  all(): WorkflowDefinition[] {
    return [...this.known.values()].flatMap((versions) => [...versions.values()]);
  }
}
