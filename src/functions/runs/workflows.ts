import { Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { Library } from '../library.js';
import { versionById, versionByName, type RegisteredVersion } from '../registrations/registrations.store.js';
import type { Start } from './runs.js';

/** Finds what a name stands for: the tenant's own workflow, else the product's (R004-25). */
@Injectable()
export class Workflows {
  constructor(private readonly library: Library) {}

  /** By name, in a version or in the current one. @throws WF006 when there is none */
  async find(tx: Tx, name: string, version: string | undefined): Promise<Start['workflow']> {
    const registered = await versionByName(tx, name, version ?? null);
    if (registered) return workflowOf(registered);
    // Registered in this process after it has started: nobody has written it down yet.
    const found = version === undefined ? this.library.current(name) : this.library.find(name, version);
    if (!found)
      throw refuse('WF006', { errors: [{ field: 'workflowName', message: 'there is no such workflow or version' }] });
    const { metadata } = found;
    return { name, version: metadata.version, type: 'system', module: name, moduleVersion: metadata.version };
  }

  /** By its registration, in the current version; undefined when there is none (R004-22). */
  async byRegistration(tx: Tx, registrationId: string): Promise<Start['workflow'] | undefined> {
    const registered = await versionById(tx, registrationId);
    return registered && workflowOf(registered);
  }
}

const workflowOf = ({ name, version, type, module, module_version }: RegisteredVersion): Start['workflow'] => ({
  name,
  version,
  type,
  module,
  moduleVersion: module_version,
});
