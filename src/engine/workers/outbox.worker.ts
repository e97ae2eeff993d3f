import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Config } from '../../platform/config.js';
import { Database } from '../../platform/database.js';
import { newId } from '../../platform/ids.js';
import { Metrics } from '../../platform/metrics.js';
import { backoff } from '../core/backoff.js';
import type { EffectResult } from '../host.js';
import { Registry } from '../registry.js';
import { Settling } from '../settling.js';
import { recordAttempt, type Attempt } from '../store/attempts.js';
import * as outbox from '../store/outbox.js';
import type { OutboxRow } from '../store/outbox.js';
import { Attention } from './attention.js';
import { Beginnings } from './beginnings.js';
import { Running } from './running.js';
import { Tally } from './tally.js';

/** Effects that run at once. More would wait behind each other in this process while another could run them. */
const BATCH = 100;
/** Effects taken in one call. With more, the loop that has to hear of the answer is busy with them for too long. */
const CLAIM = 50;
/** Effects held at once: those that run, and those whose end is being written down meanwhile. */
const HELD = 4 * BATCH;

/**
 * Attempts that may be lost on top of those that may fail: the process or the database died, or the process was so slow that its lease ran
 * out. An effect that loses more of them is taken for one that brings its worker down.
 */
const LOST_ATTEMPTS = 5;

/** Works the outbox off: claims due effects, runs their handlers, settles how they ended. */
@Injectable()
export class OutboxWorker {
  /** Names this process in leases. */
  readonly name = newId('worker');
  readonly tally = new Tally();
  /** Effects that it can run at once. */
  readonly capacity = BATCH;
  /** Claimed here: those that run, and those whose end is not written down yet. */
  private readonly held = new Set<Running>();
  private readonly running = new Set<Running>();
  private readonly beginnings = new Beginnings();
  private readonly attention = new Attention();
  private tookAllItCould = false;

  constructor(
    private readonly config: Config,
    private readonly database: Database,
    private readonly registry: Registry,
    private readonly settling: Settling,
    private readonly metrics: Metrics,
  ) {}

