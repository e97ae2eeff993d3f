import { Injectable } from '@nestjs/common';
import type { Caller } from '../auth/caller.js';
import { Database, type Tx } from '../platform/database.js';
import { refuse } from '../platform/errors.js';
import { EngineFault, type Json } from './core/driver.js';
import { admitted, asked } from './admission.js';
import { maySend } from './core/permission.js';
import { asEvent, Decisions } from './decisions.js';
import { allowedEvents, type Ack, type Cause, type Happened } from './recording.js';
import type { Host } from './host.js';
import { earlierAnswer, idempotencyOf, oncePerKey, replayed, type Idempotency } from './idempotency.js';
import { Registry, type Hosted } from './registry.js';
import { recordFailure } from './store/audit.js';
import * as instances from './store/instances.js';
import type { Locked } from './store/instances.js';
import { Optimistic, type Wish } from './optimistic/optimistic.js';
import { Turns } from './optimistic/turns.js';
import { Starting, type Opening, type StartTx } from './starting.js';
import { impossible, refused, tried, veilOf, visible } from './visibility.js';

export type { Ack } from './recording.js';
export type { Opening, StartTx } from './starting.js';

export interface SendOptions {
  idempotencyKey?: string | undefined;
  expectedRevision?: number | undefined;
  /** Refuse (WF001) when the instance is of another lifecycle. */
  lifecycle?: string | undefined;
}

/** THE ONE DOOR. Nothing changes the state of an instance except through it. */
@Injectable()
export class EngineService {
  private readonly turns = new Turns();

  constructor(
    private readonly database: Database,
    private readonly registry: Registry,
    private readonly decisions: Decisions,
    private readonly optimistic: Optimistic,
    private readonly starting: Starting,
  ) {}

  /** Makes a lifecycle known, with everything it needs. @throws when something is missing */
  host(host: Host): void {
    this.registry.host(host);
  }

  /** Starts an instance. `open` writes the module's own rows and answers what to start with, in the same transaction. */
  start(
    caller: Caller,
    lifecycle: string,
    options: { idempotencyKey?: string | undefined; request: unknown },
    open: (tx: StartTx) => Promise<Opening>,
  ): Promise<Ack> {
    const scope = `start:${lifecycle}`;
    const idempotency = idempotencyOf(options.idempotencyKey, scope, options.request);
    return this.once(caller, idempotency, async (tx) => {
      const earlier = idempotency && (await earlierAnswer(tx, idempotency));
      if (earlier && idempotency) return replayed(earlier, idempotency);
      await this.registry.get(lifecycle).host.onAsked?.(tx, caller, 'start');
      return this.startWithin(tx, lifecycle, { ...asked(caller, 'start'), idempotency }, open);
    });
  }

  /** Starts an instance in a transaction that is under way: both come to be, or neither. `cause` tells who wants it, and why. */
  startWithin(tx: Tx, lifecycle: string, cause: Cause, open: (tx: StartTx) => Promise<Opening>): Promise<Ack> {
    return this.starting.one(tx, lifecycle, cause, open);
  }

  /**
   * The same for many at once, in two calls to the database. `open` is told which instances they would be, and answers what to start each
   * with, or undefined for one that is not to be started after all.
   */
  startAllWithin(
    tx: Tx,
    lifecycle: string,
    causes: readonly Omit<Cause, 'idempotency'>[],
    open: (instanceIds: readonly string[], at: number) => Promise<readonly (Opening | undefined)[]>,
  ): Promise<(Ack | undefined)[]> {
    return this.starting.all(tx, lifecycle, causes, open);
  }

  /** Sends an event of a user to an instance. @throws WF001, WF002 with the explanation, WF005, WF006 */
  send(
    caller: Caller,
    instanceId: string,
    event: { type: string; payload?: unknown },
    options: SendOptions = {},
  ): Promise<Ack> {
    const idempotency = idempotencyOf(options.idempotencyKey, instanceId, event);
    const cause: Cause = { ...asked(caller, 'event'), idempotency };
    return this.turns.take(`${caller.tenant}/${instanceId}`, async () => {
      const ack = await this.optimistic.advance(caller.tenant, instanceId, cause, (seen) => {
        const { instance, hosted } = visible(this.registry, caller, seen, options.lifecycle);
        return hosted.host.onAsked ? undefined : { event: admitted(hosted, instance, caller, event, options) };
      });
      return ack ?? this.underLock(caller, instanceId, event, options, cause);
    });
  }

  /** Decides on the instance as it is, while nobody else can. */
  private underLock(
    caller: Caller,
    instanceId: string,
    event: { type: string; payload?: unknown },
    options: SendOptions,
    cause: Cause,
  ): Promise<Ack> {
    const { idempotency } = cause;
    return this.once(caller, idempotency, async (tx) => {
      const locked = await instances.lock(tx, instanceId, options.idempotencyKey ?? null);
      const { instance, hosted } = visible(this.registry, caller, locked, options.lifecycle);
      if (instance.answered && idempotency) return replayed(instance.answered, idempotency);
      const checked = admitted(hosted, instance, caller, event, options);
      await hosted.host.onAsked?.(tx, caller, 'event');
      return this.decide(tx, hosted, instance, checked, cause);
    });
  }

  /** `receive` for what is known beforehand: takes the faster way when nothing stands against it. @returns undefined when `receive` has to look into it */
  bring(tenant: string, instanceId: string, cause: Cause, wish: Wish): Promise<Ack | undefined> {
    return this.turns.take(`${tenant}/${instanceId}`, () =>
      this.optimistic.advance(tenant, instanceId, cause, () => wish),
    );
  }

