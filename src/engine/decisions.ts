import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database.js';
import { Log, logTransition } from '../platform/logger.js';
import { Metrics } from '../platform/metrics.js';
import { Wakeup } from '../platform/wakeup.js';
import type { Json, MachineEvent, Step } from './core/driver.js';
import { machineEvent } from './core/event.js';
import { isFollowed, type Transitioned } from './host.js';
import { KnownInstances } from './optimistic/known.js';
import { write, type Ack, type After, type Before, type Cause, type Happened, type Written } from './recording.js';
import type { Hosted } from './registry.js';
import * as compensation from './store/compensation.js';
import * as instances from './store/instances.js';
import { post } from './store/letters.js';
import type { CompensationStatus, InstanceStatus } from './store/instances.js';

/** A timer that is due later than this is found by looking now and then; whoever looks right now finds nothing. */
const SOON_MS = 10;

/** Decides events and writes decisions down: the middle of every transaction that moves an instance. */
@Injectable()
export class Decisions {
  constructor(
    private readonly wakeup: Wakeup,
    private readonly log: Log,
    private readonly metrics: Metrics,
    private readonly known: KnownInstances,
  ) {}

  /** Loads what the guards of this event need, with the locks the decision needs. */
  async facts(
    tx: Tx,
    hosted: Hosted,
    instance: { id: string; snapshot: Json },
    event: MachineEvent,
    at: number,
  ): Promise<Json> {
    const context = (instance.snapshot as { context?: unknown }).context as never;
    const facts: Record<string, unknown> = {};
    for (const name of hosted.driver.factsNeeded(instance.snapshot, event.type)) {
      const load = hosted.host.facts[name];
      if (!load) throw new Error(`no loader for fact ${name}`);
      facts[name] = await load(tx, { instanceId: instance.id, tenant: tx.tenant, context, event, at });
    }
    // What is stored is what was decided on: the same text, whatever types the loader answered.
    return JSON.parse(JSON.stringify(facts)) as Json;
  }

  /** Writes the step down, in this transaction: instance, history, effects, timers, answer; then tells the workers. */
  async record(tx: Tx, hosted: Hosted, before: Before, happened: Happened, step: Step, cause: Cause): Promise<Ack> {
    const began = performance.now();
    const after = { ...step, status: statusAfter(step, before) };
    const written = await write(tx, hosted, before, happened, after, cause, before.compensation);
    return this.follow(tx, hosted, { before, happened, step, cause }, after, written, began);
  }

  /** Does for a row that was written what belongs to it, in the same transaction. @param began when it was begun, milliseconds of the monotonic clock */
  async follow(
    tx: Tx,
    hosted: Hosted,
    { before, happened, step, cause }: Decided,
    after: After,
    written: Written,
    began: number,
  ): Promise<Ack> {
    const { ack } = written;
    const status = ending(step);
    if (status !== 'active' && step.tags.includes('compensate')) await this.undo(tx, before.id, ack.seq);
    const change = transitioned(before, happened, step, status, ack.seq, cause);
    const isTold = isFollowed(hosted.host, step.state, cause.kind);
    const letters = (isTold && (await hosted.host.onTransition?.(tx, change as never))) || [];
    await post(tx, `${tx.tenant}:${before.id}:${ack.seq}:letter`, letters);
    tx.afterCommit(() => {
      this.announce(tx.tenant, hosted, before, happened, step, cause, began);
      if (letters.length > 0) this.wakeup.wake('outbox');
      this.remember(tx.tenant, before, after, written, happened.at);
    });
    return ack;
  }

  /** What has just started is what is asked for next. */
  private remember(
    tenant: string,
    { id, opening, compensation }: Before,
    { status, state, phase, tags, snapshot }: After,
    { ack, hash, row_version, length }: Written,
    at: number,
  ): void {
    if (!opening || status !== 'active') return;
    const [created_at, updated_at] = [new Date(Math.round(at)), new Date(Math.round(at))];
    const now = { status, state, phase, tags, snapshot, revision: ack.seq, head_hash: hash, row_version };
    this.known.keep({ ...opening, ...now, tenant, id, compensation, created_at, updated_at }, length);
  }

  /** Tells of a committed step whoever has to know: the workers, those who watch, the counters, the log. */
  announce(
    tenant: string,
    hosted: Hosted,
    before: Before,
    { type }: Happened,
    step: Step,
    cause: Cause,
    began: number,
  ): void {
    // An end leaves work behind where what was done before has to be undone.
    const isUndone = step.status !== 'active' && step.tags.includes('compensate');
    if (isUndone) this.wakeup.wake('outbox');
    for (const effect of step.effects)
      if (effect.kind === 'job' || effect.kind === 'command') this.wakeup.wake('outbox', effect.type);
    if (step.effects.some((effect) => effect.kind === 'timer' && effect.delayMs <= SOON_MS)) this.wakeup.wake('timers');
    this.wakeup.wake('history', before.id);
    this.metrics.transition(hosted.lifecycle.name, before.state, step.state);
    logTransition(this.log, {
      workflowInstanceId: before.id,
      lifecycle: hosted.lifecycle.name,
      tenant,
      trigger: type,
      fromState: before.state,
      toState: step.state,
      duration: Math.round(performance.now() - began),
      correlationId: cause.correlationId,
    });
  }

  /** Adds a row that leaves the machine where it is: paused, resumed, compensated. */
  async note(
    tx: Tx,
    hosted: Hosted,
    at: instances.Locked,
    type: string,
    payload: Json,
    cause: Cause,
    status: InstanceStatus,
    undone: CompensationStatus,
  ): Promise<Ack> {
    const still = { snapshot: at.snapshot, state: at.state, phase: at.phase, tags: at.tags, effects: [], status };
    tx.afterCommit(() => this.wakeup.wake('history', at.id));
    return (await write(tx, hosted, at, { type, payload, facts: {}, at: at.at }, still, cause, undone)).ack;
  }

  /** Starts undoing what the instance did; late successes join as they come in. */
  async undo(tx: Tx, instanceId: string, seq: number): Promise<void> {
    await compensation.undoAll(tx, instanceId, seq);
    const { open } = await compensation.progress(tx, instanceId);
    if (open > 0) await instances.setCompensation(tx, instanceId, 'pending');
  }
}

/** A step that was decided on. */
export interface Decided {
  before: Before;
  happened: Happened;
  step: Step;
  cause: Cause;
}

const ending = ({ status, tags }: Step): 'active' | 'done' | 'failed' =>
  status === 'active' ? 'active' : tags.includes('failed') ? 'failed' : 'done';

/** What still lands during a pause moves the machine on and leaves the pause as it is. */
export const statusAfter = (step: Step, before: { status: InstanceStatus }): InstanceStatus => {
  const status = ending(step);
  return status === 'active' && before.status === 'paused' ? before.status : status;
};

/** The event as the machine sees it. */
export const asEvent = (happened: Happened, cause: Cause): MachineEvent =>
  machineEvent({ ...happened, actor: cause.actor, roles: cause.roles });

const transitioned = (
  before: Before,
  happened: Happened,
  step: Step,
  status: 'active' | 'done' | 'failed',
  seq: number,
  cause: Cause,
): Transitioned => ({
  instanceId: before.id,
  seq,
  event: { ...(happened.payload as Record<string, Json>), type: happened.type },
  from: before.state,
  state: step.state,
  phase: step.phase,
  status,
  context: (step.snapshot as { context?: unknown }).context,
  at: happened.at,
  cause,
});
