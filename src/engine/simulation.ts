import { Injectable } from '@nestjs/common';
import { seesEverything, type Caller } from '../auth/caller.js';
import { Database, type Tx } from '../platform/database.js';
import { refuse } from '../platform/errors.js';
import { parseDuration } from '../platform/duration.js';
import { doneEvent, errorEvent } from './core/event.js';
import { EngineFault, type Explanation, type Json, type MachineEvent, type Step } from './core/driver.js';
import { asEvent, Decisions } from './decisions.js';
import { allowedEvents, type Cause, type Happened } from './recording.js';
import { consequences, type Consequences } from './consequences.js';
import type { Veil } from './core/veil.js';
import { path } from './forcing.js';
import { checkPayload, Registry, type Hosted } from './registry.js';
import * as instances from './store/instances.js';
import type { Instance } from './store/instances.js';
import * as timers from './store/timers.js';
import { impossible, veilOf, visible } from './visibility.js';

/** One thing that is supposed to happen: an event, an answer of a job, or time passing (`"3d"`). */
export type Supposed =
  | { type: string; payload?: Json }
  | { job: string; output: Json }
  | { job: string; error: { code: string; message: string } }
  | { advance: string };

/** What a step has done is told with its parameters to those who see everything, as with effects that were really written down. */
export interface SimulatedStep extends Omit<Consequences, 'effects'> {
  effects: { kind: 'job' | 'command'; type: string; params?: Json }[];
  /** What happened: an event type or a timer. */
  event: string;
  at: string;
  from: string;
  to: string;
  status: Step['status'];
}

export interface Simulated {
  steps: SimulatedStep[];
  /** Set when an event was refused, or what follows hangs on what the caller may not see (`WITHHELD`); nothing after it was tried. */
  refused?: Explanation;
  state: string;
  phase: string | null;
  status: Step['status'];
  /** What the caller could send then. */
  allowedEvents: string[];
  /** Timers armed at the end, by when they would fire. */
  timers: { id: string; dueAt: string }[];
}

/** Timers that may fire in one simulation, so that a reminder that repeats every minute cannot run for ever. */
const MOST_STEPS = 200;

/** Plays events and time against the real snapshot of a live instance. Nothing is written. */
@Injectable()
export class Simulation {
  constructor(
    private readonly database: Database,
    private readonly registry: Registry,
    private readonly decisions: Decisions,
  ) {}

  simulate(caller: Caller, id: string, supposed: readonly Supposed[]): Promise<Simulated> {
    return this.database.transaction(caller.tenant, async (tx) => {
      const { instance, hosted } = visible(this.registry, caller, await instances.find(tx, id));
      if (instance.status === 'quarantined') throw refuse('INSTANCE_QUARANTINED');
      const play = new Play(tx, hosted, instance, caller, this.decisions, await instances.businessTime(tx));
      for (const { timer_id, due_at, event, fired_at } of await timers.ofInstance(tx, id)) {
        if (fired_at === null)
          play.timers.set(timer_id, { due: due_at.getTime(), type: (event as { type: string }).type });
      }
      for (const each of supposed) if (!(await play.happen(each))) break;
      return play.outcome();
    });
  }
}

/** One run: a snapshot in memory, a clock, and the timers armed so far. */
class Play {
  readonly timers = new Map<string, { due: number; type: string }>();
  private readonly steps: SimulatedStep[] = [];
  private refused: Explanation | undefined;
  private readonly veil: Veil;
  private now: { snapshot: Json; state: string; phase: string | null; status: Step['status'] };

  constructor(
    private readonly tx: Tx,
    private readonly hosted: Hosted,
    private readonly instance: Instance,
    private readonly caller: Caller,
    private readonly decisions: Decisions,
    private at: number,
  ) {
    this.veil = veilOf(hosted, caller);
    this.now = { ...instance, status: instance.status === 'done' || instance.status === 'failed' ? 'done' : 'active' };
  }

