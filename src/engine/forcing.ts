import { Injectable } from '@nestjs/common';
import type { Caller } from '../auth/caller.js';
import { Database, type Tx } from '../platform/database.js';
import { refuse } from '../platform/errors.js';
import { Wakeup } from '../platform/wakeup.js';
import { Decisions } from './decisions.js';
import { path, planForce, type ForceRequest, type Forcer } from './force.plan.js';
import { reportOn, type ForceReport } from './force.report.js';
import type { Ack, Cause } from './recording.js';
import { idempotencyOf, keepAnswer, oncePerKey, replayed, type Idempotency } from './idempotency.js';
import { Registry, type Hosted } from './registry.js';
import { audit } from './store/audit.js';
import * as compensation from './store/compensation.js';
import * as instances from './store/instances.js';
import type { CompensationStatus, InstanceStatus, Locked } from './store/instances.js';
import { lastMove } from './store/leftovers.js';
import * as outbox from './store/outbox.js';
import { visible } from './visibility.js';

export type { ForceRequest } from './force.plan.js';
export { path } from './force.plan.js';

/** A force that leads back to where the last one led away from. */
export type WayBack = Pick<ForceRequest, 'reason' | 'runEntryEffects' | 'expectedRevision'>;

/** A force that was done, with everything it did and passed over. */
export type ForceAck = Ack & { report: ForceReport };
/** What a force would do to the instance as it is at this revision. */
export type ForcePreview = ForceReport & { dryRun: true; revision: number };

/** What administrators may do to an instance beside its events. Each use is audited in the same transaction. */
@Injectable()
export class Forcing {
  constructor(
    private readonly database: Database,
    private readonly registry: Registry,
    private readonly decisions: Decisions,
    private readonly wakeup: Wakeup,
  ) {}

  /** Moves an instance to a state, whatever the guards say, by its own exit and entry actions. @throws WF001, WF002, WF006 */
  force(caller: Caller, id: string, request: ForceRequest, key: string | undefined): Promise<ForceAck> {
    const idempotency = idempotencyOf(key, id, { force: request });
    return oncePerKey<ForceAck>(this.database, caller.tenant, idempotency, () =>
      this.database.transaction(caller.tenant, (tx) => this.within(tx, caller, id, request, caller, idempotency)),
    );
  }

  /**
   * Takes a force back by another one: to where the instance was before, as long as nothing has happened since. Timers of that state are armed
   * anew; what entering does in the world is done only when asked for; what the force did in the world stays done. @throws WF001, WF002
   */
  undo(caller: Caller, id: string, asked: WayBack, key: string | undefined): Promise<ForceAck> {
    const idempotency = idempotencyOf(key, id, { undoForce: asked });
    return oncePerKey<ForceAck>(this.database, caller.tenant, idempotency, () =>
      this.database.transaction(caller.tenant, (tx) => this.within(tx, caller, id, asked, caller, idempotency)),
    );
  }

  /** The same in a transaction that is under way. A request that names no state takes the last force back. @throws WF001, WF002, WF006 */
  async within(
    tx: Tx,
    caller: Caller,
    id: string,
    asked: ForceRequest | WayBack,
    by: Forcer,
    idempotency?: Idempotency,
  ): Promise<ForceAck> {
    const locked = await instances.lock(tx, id, idempotency?.key ?? null);
    const { instance, hosted } = visible(this.registry, caller, locked);
    if (instance.answered && idempotency) return replayed<ForceAck>(instance.answered, idempotency);
    if ('toState' in asked) return this.carryOut(tx, instance, hosted, asked, by, idempotency);
    const request = await wayBack(tx, hosted, instance, asked);
    return this.carryOut(tx, instance, hosted, request, { ...by, undoes: instance.revision }, idempotency);
  }

  /** What the same force would do, without doing it. */
  preview(caller: Caller, id: string, asked: ForceRequest | WayBack): Promise<ForcePreview> {
    return this.database.transaction(caller.tenant, (tx) => this.previewWithin(tx, caller, id, asked));
  }

  /** The same in a transaction that is under way. */
  async previewWithin(tx: Tx, caller: Caller, id: string, asked: ForceRequest | WayBack): Promise<ForcePreview> {
    const { instance, hosted } = visible(this.registry, caller, await instances.lock(tx, id, null));
    const request = 'toState' in asked ? asked : await wayBack(tx, hosted, instance, asked);
    const forced = await planForce(hosted, instance, request, caller);
    const report = await reportOn(tx, this.decisions, hosted, instance, forced);
    return { dryRun: true, revision: instance.revision, ...report };
  }

  /** Stops events, timers and effects of an instance until it is resumed; what is running now still lands. */
  pause(caller: Caller, id: string, reason: string, key?: string): Promise<Ack> {
    return this.switch({ caller, id, action: 'pause', reason, key }, 'active', 'paused');
  }

  resume(caller: Caller, id: string, reason: string, key?: string): Promise<Ack> {
    return this.switch({ caller, id, action: 'resume', reason, key }, 'paused', 'active');
  }

  /** Puts every dead effect of an instance back to work, under its old key. */
  retry(caller: Caller, id: string, reason: string, key?: string): Promise<{ success: true; revived: number }> {
    return this.audited({ caller, id, action: 'retry', reason, key }, async (tx) => {
      const dead = (await outbox.ofInstance(tx, id)).filter(({ status }) => status === 'dead');
      for (const effect of dead) await outbox.revive(tx, effect.id);
      return { success: true as const, revived: dead.length };
    });
  }

