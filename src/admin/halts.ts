import { Injectable } from '@nestjs/common';
import { ROLES, type Caller } from '../auth/caller.js';
import { EngineFault } from '../engine/core/driver.js';
import { haltOf, type Halt } from '../engine/core/halt.js';
import { path } from '../engine/forcing.js';
import { Registry } from '../engine/registry.js';
import * as halted from '../engine/store/halted.js';
import type { Waiting } from '../engine/store/halted.js';
import { Database } from '../platform/database.js';

/** An instance that nothing can bring on by itself. */
export interface HaltedInstance {
  instanceId: string;
  lifecycle: string;
  version: number;
  state: string;
  why: Halt['why'] | 'cannot-be-loaded';
  detail: string;
  /** Since when it has been there. */
  since: string;
}

/** Finds instances that cannot move: a wait with a deadline, with work under way, or for somebody who exists, is none of them. */
@Injectable()
export class Halts {
  constructor(
    private readonly database: Database,
    private readonly registry: Registry,
  ) {}

  /** Looks at so many instances behind `after`. */
  find(
    { tenant }: Caller,
    limit: number,
    after: string | null,
  ): Promise<{ data: HaltedInstance[]; examined: number; next: string | null }> {
    return this.database.transaction(tenant, async (tx) => {
      const ids = await halted.page(tx, after, limit);
      const found = await halted.waiting(tx, ids);
      const next = ids.length === limit ? (ids.at(-1) ?? null) : null;
      return { data: found.flatMap((instance) => this.judge(instance)), examined: ids.length, next };
    });
  }

  private judge(instance: Waiting): HaltedInstance[] {
    const { id, lifecycle, version, updated_at: at } = instance;
    const told = { instanceId: id, lifecycle, version, state: path(instance), since: at.toISOString() };
    if (!this.registry.knows(lifecycle, version))
      return [{ ...told, why: 'cannot-be-loaded', detail: `this release does not know version ${version}` }];
    const hosted = this.registry.get(lifecycle, version);
    try {
      const halt = haltOf(hosted.lifecycle, instance, hosted.driver.handledEvents(instance.snapshot), ROLES);
      return halt ? [{ ...told, ...halt }] : [];
    } catch (error) {
      if (error instanceof EngineFault) return [{ ...told, why: 'cannot-be-loaded', detail: error.message }];
      throw error;
    }
  }
}
