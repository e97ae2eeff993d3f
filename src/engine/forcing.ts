import { Injectable } from '@nestjs/common';
import type { Caller } from '../auth/caller.js';
import { Database, type Tx } from '../platform/database.js';
import { refuse } from '../platform/errors.js';
import { Wakeup } from '../platform/wakeup.js';
import { consequences, type ForcePreview } from './consequences.js';
import { EngineFault, type Step } from './core/driver.js';
import { asEvent, Decisions } from './decisions.js';
import type { Ack, Cause, Happened } from './recording.js';
import { idempotencyOf, keepAnswer, oncePerKey, replayed } from './idempotency.js';
import { Registry, type Hosted } from './registry.js';
import { audit } from './store/audit.js';
import * as compensation from './store/compensation.js';
import * as instances from './store/instances.js';
import type { CompensationStatus, InstanceStatus, Locked } from './store/instances.js';
import * as outbox from './store/outbox.js';
import { visible } from './visibility.js';

export interface ForceRequest {
  /** The state the administrator believes the instance is in; `PACKED` or, more exactly, `PACKED.sealed`. */
  fromState: string;
  toState: string;
  reason: string;
  /** False keeps timers but leaves out what entering would do in the world (R000-22). */
  runEntryEffects: boolean;
  expectedRevision?: number | undefined;
}

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
  force(caller: Caller, id: string, request: ForceRequest, key: string | undefined): Promise<Ack> {
    const idempotency = idempotencyOf(key, id, { force: request });
    const work = async (tx: Tx): Promise<Ack> => {
      const locked = await instances.lock(tx, id, key ?? null);
      const { instance, hosted } = visible(this.registry, caller, locked);
      if (instance.answered && idempotency) return replayed<Ack>(instance.answered, idempotency);
      const { happened, cause, step } = await this.plan(hosted, instance, caller, request);
      const message = `Forced from ${request.fromState} to ${request.toState}`;
      const undone = await undoneSoFar(tx, instance);
      const before = { ...instance, compensation: undone };
      const ack = await this.decisions.record(tx, hosted, before, happened, step, { ...cause, idempotency, message });
      const details = {
        fromState: instance.state,
        toState: request.toState,
        runEntryEffects: request.runEntryEffects,
        seq: ack.seq,
      };
      await audit(tx, {
        actor: caller.userId,
        action: 'force-transition',
        target: id,
        reason: request.reason,
        details,
      });
      return ack;
    };
    return oncePerKey(this.database, caller.tenant, idempotency, () => this.database.transaction(caller.tenant, work));
  }

  /** What the same force would do, without doing it. */
  preview(caller: Caller, id: string, request: ForceRequest): Promise<ForcePreview> {
    return this.database.transaction(caller.tenant, async (tx) => {
      const instance = await instances.lock(tx, id, null);
      const { hosted } = visible(this.registry, caller, instance);
      if (!instance) throw refuse('WF001');
      const { step } = await this.plan(hosted, instance, caller, request);
      return {
        dryRun: true as const,
        from: path(instance),
        to: path(step),
        status: step.status,
        ...consequences(step.effects),
      };
    });
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

  private async plan(
    hosted: Hosted,
    instance: Locked,
    caller: Caller,
    request: ForceRequest,
  ): Promise<{ happened: Happened; cause: Cause; step: Step }> {
    if (request.expectedRevision !== undefined && request.expectedRevision !== instance.revision) {
      throw refuse('REVISION_MISMATCH', {
        detail: `The instance is at revision ${instance.revision}, not ${request.expectedRevision}.`,
      });
    }
    if (request.fromState !== instance.state && request.fromState !== path(instance)) {
      throw refuse('WF002', { detail: `The instance is in ${path(instance)}, not in ${request.fromState}.` });
    }
    const { toState: to, runEntryEffects, reason } = request;
    const cause: Cause = {
      kind: 'force',
      cause: 'admin',
      actor: caller.userId,
      roles: caller.roles,
      correlationId: caller.correlationId,
    };
    const happened: Happened = {
      type: 'admin.force_transition',
      payload: { to, from: instance.state, reason, runEntryEffects },
      facts: {},
      at: instance.at,
    };
    try {
      const step = await hosted.driver.force(instance.snapshot, to, asEvent(happened, cause), {
        suppressEffects: !runEntryEffects,
      });
      return { happened, cause, step };
    } catch (error) {
      if (error instanceof EngineFault && error.code === 'UNKNOWN_STATE')
        throw refuse('WF006', { detail: `${instance.lifecycle} has no state ${to}.` });
      if (error instanceof EngineFault && error.code === 'INCOMPATIBLE_SNAPSHOT') throw refuse('INSTANCE_QUARANTINED');
      throw error;
    }
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

/** State and phase as one path. */
export const path = ({ state, phase }: { state: string; phase: string | null }): string =>
  phase === null ? state : `${state}.${phase}`;
