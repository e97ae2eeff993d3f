import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database.js';
import { Log, logTransition } from '../platform/logger.js';
import { Metrics } from '../platform/metrics.js';
import { Wakeup } from '../platform/wakeup.js';
import { EngineFault, type Effect, type Json, type MachineEvent, type Step } from './core/driver.js';
import { machineEvent } from './core/event.js';
import { GENESIS, hashEntry } from './core/hash.js';
import type { Transitioned } from './host.js';
import type { Hosted } from './registry.js';
import * as compensation from './store/compensation.js';
import { chained, type HistoryKind } from './store/history.js';
import * as instances from './store/instances.js';
import type { CompensationStatus, InstanceStatus } from './store/instances.js';

/** Who or what brings an instance forward. */
export interface Cause {
  kind: HistoryKind;
  /** `request`, `timer:<id>`, `effect:<key>`, `webhook:<provider>:<id>`, `admin`. */
  cause: string;
  actor: string;
  roles: readonly string[];
  correlationId: string;
  idempotency?: { key: string; scope: string; hash: string } | undefined;
}

/** What is known of the instance before the step; `revision` 0 for one that is about to start. */
export interface Before {
  id: string;
  revision: number;
  head_hash: string;
  state: string | null;
  compensation: CompensationStatus;
  /** Given with the first row only. */
  opening?: {
    lifecycle: string;
    version: number;
    fingerprint: string;
    parties: Record<string, string>;
    keys: Record<string, string>;
  };
}

export interface Happened {
  type: string;
  payload: Json;
  facts: Json;
  /** Business time, milliseconds. */
  at: number;
}

/** Answer to everything that moves an instance (Design of the API: `seq` and `revision` tell what a later read shows at least). */
export interface Ack {
  success: true;
  message: string;
  instanceId: string;
  seq: number;
  revision: number;
  state: string;
  phase: string | null;
  status: InstanceStatus;
  allowedEvents: string[];
}

export const unborn = (id: string, opening: NonNullable<Before['opening']>): Before => ({
  id,
  revision: 0,
  head_hash: GENESIS,
  state: null,
  compensation: 'none',
  opening,
});

/** Decides events and writes decisions down: the middle of every transaction that moves an instance. */
@Injectable()
export class Decisions {
  constructor(
    private readonly wakeup: Wakeup,
    private readonly log: Log,
    private readonly metrics: Metrics,
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
    const status = step.status === 'active' ? 'active' : step.tags.includes('failed') ? 'failed' : 'done';
    const ack = await this.write(tx, hosted, before, happened, { ...step, status }, cause, before.compensation);
    if (status !== 'active' && step.tags.includes('compensate')) await this.undo(tx, before.id, ack.seq);
    await hosted.host.onTransition?.(tx, transitioned(before, happened, step, status, ack.seq) as never);
    tx.afterCommit(() => {
      if (
        step.effects.some(({ kind }) => kind === 'job' || kind === 'command' || kind === 'emit') ||
        status !== 'active'
      )
        this.wakeup.wake('outbox');
      if (step.effects.some(({ kind }) => kind === 'timer')) this.wakeup.wake('timers');
      this.wakeup.wake('history', before.id);
      this.metrics.transition(hosted.lifecycle.name, before.state, step.state);
      logTransition(this.log, {
        workflowInstanceId: before.id,
        lifecycle: hosted.lifecycle.name,
        tenant: tx.tenant,
        trigger: happened.type,
        fromState: before.state,
        toState: step.state,
        duration: Math.round(performance.now() - began),
        correlationId: cause.correlationId,
      });
    });
    return ack;
  }

  /** Adds a row that leaves the machine where it is: paused, resumed, compensated. */
  note(
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
    return this.write(tx, hosted, at, { type, payload, facts: {}, at: at.at }, still, cause, undone);
  }

  /** Starts undoing what the instance did; late successes join as they come in. */
  async undo(tx: Tx, instanceId: string, seq: number): Promise<void> {
    await compensation.undoAll(tx, instanceId, seq);
    const { open } = await compensation.progress(tx, instanceId);
    if (open > 0) await instances.setCompensation(tx, instanceId, 'pending');
  }

