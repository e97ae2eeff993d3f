import { Injectable } from '@nestjs/common';
import type { EffectResult } from '../../engine/host.js';
import { Database, type Tx } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { Library } from '../library.js';
import { versionById, versionByName, type RegisteredVersion } from '../registrations/registrations.store.js';
import type { Start } from './runs.js';
import { versionIdOf } from './runs.store.js';

/** Finds what a name stands for: the tenant's own workflow, else the product's (R004-25). */
@Injectable()
export class Workflows {
  constructor(
    private readonly database: Database,
    private readonly library: Library,
  ) {}

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

  /** The compiled function of a run that this process does not have; undefined when it has it. */
  async missing(tenant: string, executionId: string): Promise<string | undefined> {
    const written = await this.database.transaction(tenant, (tx) => versionIdOf(tx, executionId));
    const [module = '', version = ''] = written?.split('@') ?? [];
    return written === undefined || this.library.find(module, version) ? undefined : written;
  }

  /** By its registration, in the current version; undefined when there is none (R004-22). */
  async byRegistration(tx: Tx, registrationId: string): Promise<Start['workflow'] | undefined> {
    const registered = await versionById(tx, registrationId);
    return registered && workflowOf(registered);
  }
}

/** Between looks for a process that has the function of a run. */
const LOOK_AGAIN_MS = 10_000;

/** The run waits until some process has its function: an older version that is not deployed any more comes back, or a new one everywhere. */
export const notHere = (versionId: string): EffectResult => ({
  kind: 'retry',
  reason: `The workflow ${versionId} is not known here`,
  afterMs: LOOK_AGAIN_MS,
  isUntried: true,
});

const workflowOf = ({ name, version, type, module, module_version }: RegisteredVersion): Start['workflow'] => ({
  name,
  version,
  type,
  module,
  moduleVersion: module_version,
});