  /** Undoes what an ended instance did, or tries again what could not be undone. */
  compensate(
    caller: Caller,
    id: string,
    reason: string,
    key?: string,
  ): Promise<{ success: true; compensation: string; revived: number }> {
    return this.audited({ caller, id, action: 'compensate', reason, key }, async (tx, instance) => {
      if (instance.status !== 'done' && instance.status !== 'failed')
        throw refuse('WF002', { detail: 'Only an instance that has ended can be compensated.' });
      const revived = await compensation.reviveAll(tx, id);
      await this.decisions.undo(tx, id, instance.revision);
      const { open } = await compensation.progress(tx, id);
      return { success: true as const, compensation: open > 0 ? 'pending' : instance.compensation, revived };
    });
  }

  /** The force itself, under the lock: the step, its report, and the audit of both. */
  private async carryOut(
    tx: Tx,
    instance: Locked,
    hosted: Hosted,
    request: ForceRequest,
    by: Forcer,
    idempotency: Idempotency | undefined,
  ): Promise<ForceAck> {
    const forced = await planForce(hosted, instance, request, by);
    const report = await reportOn(tx, this.decisions, hosted, instance, forced);
    const message = `Forced from ${request.fromState} to ${request.toState}`;
    const cause: Cause = { ...forced.cause, idempotency, message, besides: { report } };
    const before = { ...instance, compensation: await undoneSoFar(tx, instance) };
    const ack = await this.decisions.record(tx, hosted, before, forced.happened, forced.step, cause);
    const details = {
      fromState: instance.state,
      toState: request.toState,
      runEntryEffects: request.runEntryEffects,
      seq: ack.seq,
      guardsSkipped: report.skipped.filter(({ guard }) => !guard.ok).map(({ label }) => label),
      invariantsBroken: report.invariantsBroken.map(({ name }) => name),
      ...(by.approvedBy === undefined ? {} : { approvedBy: by.approvedBy }),
      ...(by.undoes === undefined ? {} : { undoes: by.undoes }),
    };
    const action = by.undoes === undefined ? 'force-transition' : 'force-undo';
    await audit(tx, { actor: by.userId, action, target: instance.id, reason: request.reason, details });
    return { ...ack, report };
  }

  private switch(
    command: Command & { action: 'pause' | 'resume' },
    from: InstanceStatus,
    to: InstanceStatus,
  ): Promise<Ack> {
    const { caller, action: kind, reason } = command;
    return this.audited(command, async (tx, instance, hosted) => {
      if (instance.status !== from)
        throw refuse('WF002', { detail: `The instance is ${instance.status}, not ${from}.` });
      const cause: Cause = {
        kind,
        cause: 'admin',
        actor: caller.userId,
        roles: caller.roles,
        correlationId: caller.correlationId,
      };
      return this.decisions.note(tx, hosted, instance, `admin.${kind}`, { reason }, cause, to, instance.compensation);
    });
  }

  /** Does what an administrator asks, writes it into the audit log and keeps the answer to its key, all or nothing. */
  private audited<T extends object>(
    { caller, id, action, reason, key }: Command,
    work: (tx: Tx, instance: Locked, hosted: Hosted) => Promise<T>,
  ): Promise<T> {
    const idempotency = idempotencyOf(key, id, { [action]: reason });
    const decide = async (tx: Tx): Promise<T> => {
      const { instance, hosted } = visible(this.registry, caller, await instances.lock(tx, id, key ?? null));
      if (instance.answered && idempotency) return replayed<T>(instance.answered, idempotency);
      const result = await work(tx, instance, hosted);
      await audit(tx, { actor: caller.userId, action, target: id, reason });
      if (idempotency) await keepAnswer(tx, idempotency, result);
      tx.afterCommit(() => {
        this.wakeup.wake('outbox');
        this.wakeup.wake('timers');
      });
      return result;
    };
    return oncePerKey(this.database, caller.tenant, idempotency, () =>
      this.database.transaction(caller.tenant, decide),
    );
  }
}

/** What an administrator asks of an instance, and why. */
interface Command {
  caller: Caller;
  id: string;
  action: string;
  reason: string;
  key: string | undefined;
}

/** An end that is left waits for nothing more: what is being undone counts, and no longer what might have had to be. */
async function undoneSoFar(tx: Tx, { id, compensation: before }: Locked): Promise<CompensationStatus> {
  if (before !== 'pending') return before;
  const { open, dead, undone } = await compensation.progress(tx, id, false);
  if (open > 0) return before;
  return dead > 0 ? 'error' : undone > 0 ? 'done' : 'none';
}

/** Where an instance was before it was forced, as the request that leads back. @throws WF002 when something else has happened since */
async function wayBack(tx: Tx, { description }: Hosted, instance: Locked, asked: WayBack): Promise<ForceRequest> {
  const last = await lastMove(tx, instance.id);
  if (last?.kind !== 'force' || !last.before)
    throw refuse('WF002', { detail: 'The last thing that happened to the instance was no force.' });
  const exact = path(last.before);
  // Regions side by side have no path of their own: the state is entered as if for the first time.
  const toState = description.states.some(({ id }) => id === exact) ? exact : last.before.state;
  return { fromState: path(instance), toState, ...asked };
}
