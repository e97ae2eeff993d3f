import { Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { Library } from '../library.js';
import type { Start } from './runs.js';

/** Finds what a name stands for: the tenant's own workflow, else the product's (R004-25). */
@Injectable()
export class Workflows {
  constructor(private readonly library: Library) {}

  /** @throws WF006 when there is no such workflow, or no such version */
  async find(_tx: Tx, name: string, version: string | undefined): Promise<Start['workflow']> {
    const found = version === undefined ? this.library.current(name) : this.library.find(name, version);
    if (!found)
      throw refuse('WF006', { errors: [{ field: 'workflowName', message: 'there is no such workflow or version' }] });
    const { metadata } = found;
    return { name, version: metadata.version, type: 'system', module: name, moduleVersion: metadata.version };
  }
}
