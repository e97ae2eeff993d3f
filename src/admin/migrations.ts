import { Injectable } from '@nestjs/common';
import type { Caller } from '../auth/caller.js';
import { Migrating, type MovePlan } from '../engine/migrating.js';
import { Registry } from '../engine/registry.js';
import { Refused } from '../platform/errors.js';
import type { MigrationGroup, MigrationReport } from './migrations.dto.js';

const EXAMPLES = 5;

/** How an instance fares, or has fared. */
export type Fared = MovePlan & { moved: boolean };

/** Moves many running instances to the newest version of their lifecycle, each in a transaction of its own. */
@Injectable()
export class Migrations {
  constructor(
    private readonly migrating: Migrating,
    private readonly registry: Registry,
  ) {}

  /**
   * How those behind `cursor` would fare, or with a reason: how they have fared, for then those that can be moved are moved.
   * @throws NOT_FOUND when there is no such lifecycle
   */
  async some(
    caller: Caller,
    lifecycle: string,
    { reason, limit, cursor }: { reason: string | null; limit: number; cursor: string | null },
  ): Promise<MigrationReport> {
    const { tenant } = caller;
    const to = this.registry.get(lifecycle).lifecycle.version;
    const after = cursor === null ? null : { tenant, id: cursor };
    const found = await this.migrating.stragglers(lifecycle, tenant, after, limit);
    const tally = new Tally();
    for (const { id } of found) tally.add(await this.one(caller, id, reason));
    const last = found.length === limit ? found.at(-1) : undefined;
    return {
      lifecycle,
      to,
      examined: found.length,
      moved: tally.moved,
      groups: tally.groups(),
      remaining: await this.migrating.count(lifecycle, tenant),
      nextCursor: last?.id ?? null,
    };
  }

  /** One of them. What has changed between the look and the move is told as blocked. */
  async one(caller: Caller, id: string, reason: string | null): Promise<Fared> {
    const plan = await this.migrating.plan(caller, id);
    if (reason === null || plan.verdict !== 'auto') return { ...plan, moved: false };
    try {
      await this.migrating.migrate(caller, id, reason);
      return { ...plan, moved: true };
    } catch (error) {
      if (error instanceof Refused) return { ...plan, verdict: 'blocked', reason: error.message, moved: false };
      throw error;
    }
  }
}

/** Instances by how they fare. */
export class Tally {
  moved = 0;
  private readonly found = new Map<string, MigrationGroup>();

  add({ version, from: state, verdict, reason: why, becomes, instanceId, moved }: Fared): void {
    if (moved) this.moved++;
    const reason = why ?? null;
    const key = JSON.stringify([version, state, verdict, reason, becomes?.state]);
    const group: MigrationGroup = this.found.get(key) ?? {
      ...{ version, state, verdict, reason },
      ...{ becomes: becomes?.state ?? null, count: 0, examples: [] },
    };
    group.count++;
    if (group.examples.length < EXAMPLES) group.examples.push(instanceId);
    this.found.set(key, group);
  }

  /** The largest first. */
  groups(): MigrationGroup[] {
    return [...this.found.values()].sort((left, right) => right.count - left.count);
  }
}
