import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import pg, { type Pool, type PoolClient } from 'pg';
import type { DataSource, EntityManager } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';

// bigint columns are sequence numbers and counts, far below 2^53.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

/** One open transaction. Everything that reads or writes takes it as its first argument. */
export interface Tx {
  /** The tenant whose rows this transaction can see; `*` in the system's own loops. */
  readonly tenant: string;
  query<Row>(sql: string, params?: readonly unknown[]): Promise<Row[]>;
  /** The first row, or undefined. */
  one<Row>(sql: string, params?: readonly unknown[]): Promise<Row | undefined>;
  /** Runs a statement; answers how many rows it touched. */
  run(sql: string, params?: readonly unknown[]): Promise<number>;
  /** TypeORM on this very transaction, for simple reads of entities. */
  readonly entities: EntityManager;
  /** Runs `then` once the transaction is durable; never when it rolls back. */
  afterCommit(then: () => void): void;
}

/** Postgres asks for another try: serialization failure, deadlock. */
const TRY_AGAIN = new Set(['40001', '40P01']);
/** Tries and pauses of R000-9: 3 tries, 100·2^i ms. */
const TRIES = 3;
const FIRST_PAUSE_MS = 100;

/** The only way to the database. Every transaction takes off its owner's rights first. */
@Injectable()
export class Database {
  constructor(@InjectDataSource() private readonly source: DataSource) {}

  /** Runs `work` as one tenant: row-level security shows and takes only this tenant's rows. */
  transaction<T>(tenant: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    // The tenant name comes from a verified credential; its alphabet is checked again because it becomes part of a statement.
    if (!/^[a-z0-9][a-z0-9_-]{0,62}$/.test(tenant)) throw new Error('malformed tenant name');
    return this.attempt(tenant, `begin; set local role statewright_app; set local engine.tenant = '${tenant}'`, work);
  }

  /** Runs the service's own work across tenants: claims, credentials, messages from providers. */
  system<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.attempt('*', 'begin; set local role statewright_system', work);
  }

  /**
   * Calls one function that takes off its owner's rights itself, in a transaction of its own: one round trip, durable when it resolves.
   * Nothing is tried again.
   */
  async call<Row>(sql: string, params: readonly unknown[]): Promise<Row[]> {
    const client = await this.pool.connect();
    let isOver = false;
    try {
      return (await client.query(sql, [...params])).rows as Row[];
    } catch (error) {
      isOver = endsSession(error);
      throw error;
    } finally {
      // A refused statement leaves the connection as good as it was; the pool itself drops one that it knows to be broken.
      client.release(isOver);
    }
  }

  private get pool(): Pool {
    return (this.source.driver as PostgresDriver).master as Pool;
  }

  private async attempt<T>(tenant: string, begin: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.once(tenant, begin, work);
      } catch (error) {
        if (attempt >= TRIES || !TRY_AGAIN.has((error as { code?: string }).code ?? '')) throw error;
        await new Promise((resolve) =>
          setTimeout(resolve, FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + Math.random())),
        );
      }
    }
  }

  private async once<T>(tenant: string, begin: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    const runner = this.source.createQueryRunner();
    const afterwards: (() => void)[] = [];
    try {
      const client = (await runner.connect()) as PoolClient;
      await client.query(begin);
      try {
        const result = await work(open(client, tenant, runner.manager, afterwards));
        await client.query('commit');
        for (const then of afterwards) then();
        return result;
      } catch (error) {
        // A broken connection cannot roll back, and need not: the server has done it.
        await client.query('rollback').catch(() => undefined);
        throw error;
      }
    } finally {
      await runner.release();
    }
  }
}

/** The server says so a moment before the end of the connection is noticed; meanwhile nobody else must be given it. */
const endsSession = (error: unknown): boolean =>
  /^(08...|57P0[1-5]|25P0[34])$/.test((error as { code?: string } | null)?.code ?? '');

function open(client: PoolClient, tenant: string, entities: EntityManager, afterwards: (() => void)[]): Tx {
  const ask = (sql: string, params: readonly unknown[] = []) => client.query(sql, [...params]);
  return {
    tenant,
    entities,
    query: async <Row>(sql: string, params?: readonly unknown[]) => (await ask(sql, params)).rows as Row[],
    one: async <Row>(sql: string, params?: readonly unknown[]) => (await ask(sql, params)).rows[0] as Row | undefined,
    run: async (sql, params) => (await ask(sql, params)).rowCount ?? 0,
    afterCommit: (then) => void afterwards.push(then),
  };
}