  /**
   * Applies an event that does not come from a user: a provider's message, a timer, the answer of an effect.
   * `consume` takes the cause out of the world in the same transaction and answers the event, or undefined when it is gone.
   * @returns undefined when the cause was gone or the machine did not care
   */
  receive(
    tenant: string,
    instanceId: string,
    cause: Cause,
    consume: (tx: Tx, instance: Locked) => Promise<{ type: string; payload: Json } | undefined>,
    whenRefused: 'explain' | 'ignore',
    source?: string,
  ): Promise<Ack | undefined> {
    return this.telling(tenant, (tx) => this.receiveWithin(tx, instanceId, cause, consume, whenRefused, source));
  }

  /** The same in a transaction that is under way: what happened to one instance tells another, or neither happened. */
  async receiveWithin(
    tx: Tx,
    instanceId: string,
    cause: Cause,
    consume: (tx: Tx, instance: Locked) => Promise<{ type: string; payload: Json } | undefined>,
    whenRefused: 'explain' | 'ignore',
    source?: string,
  ): Promise<Ack | undefined> {
    const instance = await instances.lock(tx, instanceId, null);
    if (!instance) throw refuse('WF001');
    const hosted = this.registry.get(instance.lifecycle, instance.version);
    const event = await consume(tx, instance);
    if (!event) return undefined;
    if (source !== undefined) {
      const rule = hosted.lifecycle.events[event.type];
      if (!rule || !maySend(rule, instance.parties, { id: cause.actor, roles: [] }, source)) {
        throw refuse('WF005', { detail: `${event.type} is not accepted from ${source}.` });
      }
    }
    if (whenRefused === 'ignore' && instance.status !== 'active' && instance.status !== 'paused') return undefined;
    return this.decide(tx, hosted, instance, event, cause, whenRefused);
  }

  private async decide(
    tx: Tx,
    hosted: Hosted,
    instance: Locked,
    event: { type: string; payload: Json },
    cause: Cause,
    whenRefused: 'explain' | 'ignore' = 'explain',
  ): Promise<Ack> {
    if (instance.status === 'quarantined') throw refuse('INSTANCE_QUARANTINED');
    if (instance.status === 'paused' && whenRefused === 'explain') throw refuse('INSTANCE_PAUSED');
    const happened: Happened = { ...event, facts: {}, at: instance.at };
    try {
      happened.facts = await this.decisions.facts(tx, hosted, instance, asEvent(happened, cause), instance.at);
      const step = await hosted.driver.step(instance.snapshot, asEvent(happened, cause));
      if (step.handled) return await this.decisions.record(tx, hosted, instance, happened, step, cause);
      if (whenRefused === 'ignore') return unmoved(hosted, instance, cause);
    } catch (error) {
      throw error instanceof EngineFault
        ? new DecisionFault(hosted, instance, event.type, cause.correlationId, error)
        : error;
    }
    const veil = veilOf(hosted, cause);
    throw refused(hosted, instance, tried(hosted.driver.explain(instance.snapshot, asEvent(happened, cause), veil)));
  }

  /** Runs a transaction; a decision that threw is kept in a transaction of its own, because the deciding one rolled back. */
  private async telling<T>(tenant: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    try {
      return await this.database.transaction(tenant, work);
    } catch (error) {
      if (error instanceof DecisionFault) {
        await this.database.transaction(tenant, async (tx) => {
          await recordFailure(tx, error);
          // What cannot be loaded is set aside for a human: readable, not writable, never reset, never tried in a loop.
          if (error.error.code === 'INCOMPATIBLE_SNAPSHOT')
            await instances.setStatus(tx, error.instanceId, 'quarantined');
        });
      }
      throw error;
    }
  }

  private once(caller: Caller, idempotency: Idempotency | undefined, work: (tx: Tx) => Promise<Ack>): Promise<Ack> {
    return oncePerKey(this.database, caller.tenant, idempotency, () =>
      this.telling(caller.tenant, work).catch((error: unknown) => {
        // The sender is told what would not be true any more; everything else that throws is nobody's business but ours.
        if (error instanceof DecisionFault && error.error.code === 'INVARIANT_BROKEN')
          throw impossible(error.error, veilOf(error.hosted, caller));
        throw error;
      }),
    );
  }
}

/** A decision that threw: the definition or the stored data is at fault, not the sender. Nothing was changed. */
export class DecisionFault extends Error {
  readonly instanceId: string;
  readonly state: string;
  constructor(
    readonly hosted: Hosted,
    instance: Locked,
    readonly type: string,
    readonly correlationId: string,
    readonly error: EngineFault,
  ) {
    super(`${instance.lifecycle} ${instance.id}: ${type} in ${instance.state} threw: ${error.message}`);
    this.name = 'DecisionFault';
    this.instanceId = instance.id;
    this.state = instance.state;
  }
}

const unmoved = (hosted: Hosted, instance: Locked, { actor: id, roles }: Cause): Ack => ({
  success: true,
  message: 'Nothing to do',
  instanceId: instance.id,
  seq: instance.revision,
  revision: instance.revision,
  state: instance.state,
  phase: instance.phase,
  status: instance.status,
  allowedEvents: allowedEvents(hosted, instance.snapshot, instance.parties, { id, roles }),
});
