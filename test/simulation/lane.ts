/** A database and its connections, in which one run follows another. */
import pg from 'pg';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../../src/platform/datasource.js';
import { EFFECTS, hostOf, peaceful } from '../support/engine.js';
import { Hosting } from '../support/process.js';
import { forget, stopClock } from '../support/still.js';
import { order } from '../support/toy.js';
import { Gate } from './gate.js';
import { takeOver } from './nature.js';
import { prepared } from './prepared.js';
import { Run, type Verdict } from './run.js';

/** More than there are transactions at once in most runs; in the others somebody waits for one. */
const CONNECTIONS = 20;
/** Which row comes first must not depend on how large the tables are: no plan but the one that follows the indexes. */
const ONE_PLAN = [
  ...['enable_seqscan', 'enable_hashjoin', 'enable_mergejoin', 'enable_bitmapscan', 'jit'].map((name) => `${name}=off`),
  'plan_cache_mode=force_generic_plan',
]
  .map((setting) => ` -c ${setting}`)
  .join('');

export class Lane {
  private runs = 0;

  private constructor(
    private readonly watcher: pg.Client,
    private readonly source: DataSource,
    private readonly gate: Gate,
    private readonly hosting: Hosting,
    private readonly types: Map<string, Run>,
  ) {}

  /** @param url of a migrated database that nobody else uses */
  static async open(url: string): Promise<Lane> {
    const watcher = new pg.Client(url);
    await watcher.connect();
    const plain = watcher.query.bind(watcher) as (...args: unknown[]) => unknown;
    watcher.query = ((...args: unknown[]) => plain(...prepared(args))) as typeof watcher.query;
    const still = new URL(await stopClock(watcher, url));
    still.searchParams.set('options', `${still.searchParams.get('options') ?? ''}${ONE_PLAN}`);
    const options = dataSourceOptions(still.href, CONNECTIONS, () => undefined);
    // A connection that is given up after a while would be one for the seed to decide about.
    const extra = { ...options.extra, idleTimeoutMillis: 0, pipeline: true };
    const source = await new DataSource({ ...options, extra }).initialize();
    const pool = (source.driver as unknown as { master: pg.Pool }).master;
    const gate = new Gate(pool, watcher);
    await warmUp(pool);
    const current = new Map<string, Run>();
    const world = peaceful();
    for (const type of EFFECTS)
      world.effects[type] = (input, run) => {
        const now = current.get('run');
        if (!now) throw new Error('no run is going on');
        return now.world.act(type, input, run);
      };
    takeOver();
    return new Lane(
      watcher,
      source,
      gate,
      new Hosting(source, hostOf(order, world), { carrier: JSON.parse, warehouse: JSON.parse }),
      current,
    );
  }

  /** Runs one seed, from an empty database to rest, and holds what came of it against the promises. */
  async run(seed: number, onLine?: (line: string) => void): Promise<Verdict> {
    await forget(this.watcher);
    const run = new Run(seed, ++this.runs, this.source, this.hosting, this.gate, this.watcher, onLine);
    this.types.set('run', run);
    return run.toTheEnd();
  }

  async close(): Promise<void> {
    await this.source.destroy();
    await this.watcher.end();
  }
}

async function warmUp(pool: pg.Pool): Promise<void> {
  const clients = await Promise.all(Array.from({ length: CONNECTIONS }, () => pool.connect()));
  for (const client of clients) client.release();
}