  /** Answers false when the event was refused. */
  async happen(supposed: Supposed): Promise<boolean> {
    if ('advance' in supposed) return this.pass(parseDuration(supposed.advance));
    if ('type' in supposed)
      return this.decide(supposed.type, checkPayload(this.hosted, supposed.type, supposed.payload));
    return 'output' in supposed
      ? this.decide(doneEvent(supposed.job), { output: supposed.output })
      : this.decide(errorEvent(supposed.job), { error: supposed.error });
  }

  outcome(): Simulated {
    const { userId: id, roles } = this.caller;
    return {
      steps: this.steps,
      ...(this.refused ? { refused: this.refused } : {}),
      state: this.now.state,
      phase: this.now.phase,
      status: this.now.status,
      allowedEvents:
        this.now.status === 'active'
          ? allowedEvents(this.hosted, this.now.snapshot, this.instance.parties, { id, roles })
          : [],
      timers: [...this.timers].map(([id, { due }]) => ({ id, dueAt: iso(due) })),
    };
  }

  private async pass(ms: number): Promise<boolean> {
    const until = this.at + ms;
    for (;;) {
      const [next] = [...this.timers].filter(([, { due }]) => due <= until).sort(([, a], [, b]) => a.due - b.due);
      if (!next) break;
      const [id, { due, type }] = next;
      this.timers.delete(id);
      this.at = Math.max(this.at, due);
      if (!(await this.decide(type, {}, `timer:${id}`))) return false;
      if (this.steps.length >= MOST_STEPS)
        throw refuse('WF006', { detail: `More than ${MOST_STEPS} steps would follow.` });
    }
    this.at = until;
    return true;
  }

  /** @throws INVARIANT_BROKEN as the event itself would */
  private async step(event: MachineEvent): Promise<Step> {
    try {
      return await this.hosted.driver.step(this.now.snapshot, event);
    } catch (error) {
      throw error instanceof EngineFault && error.code === 'INVARIANT_BROKEN' ? impossible(error, this.veil) : error;
    }
  }

  /** A party could try what it likes here, and learn from where that leads. */
  private isWithheld(event: MachineEvent): boolean {
    return this.veil.size > 0 && this.hosted.driver.looksBehind(this.now.snapshot, event, this.veil);
  }

  private told(step: Step): Omit<SimulatedStep, 'event' | 'at' | 'from' | 'to' | 'status'> {
    const { effects, ...rest } = consequences(step.effects);
    return {
      ...rest,
      effects: seesEverything(this.caller) ? effects : effects.map(({ kind, type }) => ({ kind, type })),
    };
  }

  private async decide(type: string, payload: Json, by?: string): Promise<boolean> {
    const cause: Cause = {
      kind: 'event',
      cause: by ?? 'simulation',
      actor: this.caller.userId,
      roles: this.caller.roles,
      correlationId: this.caller.correlationId,
    };
    const happened: Happened = { type, payload, facts: {}, at: this.at };
    happened.facts = await this.decisions.facts(
      this.tx,
      this.hosted,
      { id: this.instance.id, snapshot: this.now.snapshot },
      asEvent(happened, cause),
      this.at,
    );
    const event = asEvent(happened, cause);
    const { driver } = this.hosted;
    if (this.isWithheld(event)) {
      const explanation = driver.explain(this.now.snapshot, event, this.veil);
      this.refused = { ...explanation, verdict: 'WITHHELD', allowed: null };
      return false;
    }
    const step = await this.step(event);
    if (!step.handled) {
      if (by === undefined) this.refused = driver.explain(this.now.snapshot, event, this.veil);
      return by !== undefined;
    }
    for (const effect of step.effects) {
      if (effect.kind === 'timer')
        this.timers.set(effect.id, { due: this.at + effect.delayMs, type: effect.event.type });
      if (effect.kind === 'cancelTimer') this.timers.delete(effect.id);
    }
    if (step.status === 'done') this.timers.clear();
    this.steps.push({
      event: by ?? type,
      at: iso(this.at),
      from: path(this.now),
      to: path(step),
      status: step.status,
      ...this.told(step),
    });
    this.now = step;
    return true;
  }
}

const iso = (ms: number): string => new Date(ms).toISOString();
