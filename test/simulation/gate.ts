/** Where tasks wait until the seed lets them go on: before each statement to the database, before and after each request to a provider. */
import type pg from 'pg';
import { outside, within, type Task } from './nature.js';
import { prepared } from './prepared.js';

/** What happens to the connection when a statement is let through. `before`: the server never hears it. `after`: its answer is lost. */
export type Loss = 'before' | 'after' | undefined;

/** A task that waits to be let through. */
export interface Waiting {
  readonly task: Task;
  readonly what: string;
  /** The connection of a statement: it can be lost. */
  readonly line: Line | undefined;
  /** Lets it through and resolves when that is over, or when it waits for a lock that another task holds. */
  pass: (loss: Loss) => Promise<void>;
}

/** A client of the pool; the driver knows the number of its session. */
interface Session extends pg.PoolClient {
  readonly processID?: number;
}

/** A connection as the simulation keeps track of it. */
export interface Line {
  readonly client: Session;
  /** As the driver has it. */
  readonly query: (...args: unknown[]) => Promise<unknown>;
  /** How its transaction begins. It sees and locks nothing before its first statement, so it is sent together with that. */
  begin: readonly unknown[] | undefined;
  holder: Task | undefined;
  isLost: boolean;
}

/** A statement that waits inside the database. */
interface Locked {
  readonly line: Line;
  readonly task: Task;
  isDone: boolean;
  /** Sessions that hold what it waits for. */
  holders: number[];
  /** Resolves when the database has answered. */
  ended: Promise<unknown>;
  /** Gives the answer to the task that waits for it. */
  deliver: () => void;
}

const LOST = 'Connection terminated unexpectedly';
/** A statement that takes longer probably waits for a lock; then the database is asked. */
const PATIENCE_MS = 3;

export class Gate {
  readonly waiting: Waiting[] = [];
  /** How many statements have had to wait for a lock so far. */
  waits = 0;
  private readonly lines = new Map<Session, Line>();
  private locked: Locked[] = [];
  private activity = 0;
  private calmAt = -1;
  /** A transaction has ended since the locks were looked at. */
  private hasEnded = false;

  /** @param pool whose connections are watched @param watcher a connection of its own */
  constructor(
    pool: pg.Pool,
    private readonly watcher: pg.Client,
  ) {
    pool.on('acquire', (client) => this.watch(client));
    pool.on('release', (_: unknown, client: Session) => {
      const line = this.lines.get(client);
      if (line) Object.assign(line, { begin: undefined, holder: undefined, isLost: false });
    });
  }

  readonly stir = (): void => void this.activity++;

  /** Waits to be let through. */
  stop(what: string): Promise<void> {
    const task = within.getStore();
    if (!task) return Promise.resolve();
    return new Promise((resolve) => this.queue({ task, what, line: undefined, pass: async () => resolve() }));
  }

  /** Resolves when every task waits for something that only the seed can give. Whoever sets something going stirs. */
  async calm(): Promise<void> {
    if (this.activity === this.calmAt) return;
    for (let quiet = 0; quiet < 3; quiet++) {
      const before = this.activity;
      await new Promise((resolve) => outside.setImmediate(resolve));
      if (this.activity !== before) quiet = -1;
    }
    this.calmAt = this.activity;
  }

  /**
   * Those who may go on: everybody, or whoever holds up a statement that waits for a lock. Of several that wait for the same row
   * Postgres lets now one, now another have it first, so a second one never gets there.
   */
  next(): number[] {
    const all = this.waiting.map((_, at) => at);
    if (this.locked.length === 0) return all;
    const holders = this.locked.flatMap(({ holders: pids }) => pids);
    const holding = all.filter((at) => holders.includes(numberOf(this.waiting[at]?.line)));
    return holding.length > 0 ? holding : all;
  }

  /** Hands out the answers of statements that have their lock by now, in the order in which they began to wait. */
  async unlock(): Promise<void> {
    // Locks are given back at the end of a transaction only.
    if (!this.hasEnded) return;
    this.hasEnded = false;
    while (this.locked.length > 0) {
      await this.untilDoneOrBlocked(this.locked, 0);
      const free = this.locked.find(({ isDone }) => isDone);
      if (!free) return;
      this.locked = this.locked.filter((entry) => entry !== free);
      this.stir();
      free.deliver();
      await this.calm();
    }
  }