  /** Takes one batch and waits until all of it has ended. Answers true when there may be more. */
  async turn(): Promise<boolean> {
    this.hear();
    const begun = await this.begin();
    const ends = await Promise.allSettled(begun.map(({ ended }) => ended));
    // An end that could not be written down leaves its claim to the lease.
    const faults = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []));
    if (faults.length > 0)
      throw new AggregateError(faults, `${faults.length} effects could not be settled: ${String(faults[0])}`);
    return begun.length > 0;
  }

  /**
   * Takes what there is room for and does not wait for it, so that a slow provider holds up nobody else. Answers true when there is probably more to take.
   * @param onEnd told of each end, with the fault if it could not be written down
   */
  async pump(onEnd: (fault?: unknown) => void): Promise<boolean> {
    const begun = await this.begin();
    for (const { ended } of begun) ended.then(() => onEnd(), onEnd);
    return begun.length > 0 && this.tookAllItCould && this.room > 0;
  }

  /** There is news of effects of this type; of any type when left out. */
  hear(type?: string): void {
    this.attention.draw(type);
  }

  /** Effects that run here now. */
  get active(): number {
    return this.running.size;
  }

  /** True when more is probably due and half of the room is free again: claims pay in batches. */
  get isHungry(): boolean {
    return this.tookAllItCould && this.room >= BATCH / 2;
  }

  /** Resolves when nothing runs here any more. */
  async idle(): Promise<void> {
    await Promise.allSettled([...this.held].map(({ ended }) => ended));
  }

  /** The shortest lease of any type, milliseconds: heartbeats have to come more often. */
  get shortestLeaseMs(): number {
    return Math.min(this.config.outboxLeaseMs, ...this.registry.effectTypes().map(({ type }) => this.leaseOf(type)));
  }

  /** Keeps the leases of running effects; aborts those that somebody else has taken. */
  async heartbeat(): Promise<void> {
    const running = [...this.held];
    if (running.length === 0) return;
    const rows = running.map(({ row: { tenant, id, type } }) => ({ tenant, id, leaseMs: this.leaseOf(type) }));
    const held = await this.database.system((tx) => outbox.heartbeat(tx, this.name, rows));
    const mine = new Set(held.map(({ id, fence }) => `${id}:${fence}`));
    for (const effect of running)
      if (!mine.has(`${effect.row.id}:${effect.row.fence}`)) effect.stop(new Error('the lease was lost'));
  }

  /** Stops running effects and gives their claims back. One that is just being claimed is not among them: it would run on without its claim. */
  async release(): Promise<void> {
    const stopped = [...this.running];
    if (stopped.length === 0) return;
    for (const effect of stopped) effect.stop(new Error('the process is stopping'));
    const rows = stopped.map(({ row }) => row);
    await this.database.system((tx) => outbox.release(tx, this.name, rows));
  }

  private async begin(): Promise<Running[]> {
    const free = Math.min(this.room, CLAIM);
    if (free <= 0) return [];
    const rows = await this.claim(free).catch((error: unknown) => {
      // What it asked about is still there.
      this.hear();
      throw error;
    });
    // The next claim is asked for first: the database looks for more while this process works off what it has.
    const asked = new Promise<void>((resolve) => setImmediate(resolve));
    return rows.map((row) => {
      const running = new Running(row);
      this.held.add(running);
      this.running.add(running);
      running.ended = asked
        .then(() => this.run(running))
        .finally(() => {
          this.held.delete(running);
          this.running.delete(running);
        });
      return running;
    });
  }

  /** Each type as far as its batch goes; what is left of the room is for all. */
  private async claim(free: number): Promise<OutboxRow[]> {
    const asked = this.attention.pay();
    const from = this.beginnings.look();
    const rooms = this.registry
      .effectTypes()
      .filter(({ type }) => asked?.has(type) ?? true)
      .map(({ type, batch }) => ({
        type,
        room: batch === undefined ? free : batch - this.runningOf(type),
        leaseMs: this.leaseOf(type),
        from: from(type),
      }));
    const open = rooms.filter(({ room }) => room > 0);
    const rows = open.length === 0 ? [] : await outbox.claim(this.database, this.name, open, free);
    const taken = (name: string) => rows.filter(({ type }) => type === name).length;
    const isFull = rows.length >= free;
    const unfinished = rooms.filter(({ type, room }) => taken(type) >= room || (isFull && (asked || taken(type) > 0)));
    for (const { type } of unfinished) this.attention.draw(type);
    this.tookAllItCould = isFull || unfinished.length > 0;
    this.beginnings.found(
      rows.map(({ type: name, next_from: next }) => ({ name, next })),
      this.tookAllItCould,
    );
    return rows;
  }

  private leaseOf(type: string): number {
    return this.registry.effect(type)?.policy.leaseMs ?? this.config.outboxLeaseMs;
  }

  /** How many more may begin. */
  private get room(): number {
    return Math.min(BATCH - this.running.size, HELD - this.held.size);
  }

  private runningOf(type: string): number {
    return [...this.running].filter(({ row }) => row.type === type).length;
  }

  private async run(running: Running): Promise<void> {
    if (running.isStopped) return;
    const { row } = running;
    const effect = this.registry.effect(row.type);
    if (!effect) throw new Error(`no handler for ${row.type}`);
    const { handler, policy } = effect;
    const started = performance.now();
    // A crash counts as an attempt too, so an effect that kills its worker ends in the dead letters and not in a crash loop.
    const result: EffectResult =
      row.attempts > policy.attempts + LOST_ATTEMPTS
        ? { kind: 'failed', code: 'CRASHED', reason: `${row.attempts - 1} attempts began and did not end` }
        : await attempt(() => handler(row.params as never, running.begin(policy.timeoutMs)));
    running.over();
    this.running.delete(running);
    const durationMs = Math.round(performance.now() - started);
    this.metrics.effect(row.type, result.kind, durationMs);
    this.tally.ended(result.kind);
    const requestHash = hash('sha256', JSON.stringify(row.params));
    await this.settle(row, { ...result, durationMs, requestHash }, policy);
  }

  private settle(
    row: OutboxRow,
    result: Attempt,
    policy: { attempts: number; backoffMs: number; maxBackoffMs: number },
  ): Promise<void> {
    switch (result.kind) {
      case 'done':
        return this.settling.effect(row, { ok: true, output: result.output ?? null }, result);
      case 'failed':
        return this.settling.effect(
          row,
          { ok: false, error: { code: result.code, message: result.reason }, exhausted: result.code === 'CRASHED' },
          result,
        );
      case 'retry': {
        const error = { code: 'RETRY', message: result.reason };
        if (result.isUntried)
          return this.database.transaction(row.tenant, async (tx) => {
            await outbox.giveBack(tx, row, result.afterMs ?? policy.backoffMs, { ...error, code: 'NOT_HERE' });
          });
        if (row.attempts >= policy.attempts)
          return this.settling.effect(
            row,
            { ok: false, error: { ...error, code: 'ATTEMPTS_EXHAUSTED' }, exhausted: true },
            result,
          );
        const delayMs = Math.max(result.afterMs ?? 0, backoff(row.attempts, policy, Math.random()));
        return this.database.transaction(row.tenant, async (tx) => {
          await recordAttempt(tx, row, result);
          await outbox.postpone(tx, row, delayMs, error);
        });
      }
    }
  }
}

/** A handler that throws has not said how it ended, so it is tried again. */
async function attempt(work: () => Promise<EffectResult>): Promise<EffectResult> {
  try {
    return await work();
  } catch (error) {
    return { kind: 'retry', reason: error instanceof Error ? error.message : String(error) };
  }
}
