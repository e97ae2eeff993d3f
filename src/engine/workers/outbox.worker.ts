import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Config } from '../../platform/config.js';
import { Database, type Tx } from '../../platform/database.js';
import { newId } from '../../platform/ids.js';
import { Metrics } from '../../platform/metrics.js';
import { backoff } from '../core/backoff.js';
import type { EffectResult } from '../host.js';
import { Registry } from '../registry.js';
import { Settling } from '../settling.js';
import { recordAttempt, type Attempt } from '../store/attempts.js';
import * as outbox from '../store/outbox.js';
import type { OutboxRow } from '../store/outbox.js';

/** Effects taken at once. More would wait behind each other in this process while another could run them. */
const BATCH = 32;

/** An effect that runs here. */
interface Running {
  row: OutboxRow;
  controller: AbortController;
  ended: Promise<void>;
}

/** Works the outbox off: claims due effects, runs their handlers, settles how they ended. */
@Injectable()
export class OutboxWorker {
  /** Names this process in leases. */
  readonly name = newId('worker');
  private readonly running = new Set<Running>();
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
    const begun = await this.begin();
    const ends = await Promise.allSettled(begun.map(({ ended }) => ended));
    // An end that could not be written down leaves its claim to the lease.
    const faults = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []));
    if (faults.length > 0)
      throw new AggregateError(faults, `${faults.length} effects could not be settled: ${String(faults[0])}`);
    return begun.length > 0;
  }

  /**
   * Takes what there is room for and does not wait for it, so that a slow provider holds up nobody else.
   * @param onEnd told of each end, with the fault if it could not be written down
   */
  async pump(onEnd: (fault?: unknown) => void): Promise<boolean> {
    const begun = await this.begin();
    for (const { ended } of begun) ended.then(() => onEnd(), onEnd);
    return begun.length > 0 && this.running.size < BATCH;
  }

  /** True when more is probably due and half of the room is free again: claims pay in batches. */
  get isHungry(): boolean {
    return this.tookAllItCould && this.running.size <= BATCH / 2;
  }

  /** Resolves when nothing runs here any more. */
  async idle(): Promise<void> {
    await Promise.allSettled([...this.running].map(({ ended }) => ended));
  }

  /** Keeps the leases of running effects; aborts those that somebody else has taken. */
  async heartbeat(): Promise<void> {
    const running = [...this.running];
    if (running.length === 0) return;
    const ids = running.map(({ row }) => row.id);
    const held = await this.database.system((tx) => outbox.heartbeat(tx, this.name, ids, this.config.outboxLeaseMs));
    const mine = new Set(held.map(({ id, fence }) => `${id}:${fence}`));
    for (const { row, controller } of running)
      if (!mine.has(`${row.id}:${row.fence}`)) controller.abort(new Error('the lease was lost'));
  }

  /** Gives back what crashed workers held. */
  reclaim(): Promise<number> {
    return this.database.system((tx) => outbox.reclaim(tx));
  }

  /** Stops running effects and gives their claims back. */
  async release(): Promise<void> {
    for (const { controller } of this.running) controller.abort(new Error('the process is stopping'));
    await this.database.system((tx) => outbox.release(tx, this.name));
  }

  private async begin(): Promise<Running[]> {
    const free = BATCH - this.running.size;
    if (free <= 0) return [];
    const rows = await this.database.system((tx) => this.claim(tx, free));
    return rows.map((row) => {
      const controller = new AbortController();
      const running: Running = { row, controller, ended: Promise.resolve() };
      this.running.add(running);
      running.ended = this.run(row, controller.signal).finally(() => this.running.delete(running));
      return running;
    });
  }

  /** Types with a batch first, each as far as its batch goes, so that the others have what is left. */
  private async claim(tx: Tx, free: number): Promise<OutboxRow[]> {
    const types = this.registry.effectTypes();
    const unlimited = types.filter(({ batch }) => batch === undefined).map(({ type }) => type);
    const rows: OutboxRow[] = [];
    this.tookAllItCould = false;
    const take = async (names: readonly string[], room: number): Promise<void> => {
      const most = Math.min(room, free - rows.length);
      const taken = most > 0 ? await outbox.claim(tx, this.name, names, most, this.config.outboxLeaseMs) : [];
      rows.push(...taken);
      if (taken.length >= most) this.tookAllItCould = true;
    };
    for (const { type, batch } of types) if (batch !== undefined) await take([type], batch - this.runningOf(type));
    if (unlimited.length > 0) await take(unlimited, free);
    return rows;
  }

  private runningOf(type: string): number {
    return [...this.running].filter(({ row }) => row.type === type).length;
  }

  private async run(row: OutboxRow, taken: AbortSignal): Promise<void> {
    const effect = this.registry.effect(row.type);
    if (!effect) throw new Error(`no handler for ${row.type}`);
    const { handler, policy } = effect;
    const started = performance.now();
    // A crash counts as an attempt too, so an effect that kills its worker ends in the dead letters and not in a crash loop.
    const result: EffectResult =
      row.attempts > policy.attempts
        ? { kind: 'failed', code: 'CRASHED', reason: `the worker stopped during each of ${policy.attempts} attempts` }
        : await attempt(() =>
            handler(row.params as never, {
              tenant: row.tenant,
              instanceId: row.instance_id,
              key: row.key,
              attempt: row.attempts,
              begun: row.fence,
              since: row.created_at.getTime(),
              correlationId: row.correlation_id,
              signal: AbortSignal.any([AbortSignal.timeout(policy.timeoutMs), taken]),
            }),
          );
    const durationMs = Math.round(performance.now() - started);
    this.metrics.effect(row.type, result.kind, durationMs);
    const requestHash = createHash('sha256').update(JSON.stringify(row.params)).digest('hex');
    await this.settle(row, { ...result, durationMs, requestHash }, policy);
  }

  private async settle(
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
        if (row.attempts >= policy.attempts)
          return this.settling.effect(
            row,
            { ok: false, error: { ...error, code: 'ATTEMPTS_EXHAUSTED' }, exhausted: true },
            result,
          );
        const delayMs = Math.max(result.afterMs ?? 0, backoff(row.attempts, policy, Math.random()));
        await this.database.transaction(row.tenant, async (tx) => {
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
