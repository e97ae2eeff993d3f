import { createHash } from 'node:crypto';
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

/** Effects taken at once. More would wait behind each other in this process while another could run them. */
const BATCH = 32;

/** Works the outbox off: claims due effects, runs their handlers, settles how they ended. */
@Injectable()
export class OutboxWorker {
  /** Names this process in leases. */
  readonly name = newId('worker');
  private readonly running = new Map<number, AbortController>();

  constructor(
    private readonly config: Config,
    private readonly database: Database,
    private readonly registry: Registry,
    private readonly settling: Settling,
    private readonly metrics: Metrics,
  ) {}

  /** Takes one batch and runs it. Answers true when the batch was full. */
  async turn(): Promise<boolean> {
    const types = this.registry.effectTypes();
    const free = BATCH - this.running.size;
    if (free <= 0 || types.length === 0) return false;
    const rows = await this.database.system((tx) =>
      outbox.claim(tx, this.name, types, free, this.config.outboxLeaseMs),
    );
    for (const row of rows) this.running.set(row.id, new AbortController());
    const ends = await Promise.allSettled(rows.map((row) => this.run(row).finally(() => this.running.delete(row.id))));
    // An end that could not be written down leaves its claim to the lease; the others of the batch are not held up by it.
    const faults = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []));
    if (faults.length > 0)
      throw new AggregateError(
        faults,
        `${faults.length} of ${rows.length} effects could not be settled: ${String(faults[0])}`,
      );
    return rows.length > 0;
  }

  /** Keeps the leases of running effects; aborts those that somebody else has taken. */
  async heartbeat(): Promise<void> {
    if (this.running.size === 0) return;
    const ids = [...this.running.keys()];
    const held = await this.database.system((tx) => outbox.heartbeat(tx, this.name, ids, this.config.outboxLeaseMs));
    const mine = new Set(held.map(({ id }) => id));
    for (const id of ids) if (!mine.has(id)) this.running.get(id)?.abort(new Error('the lease was lost'));
  }

  /** Gives back what crashed workers held. */
  reclaim(): Promise<number> {
    return this.database.system((tx) => outbox.reclaim(tx));
  }

  /** Stops running effects and gives their claims back. */
  async release(): Promise<void> {
    for (const controller of this.running.values()) controller.abort(new Error('the process is stopping'));
    await this.database.system((tx) => outbox.release(tx, this.name));
  }

  private async run(row: OutboxRow): Promise<void> {
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
              since: row.created_at.getTime(),
              correlationId: row.correlation_id,
              signal: AbortSignal.any([AbortSignal.timeout(policy.timeoutMs), ...this.signalOf(row)]),
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

  private signalOf(row: OutboxRow): AbortSignal[] {
    const controller = this.running.get(row.id);
    return controller ? [controller.signal] : [];
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
