import { Injectable } from '@nestjs/common';
import type { Caller } from '../auth/caller.js';
import { Database, type Tx } from '../platform/database.js';
import { refuse } from '../platform/errors.js';
import { Wakeup } from '../platform/wakeup.js';
import { EngineFault, type Effect, type Json, type Step } from './core/driver.js';
import { asEvent, Decisions } from './decisions.js';
import type { Ack, Cause, Happened } from './recording.js';
import { idempotencyOf, oncePerKey, replayed } from './idempotency.js';
import { Registry, type Hosted } from './registry.js';
import { audit } from './store/audit.js';
import * as compensation from './store/compensation.js';
import * as instances from './store/instances.js';
import type { InstanceStatus, Locked } from './store/instances.js';
import * as outbox from './store/outbox.js';
import { visible } from './visibility.js';

export interface ForceRequest {
  /** The state the administrator believes the instance is in; `ESCROW` or, more exactly, `ESCROW.awaitingPayment`. */
  fromState: string;
  toState: string;
  reason: string;
  /** False keeps timers but leaves out what entering would do in the world (R000-22). */
  runEntryEffects: boolean;
  expectedRevision?: number | undefined;
}

/** What a force would do: shown by the dry run, done by the force. */
export interface ForcePreview {
  dryRun: true;
  from: string;
  to: string;
  status: Step['status'];
  effects: { kind: 'job' | 'command'; type: string; params: Json }[];
  timersArmed: { id: string; delayMs: number }[];
  timersCancelled: string[];
  jobsCancelled: string[];
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
      if (instance.answered && idempotency) return replayed(instance.answered, idempotency);
      const { happened, cause, step } = await this.plan(hosted, instance, caller, request);
      const message = `Forced from ${request.fromState} to ${request.toState}`;
      const ack = await this.decisions.record(tx, hosted, instance, happened, step, { ...cause, idempotency, message });
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
  pause(caller: Caller, id: string, reason: string): Promise<Ack> {
    return this.switch(caller, id, reason, 'pause', 'active', 'paused');
  }

  resume(caller: Caller, id: string, reason: string): Promise<Ack> {
    return this.switch(caller, id, reason, 'resume', 'paused', 'active');
  }

  /** Puts every dead effect of an instance back to work, under its old key. */
  retry(caller: Caller, id: string, reason: string): Promise<{ success: true; revived: number }> {
    return this.audited(caller, id, 'retry', reason, async (tx) => {
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
  ): Promise<{ success: true; compensation: string; revived: number }> {
    return this.audited(caller, id, 'compensate', reason, async (tx, instance) => {
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
    caller: Caller,
    id: string,
    reason: string,
    kind: 'pause' | 'resume',
    from: InstanceStatus,
    to: InstanceStatus,
  ): Promise<Ack> {
    return this.audited(caller, id, kind, reason, async (tx, instance, hosted) => {
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

  private audited<T>(
    caller: Caller,
    id: string,
    action: string,
    reason: string,
    work: (tx: Tx, instance: Locked, hosted: Hosted) => Promise<T>,
  ): Promise<T> {
    return this.database.transaction(caller.tenant, async (tx) => {
      const { instance, hosted } = visible(this.registry, caller, await instances.lock(tx, id, null));
      const result = await work(tx, instance, hosted);
      await audit(tx, { actor: caller.userId, action, target: id, reason });
      tx.afterCommit(() => {
        this.wakeup.wake('outbox');
        this.wakeup.wake('timers');
      });
      return result;
    });
  }
}

/** State and phase as one path. */
export const path = ({ state, phase }: { state: string; phase: string | null }): string =>
  phase === null ? state : `${state}.${phase}`;

/** What effects amount to, sorted for people. */
export function consequences(
  effects: readonly Effect[],
): Pick<ForcePreview, 'effects' | 'timersArmed' | 'timersCancelled' | 'jobsCancelled'> {
  const result: ReturnType<typeof consequences> = {
    effects: [],
    timersArmed: [],
    timersCancelled: [],
    jobsCancelled: [],
  };
  for (const effect of effects) {
    switch (effect.kind) {
      case 'job':
        result.effects.push({ kind: 'job', type: effect.type, params: effect.input });
        break;
      case 'command':
        result.effects.push({ kind: 'command', type: effect.type, params: effect.params });
        break;
      case 'emit':
        result.effects.push({ kind: 'command', type: `emit:${effect.event.type}`, params: effect.event });
        break;
      case 'timer':
        result.timersArmed.push({ id: effect.id, delayMs: effect.delayMs });
        break;
      case 'cancelTimer':
        result.timersCancelled.push(effect.id);
        break;
      case 'cancelJob':
        result.jobsCancelled.push(effect.id);
    }
  }
  return result;
}
