import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { migrations } from '../../migrations/index.js';
import { Database } from './database.js';

/** What a check found: whether the process can do its work, and figures for whoever looks. */
export interface HealthReport {
  ok: boolean;
  [figure: string]: boolean | number | string;
}

/** A check that hangs is a check that fails. */
const CHECK_TIMEOUT_MS = 2_000;

/** Can this process do its work? Modules add what they need for theirs. */
@Injectable()
export class Health {
  private readonly checks = new Map<string, () => Promise<HealthReport>>();

  constructor(
    private readonly database: Database,
    @InjectDataSource() private readonly source: DataSource,
  ) {
    this.register('database', () => this.reachable());
    this.register('migrations', () => this.migrated());
    this.register('outbox', () =>
      this.lag(`select min(next_attempt_at) as since from engine.outbox where status = 'pending'`),
    );
    this.register('timers', () => this.lag('select min(due_at) as since from engine.timers where fired_at is null'));
  }

  register(name: string, check: () => Promise<HealthReport>): void {
    this.checks.set(name, check);
  }

  /** Runs every check at once. One that throws or takes longer than 2 s fails. */
  async report(): Promise<Record<string, HealthReport>> {
    const reports = [...this.checks].map(async ([name, check]) => [name, await inTime(check)] as const);
    return Object.fromEntries(await Promise.all(reports));
  }

  private async reachable(): Promise<HealthReport> {
    const started = performance.now();
    await this.database.system((tx) => tx.one('select 1'));
    return { ok: true, ms: Math.round(performance.now() - started) };
  }

  /** A database that is ahead belongs to a newer release that is being rolled out, and is fine. */
  private async migrated(): Promise<HealthReport> {
    const [row] = await this.source.query<{ ran: number }[]>('select count(*)::int as ran from migrations');
    const pending = Math.max(0, migrations.length - (row?.ran ?? 0));
    return { ok: pending === 0, pending };
  }

  /** Lag never makes a process unready: taking it out of service would only add to it. */
  private async lag(oldest: string): Promise<HealthReport> {
    const row = await this.database.system((tx) =>
      tx.one<{ seconds: number }>(
        `select greatest(0, coalesce(extract(epoch from engine.now() - since), 0))::float8 as seconds from (${oldest}) as oldest`,
      ),
    );
    return { ok: true, lagSeconds: Math.round(row?.seconds ?? 0) };
  }
}

async function inTime(check: () => Promise<HealthReport>): Promise<HealthReport> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<HealthReport>(
    (resolve) => (timer = setTimeout(resolve, CHECK_TIMEOUT_MS, { ok: false, reason: 'no answer in time' })),
  );
  try {
    return await Promise.race([check(), late]);
  } catch {
    return { ok: false, reason: 'failed' };
  } finally {
    clearTimeout(timer);
  }
}