  /** Nothing of this process is heard any more; what it had not committed is rolled back. */
  async kill(home: Task['home']): Promise<void> {
    this.stir();
    home.isAlive = false;
    this.hasEnded = true;
    for (let at = this.waiting.length - 1; at >= 0; at--)
      if (this.waiting[at]?.task.home === home) this.waiting.splice(at, 1);
    for (const line of this.lines.values()) {
      if (line.holder?.home !== home) continue;
      const stuck = this.locked.find((entry) => entry.line === line);
      if (stuck) {
        this.locked = this.locked.filter((entry) => entry !== stuck);
        await this.watcher.query('select pg_cancel_backend($1)', [line.client.processID]);
        await stuck.ended;
      }
      line.begin = undefined;
      await line.query('rollback');
      line.client.release();
    }
  }

  private watch(client: Session): void {
    if (this.lines.has(client)) return;
    const plain = client.query.bind(client) as Line['query'];
    const line: Line = {
      client,
      query: (...args) => plain(...prepared(args)),
      begin: undefined,
      holder: undefined,
      isLost: false,
    };
    this.lines.set(client, line);
    const gated = (...args: unknown[]): Promise<unknown> => {
      const task = within.getStore();
      return task ? this.statement(task, line, args) : line.query(...args);
    };
    client.query = gated as typeof client.query;
  }

  private statement(task: Task, line: Line, args: unknown[]): Promise<unknown> {
    line.holder = task;
    if (line.isLost) return Promise.reject(new Error('Client has encountered a connection error and is not queryable'));
    const what = gistOf(args[0]);
    if (what.startsWith('begin')) {
      line.begin = args;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const lose = async (): Promise<void> => {
        line.isLost = true;
        line.begin = undefined;
        this.hasEnded = true;
        await line.query('rollback');
        reject(new Error(LOST));
      };
      const pass = async (loss: Loss): Promise<void> => {
        if (loss === 'before') return lose();
        if (what === 'commit' || what === 'rollback') this.hasEnded = true;
        const entry: Locked = {
          line,
          task,
          isDone: false,
          holders: [],
          ended: Promise.resolve(),
          deliver: () => undefined,
        };
        const ended = together(line, args).then(
          (result) => () => resolve(result),
          (error: Error) => () => reject(error),
        );
        entry.ended = ended.then((deliver) => Object.assign(entry, { isDone: true, deliver }));
        line.begin = undefined;
        await this.untilDoneOrBlocked([entry]);
        if (!entry.isDone) this.waitsFor(entry);
        else if (loss === 'after') await lose();
        else entry.deliver();
      };
      this.queue({ task, what, line, pass });
    });
  }

  private waitsFor(entry: Locked): void {
    this.locked.push(entry);
    this.waits++;
  }

  private queue(waiting: Waiting): void {
    this.stir();
    if (waiting.task.home.isAlive) this.waiting.push(waiting);
  }

  private async untilDoneOrBlocked(entries: readonly Locked[], patienceMs = PATIENCE_MS): Promise<void> {
    const running = () => entries.filter(({ isDone }) => !isDone);
    for (let patience = patienceMs; ; patience = 2 * patience + PATIENCE_MS) {
      const all = running();
      if (all.length === 0) return;
      let timer: NodeJS.Timeout | undefined;
      const waited = new Promise((resolve) => (timer = outside.setTimeout(resolve, patience)));
      if (patience > 0) await Promise.race([waited, Promise.all(all.map(({ ended }) => ended))]);
      outside.clearTimeout(timer);
      if (await this.areBlocked(running())) return;
    }
  }

  /** True when every one of these waits for a lock; then each knows who holds it. */
  private async areBlocked(entries: readonly Locked[]): Promise<boolean> {
    if (entries.length === 0) return false;
    const { rows } = await this.watcher.query<{ pid: number; holders: number[] }>(
      'select pid, pg_blocking_pids(pid) as holders from unnest($1::int[]) pid',
      [entries.map(({ line }) => numberOf(line))],
    );
    for (const { pid, holders } of rows) {
      const entry = entries.find(({ line }) => numberOf(line) === pid);
      if (entry) entry.holders = holders;
    }
    return rows.every(({ holders }) => holders.length > 0);
  }
}

/** A statement, and the beginning of its transaction before it, in one packet. */
function together({ client, query, begin }: Line, statement: unknown[]): Promise<unknown> {
  const { stream } = client.connection;
  stream.cork();
  if (begin) void query(...begin);
  const result = query(...statement);
  stream.uncork();
  return result;
}

const numberOf = (line: Line | undefined): number => line?.client.processID ?? 0;

/** What a statement does, in few words. */
function gistOf(query: unknown): string {
  const text = typeof query === 'string' ? query : String((query as { text?: unknown }).text);
  return text.replace(/\s+/g, ' ').trim().slice(0, 60);
}