  private async write(
    tx: Tx,
    hosted: Hosted,
    before: Before,
    happened: Happened,
    after: Pick<Step, 'snapshot' | 'state' | 'phase' | 'tags' | 'effects'> & { status: InstanceStatus },
    cause: Cause,
    undone: CompensationStatus,
  ): Promise<Ack> {
    const seq = before.revision + 1;
    const row = {
      instance_id: before.id,
      seq,
      kind: cause.kind,
      type: happened.type,
      from_state: before.state,
      to_state: after.state,
      phase: after.phase,
      actor: cause.actor,
      roles: [...cause.roles],
      cause: cause.cause,
      correlation_id: cause.correlationId,
      idempotency_key: cause.idempotency?.key ?? null,
      // Whole milliseconds, as the column keeps them: the hash must not depend on what rounding leaves.
      at: Math.round(happened.at),
      payload: JSON.stringify(happened.payload),
      facts: JSON.stringify(happened.facts),
    };
    const ack: Ack = {
      success: true,
      message: 'Event sent to workflow instance',
      instanceId: before.id,
      seq,
      revision: seq,
      state: after.state,
      phase: after.phase,
      status: after.status,
      allowedEvents: after.status === 'active' ? allowedEvents(hosted, after.snapshot) : [],
    };
    const hash = hashEntry(before.head_hash, chained(tx.tenant, row));
    // Payload and facts go as the texts that were hashed; the database keeps them letter for letter.
    await tx.run('select engine.record($1, $2, $3)', [
      JSON.stringify({
        instance: { ...before.opening, id: before.id },
        after: { ...after, effects: undefined, compensation: undone },
        row: { ...row, payload: undefined, facts: undefined, hash, prev: before.head_hash },
        answer: cause.idempotency ? { scope: cause.idempotency.scope, hash: cause.idempotency.hash, body: ack } : null,
        work: work(after.effects),
      }),
      row.payload,
      row.facts,
    ]);
    return ack;
  }
}

/** External events that the state answers to. */
export function allowedEvents(hosted: Hosted, snapshot: Json): string[] {
  try {
    return hosted.driver.handledEvents(snapshot).filter((type) => type in hosted.lifecycle.events);
  } catch (error) {
    // An instance that cannot be loaded can still be looked at.
    if (error instanceof EngineFault) return [];
    throw error;
  }
}

/** The event as the machine sees it. */
export const asEvent = (happened: Happened, cause: Cause): MachineEvent =>
  machineEvent({ ...happened, actor: cause.actor, roles: cause.roles });

/** Effects as the database function takes them, in the machine's order. */
function work(effects: readonly Effect[]): Json {
  let idx = 0;
  return effects.map((effect): Json => {
    switch (effect.kind) {
      case 'job':
        return {
          op: 'effect',
          idx: idx++,
          kind: 'job',
          job: effect.id,
          type: effect.type,
          params: effect.input,
          compensate: effect.compensate ?? null,
          ordered: effect.ordered ?? false,
        };
      case 'command':
        return {
          op: 'effect',
          idx: idx++,
          kind: 'command',
          job: null,
          type: effect.type,
          params: effect.params,
          compensate: effect.compensate ?? null,
          ordered: effect.ordered ?? false,
        };
      case 'emit':
        return {
          op: 'effect',
          idx: idx++,
          kind: 'emit',
          job: null,
          type: `emit:${effect.event.type}`,
          params: effect.event,
          compensate: null,
          ordered: false,
        };
      case 'timer':
        return { op: 'timer', id: effect.id, delay: effect.delayMs, event: effect.event };
      case 'cancelTimer':
        return { op: 'cancelTimer', id: effect.id };
      case 'cancelJob':
        return { op: 'cancelJob', id: effect.id };
    }
  });
}

const transitioned = (
  before: Before,
  happened: Happened,
  step: Step,
  status: 'active' | 'done' | 'failed',
  seq: number,
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
});
