import { setTimeout as rest } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { GroupDone, GroupLooked, GroupRequest } from '../../../machines/operation.js';
import type { EffectResult, EffectRun } from '../../engine/host.js';
import { Registry } from '../../engine/registry.js';
import { Database } from '../../platform/database.js';
import { Settings } from '../../platform/settings.js';
import { needsSecondFor } from './bulk.lifecycle.js';
import * as store from './bulk.store.js';
import { BulkVerbs, type Course } from './bulk.verbs.js';

/** Instances that are asked in one effect. */
const LOOKED_AT_ONCE = 200;
/** A group is what is done in so many seconds, so that a pause is soon and a restart repeats little. */
const GROUP_S = 5;
const LARGEST_GROUP = 200;
/** A group that takes longer goes on in the next one, milliseconds. */
const LONGEST_MS = 60_000;

/** Does bulk operations a group at a time. Every instance is done under the key of its operation, so that none is done twice. */
@Injectable()
export class BulkWork {
  constructor(
    private readonly database: Database,
    private readonly verbs: BulkVerbs,
    private readonly registry: Registry,
    private readonly settings: Settings,
  ) {}

  /** Asks the next group what it would make of it. */
  async plan(request: GroupRequest, run: EffectRun): Promise<EffectResult> {
    const { tenant, instanceId } = run;
    const elsewhere = this.elsewhere(request);
    if (elsewhere) return elsewhere;
    const course = courseOf(request, run);
    const until = performance.now() + LONGEST_MS;
    const items = await this.database.transaction(tenant, (tx) => store.unlooked(tx, instanceId, LOOKED_AT_ONCE));
    const fared: store.Fared[] = [];
    for (const item of items) {
      if (run.signal.aborted || (fared.length > 0 && performance.now() > until)) break;
      fared.push(await this.verbs.foresee(course, item));
    }
    const left = await this.database.transaction(tenant, (tx) => store.foresee(tx, instanceId, fared));
    const acceptable = fared.filter(({ outcome }) => outcome === 'accepted').length;
    return done({ acceptable, left } satisfies GroupLooked);
  }

  /** Does the next group. */
  perform(request: GroupRequest, run: EffectRun): Promise<EffectResult> {
    return this.group('perform', request, run);
  }

  /** Takes the last group back. */
  undo(request: GroupRequest, run: EffectRun): Promise<EffectResult> {
    return this.group('undo', request, run);
  }

  /** While a release is rolled out, two newest versions are there: a move is for the processes that mean the same one. */
  private elsewhere({ deed, lifecycle }: GroupRequest): EffectResult | undefined {
    if (deed.verb !== 'migrate') return undefined;
    const { version } = this.registry.get(lifecycle).lifecycle;
    if (version > deed.to)
      return { kind: 'failed', code: 'OUTDATED', reason: `version ${version} is the newest by now, not ${deed.to}` };
    const reason = `this process does not know version ${deed.to}`;
    return version < deed.to ? { kind: 'retry', isUntried: true, reason } : undefined;
  }

  private async group(what: 'perform' | 'undo', request: GroupRequest, run: EffectRun): Promise<EffectResult> {
    const { tenant, instanceId: id, key, signal } = run;
    const { perSecond, most } = request;
    const elsewhere = this.elsewhere(request);
    if (elsewhere) return elsewhere;
    const size = most ?? Math.min(LARGEST_GROUP, perSecond * GROUP_S);
    const course = courseOf(request, run);
    const until = performance.now() + LONGEST_MS;
    const items = await this.database.transaction(tenant, async (tx) => {
      // The machine has asked that before; a force leads past its conditions.
      const isAgreed = request.approvedBy !== null && request.approvedBy !== request.askedBy;
      if (!isAgreed && (await needsSecondFor(tx, this.settings, request))) return undefined;
      return store.take(tx, id, what, key, size);
    });
    if (!items)
      return { kind: 'failed', code: 'SECOND_APPROVER_NEEDED', reason: 'a second administrator has to agree' };
    for (const item of items) {
      if (signal.aborted || performance.now() > until) break;
      // Asked before each, so that a pause holds from the next instance on.
      if (!(await this.database.transaction(tenant, (tx) => store.isWanted(tx, id, key)))) break;
      const began = performance.now();
      const fared = await this.verbs[what](course, item);
      await this.database.transaction(tenant, (tx) => store.settle(tx, id, what, fared));
      await rest(Math.max(0, 1_000 / perSecond - (performance.now() - began)), undefined, { signal });
    }
    const left = await this.database.transaction(tenant, (tx) => store.countLeft(tx, id, what));
    return done({ left } satisfies GroupDone);
  }
}

const done = (output: { [name: string]: number }): EffectResult => ({ kind: 'done', output });

const courseOf = (request: GroupRequest, { tenant, instanceId: operationId, correlationId }: EffectRun): Course => ({
  operationId,
  caller: { tenant, userId: request.askedBy, roles: request.roles, correlationId },
  request,
});
