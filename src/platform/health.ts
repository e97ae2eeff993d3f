import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import pg, { type QueryResult } from 'pg';
import { migrations } from '../../migrations/index.js';
import { Config } from './config.js';
import { heard } from './heard.connection.js';

/** What a check found: whether the process can do its work, and figures for whoever looks. */
export interface HealthReport {
  ok: boolean;
  [figure: string]: boolean | number | string;
}

/** Every check by its name. */
export type Checks = Record<string, HealthReport> & { database: HealthReport };

/** What the database says about itself. */
interface Standing {
  ms: number;
  /** Migrations that this process knows and the database has not run. */
  pending: number;
  outbox: number;
  timers: number;
}

/** A check that hangs is a check that fails. */
const CHECK_TIMEOUT_MS = 2_000;
/** Nobody holds it, or who did has died. */
const FREE = '(claimed_until is null or claimed_until < clock_timestamp())';
/** The oldest pending effect, looked up type by type as the index has them: going through a long backlog would take too long. */
const OLDEST_EFFECT = `
  with recursive heads as (
    (select type, next_attempt_at from engine.outbox where stage = 'open' and ${FREE} order by type, next_attempt_at limit 1)
    union all
    select next.* from heads cross join lateral (
      select type, next_attempt_at from engine.outbox where stage = 'open' and ${FREE} and type > heads.type order by type, next_attempt_at limit 1) next)
  select min(next_attempt_at) as since from heads`;
/** One statement after the other in one message. The name of the migrations' table is not to depend on a search path. */
const LOOK = `
  begin read only;
  select count(*)::int as ran from public.migrations;
  set local role statewright_system;
  select ${lagOf(OLDEST_EFFECT)} as outbox,
         ${lagOf('select min(due_at) as since from engine.timers where fired_at is null and dead_at is null')} as timers;
  commit`;

/** Can this process do its work? */
@Injectable()
export class Health implements OnApplicationShutdown {
  /** A connection of its own: with the others it would wait for the very requests whose effect it is asked about. */
  private readonly connection: pg.Pool;
  private looking: Promise<Checks> | undefined;
  private stopping = false;

  constructor({ databaseUrl }: Config) {
    this.connection = new pg.Pool({
      connectionString: databaseUrl,
      application_name: 'statewright health',
      max: 1,
      connectionTimeoutMillis: CHECK_TIMEOUT_MS,
      query_timeout: CHECK_TIMEOUT_MS,
      ...heard,
    });
    // A connection that breaks while nobody looks shows in the next look.
    this.connection.on('error', () => undefined);
  }

  /** True once the process was told to stop. It still answers, and asks for no more. */
  get isStopping(): boolean {
    return this.stopping;
  }

  /** Not ready from now on. */
  stop(): void {
    this.stopping = true;
  }

  /** Runs every check. However many ask at the same time, the database is asked once. */
  async report(): Promise<Checks> {
    this.looking ??= this.look().finally(() => (this.looking = undefined));
    const checks = await this.looking;
    return this.stopping ? { ...checks, process: { ok: false, reason: 'stopping' } } : checks;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.connection.end();
  }

  private async look(): Promise<Checks> {
    try {
      const { ms, pending, outbox, timers } = await this.ask();
      return {
        database: { ok: true, ms },
        migrations: { ok: pending === 0, pending },
        // Lag never makes a process unready: taking it out of service would only add to it.
        outbox: { ok: true, lagSeconds: outbox },
        timers: { ok: true, lagSeconds: timers },
      };
    } catch {
      return { database: { ok: false, reason: 'failed' } };
    }
  }

  private async ask(): Promise<Standing> {
    const started = performance.now();
    const client = await this.connection.connect();
    let broken = true;
    try {
      const [, migrated, , lag] = (await client.query(LOOK)) as unknown as QueryResult<Record<string, number>>[];
      broken = false;
      return {
        ms: Math.round(performance.now() - started),
        // A database that is ahead belongs to a newer release that is being rolled out, and is fine.
        pending: Math.max(0, migrations.length - (migrated?.rows[0]?.['ran'] ?? 0)),
        outbox: Math.round(lag?.rows[0]?.['outbox'] ?? 0),
        timers: Math.round(lag?.rows[0]?.['timers'] ?? 0),
      };
    } finally {
      // What did not answer in time may yet do so, to the wrong question.
      client.release(broken);
    }
  }
}

/** Seconds of business time since the moment that a query answers; 0 when there is none, or it is still to come. */
function lagOf(oldest: string): string {
  return `(select greatest(0, coalesce(extract(epoch from engine.now() - since), 0))::float8 from (${oldest}) as oldest)`;
}
