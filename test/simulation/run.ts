/** One seed: clients, workers, providers, clocks, crashes and lost connections in the order the seed decides, then rest, then the questions. */
import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { DataSource } from 'typeorm';
import { InboxWorker } from '../../src/engine/workers/inbox.worker.js';
import { OutboxWorker } from '../../src/engine/workers/outbox.worker.js';
import { TimerWorker } from '../../src/engine/workers/timer.worker.js';
import { isOverload } from '../../src/platform/overload.js';
import { Process, type Hosting } from '../support/process.js';
import { ask, isDefinite, tell, type Request } from '../support/promises/asking.js';
import type { Told } from '../support/promises/evidence.js';
import { brokenPromises } from '../support/promises/promises.js';
import { readStored, workOf, type Stored } from '../support/promises/stored.js';
import { DAWN, moveClock } from '../support/still.js';
import { DAY } from '../support/toy.js';
import { Clients } from './clients.js';
import type { Gate, Loss } from './gate.js';
import { surround, within, type Pause, type Task } from './nature.js';
import { Random } from './random.js';
import { calmed, temperOf, type Temper } from './temper.js';
import { World } from './world.js';

export interface Verdict {
  seed: number;
  /** Promises that were broken, in words. */
  problems: string[];
  steps: number;
  /** Of everything that happened, in order, and of everything that is stored: the same for the same seed. */
  hash: string;
  /** How often what was to be tried really happened. */
  seen: Record<string, number>;
}

/** A process of the service, replaced by a new one when it dies. */
interface Home {
  readonly name: string;
  readonly process: Process;
  isAlive: boolean;
}

const APIS = 2;
const WORKERS = 3;
const CLIENTS_AT_ONCE = 4;
/** Steps after which a run makes no new requests, however few it has made. */
const MOST_STEPS = 1_200;
/** Rounds of rest after which a run that still has work will never be done with it. */
const MOST_ROUNDS = 40;
/** Longer than every lease and every pause between tries. */
const LONG_MS = 61_000;
const TASKS = ['outbox', 'outbox', 'outbox', 'heartbeat', 'timers', 'inbox'] as const;

export class Run {
  readonly world: World;
  private readonly random: Random;
  private readonly clients: Clients;
  private readonly homes: Home[] = [];
  private readonly told: Told[] = [];
  private readonly pauses: Pause[] = [];
  private readonly problems: string[] = [];
  private readonly hash = createHash('sha256');
  private readonly names = new Map<string, string>();
  private readonly seen: Record<string, number> = {};
  private tasks: Task[] = [];
  private last: Task | undefined;
  private temper: Temper;
  private clock = DAWN;
  private moment = 0;
  private steps = 0;
  private number = 0;
  private readonly waitsBefore: number;

  /** @param at how many runs this process has made: its clock has to go on */
  constructor(
    private readonly seed: number,
    at: number,
    private readonly source: DataSource,
    private readonly hosting: Hosting,
    private readonly gate: Gate,
    private readonly watcher: pg.Client,
    private readonly onLine: (line: string) => void = () => undefined,
  ) {
    this.random = new Random(seed);
    this.waitsBefore = gate.waits;
    this.temper = temperOf(this.random);
    this.clients = new Clients(this.random, watcher, this.temper.instances);
    this.world = new World(
      this.random,
      gate,
      () => ++this.moment,
      () => this.clock,
      () => this.temper.trouble,
    );
    surround({ random: this.random, now: () => DAWN + at * 1_000, pauses: this.pauses, onActivity: gate.stir });
    for (let api = 1; api <= APIS; api++) this.homes.push(this.born(`api ${api}`));
    for (let worker = 1; worker <= WORKERS; worker++) this.homes.push(this.born(`worker ${worker}`));
  }

  async toTheEnd(): Promise<Verdict> {
    while (this.steps < MOST_STEPS && this.clients.asked.length < this.temper.requests) await this.step();
    await this.gate.calm();
    this.problems.push(...(await this.broken(await readStored(this.watcher), false)));
    this.temper = calmed(this.temper);
    await this.rest();
    await this.comeClose();
    // What was due in the far future falls due all at once.
    if (this.random.chance(0.5)) {
      await this.moveBusiness(40 * DAY);
      await this.rest();
    }
    const stored = await readStored(this.watcher);
    this.problems.push(...(await this.broken(stored, true)));
    const chained = new Set(['hash', 'prev_hash', 'head_hash']);
    const picture = JSON.stringify(stored, (name, value: unknown) => (chained.has(name) ? '' : value));
    this.hash.update(this.anonymous(picture));
    await this.bury();
    return {
      seed: this.seed,
      problems: [...new Set(this.problems)].map((problem) => this.anonymous(problem)),
      steps: this.steps,
      hash: this.hash.digest('hex').slice(0, 16),
      seen: { ...this.seen, ...seenIn(stored), 'waits for a lock': this.gate.waits - this.waitsBefore },
    };
  }

  private async step(): Promise<void> {
    this.steps++;
    await this.gate.calm();
    const { weights, loss } = this.temper;
    const { waiting } = this.gate;
    const busy = this.tasks.filter(({ name }) => name.startsWith('client')).length;
    const next = this.random.weighted([
      [waiting.length > 0 ? 6 + 2 * waiting.length : 0, 'pass'],
      [this.pauses.length > 0 ? 1 : 0, 'pause'],
      [busy < CLIENTS_AT_ONCE ? weights.request : 0, 'request'],
      [weights.work, 'work'],
      [weights.message, 'message'],
      [weights.clock, 'clock'],
      [weights.crash, 'crash'],
      [weights.stop, 'stop'],
      [busy > 0 ? weights.impatience : 0, 'impatience'],
    ] as const);
    switch (next) {
      case 'pass':
        return this.pass(
          this.whoIsNext(),
          this.random.chance(loss) ? this.random.pick(['before', 'after'] as const) : undefined,
        );
      case 'pause':
        return this.endPause(this.random.below(this.pauses.length));
      case 'request':
        return this.request();
      case 'work':
        return this.work(this.random.pick(this.workers()), this.random.pick(TASKS));
      case 'message':
        return this.message();
      case 'clock':
        return this.moveClocks();
      case 'crash':
        return this.crash(this.random.below(this.homes.length));
      case 'stop':
        return this.giveBack(this.random.pick(this.workers()));
      case 'impatience':
        return this.loseInterest();
    }
  }

  /** Often the one who went on last, so that some transactions run through and others are interrupted. */
  private whoIsNext(): number {
    const mayGoOn = this.gate.next();
    const same = mayGoOn.find((at) => this.gate.waiting[at]?.task === this.last);
    return same !== undefined && this.random.chance(this.temper.persistence) ? same : this.random.pick(mayGoOn);
  }

  private async pass(index: number, loss: Loss): Promise<void> {
    const [waiting] = this.gate.waiting.splice(index, 1);
    if (!waiting) return;
    this.last = waiting.task;
    const breaks = waiting.line ? loss : undefined;
    this.say(
      `${waiting.task.home.name}, ${waiting.task.name}: ${waiting.what}${breaks ? ` (connection lost ${breaks})` : ''}`,
    );
    if (breaks) this.count(`connections lost ${breaks}`);
    this.gate.stir();
    await waiting.pass(breaks);
    await this.gate.calm();
    await this.gate.unlock();
  }

  private async endPause(index: number): Promise<void> {
    const [pause] = this.pauses.splice(index, 1);
    if (!pause?.task.home.isAlive) return;
    this.say(`${pause.task.home.name}, ${pause.task.name}: has waited ${Math.round(pause.ms)} ms`);
    this.gate.stir();
    pause.over();
  }

  private async request(): Promise<void> {
    const open = this.clients.unanswered();
    const request = open.length > 0 && this.random.chance(0.5) ? this.random.pick(open) : await this.clients.next();
    this.try(request);
  }

  private try(request: Request): void {
    const home = this.random.pick(this.homes.filter(({ name }) => name.startsWith('api')));
    this.begin(home, `client ${request.kind} ${request.type} ${request.key}`, async () => {
      await ask(request, home.process, () => ++this.moment);
    });
  }

  private async message(): Promise<void> {
    const message = this.clients.message();
    if (message) this.tell(message);
  }

  private tell({ id, instanceId, type }: { id: string; instanceId: string; type: string }): void {
    const home = this.random.pick(this.homes.filter(({ name }) => name.startsWith('api')));
    this.begin(home, `provider ${type} ${id}`, () => tell(home.process, this.told, id, instanceId, type));
  }

  private async work(home: Home, what: (typeof TASKS)[number]): Promise<void> {
    // Loops never run twice at once.
    if (this.tasks.some((task) => task.home === home && task.name === what)) return;
    const { process } = home;
    const since = this.clock;
    this.begin(home, what, async () => {
      switch (what) {
        case 'outbox':
          return void (await process.get(OutboxWorker).turn());
        case 'heartbeat':
          await process.get(OutboxWorker).heartbeat();
          return this.world.prolong(home, since);
        case 'timers':
          return void (await process.get(TimerWorker).turn());
        case 'inbox':
          return void (await process.get(InboxWorker).turn());
      }
    });
  }

  /** A worker is told to stop, and gives its claims back. */
  private async giveBack(home: Home): Promise<void> {
    this.begin(home, 'release', async () => {
      this.world.giveBack(home);
      await home.process.get(OutboxWorker).release();
    });
  }

  private async crash(index: number): Promise<void> {
    const home = this.homes[index];
    if (!home) return;
    this.say(`${home.name} dies`);
    this.count('crashes');
    await this.gate.kill(home);
    for (const task of this.tasks) if (task.home === home) this.unheard(task);
    this.tasks = this.tasks.filter((task) => task.home !== home);
    this.homes[index] = this.born(home.name.replace(/\..*/, ''));
    await this.gate.calm();
    await this.gate.unlock();
  }

  /** A client gives up waiting, and may ask again while the first request still goes on. */
  private async loseInterest(): Promise<void> {
    const task = this.random.pick(this.tasks.filter(({ name }) => name.startsWith('client')));
    this.say(`${task.name}: waits no longer`);
    this.unheard(task);
  }

  private unheard(task: Task): void {
    const request = this.clients.asked.find(({ kind, type, key }) => task.name === `client ${kind} ${type} ${key}`);
    for (const attempt of request?.tries ?? []) {
      if (attempt.answer !== null) continue;
      attempt.ended = ++this.moment;
      attempt.answer = { kind: 'unknown', because: 'nobody waited for it' };
    }
  }

  private async moveClocks(): Promise<void> {
    const { random } = this;
    if (random.chance(0.3)) return this.moveBusiness(random.pick([1_000, DAY / 2, DAY, 3 * DAY, 15 * DAY]));
    const wait = (await this.untilNextTimer()) ?? DAY;
    return this.move(random.pick([5, 400, 2_000, 4_999, 5_001, 11_000, LONG_MS, wait - 1, wait, wait + 1]));
  }

  private async move(ms: number): Promise<void> {
    const whole = Math.max(1, Math.round(ms));
    this.say(`the clock moves on by ${whole} ms`);
    this.clock += whole;
    await moveClock(this.watcher, whole);
  }

  private async moveBusiness(ms: number): Promise<void> {
    this.say(`business time moves on by ${ms} ms`);
    await this.watcher.query('update engine.clock set offset_ms = offset_ms + $1', [ms]);
  }

  /** A moment before the next deadline nothing may fire yet. */
  private async comeClose(): Promise<void> {
    const wait = await this.untilNextTimer();
    if (wait === null || wait < 2) return;
    await this.move(wait - 1);
    await this.work(this.random.pick(this.workers()), 'timers');
    await this.finish();
  }

  /** Milliseconds until the next timer is due. */
  private async untilNextTimer(): Promise<number | null> {
    const { rows } = await this.watcher.query<{ wait: number | null }>(
      `select (extract(epoch from min(due_at) - engine.now()) * 1000)::float8 as wait from engine.timers where fired_at is null and due_at > engine.now()`,
    );
    return rows[0]?.wait ?? null;
  }

  /** Nothing new happens and nothing goes wrong, until everything has been done. */
  private async rest(): Promise<void> {
    await this.finish();
    for (let round = 0; round < MOST_ROUNDS; round++) {
      for (const request of this.clients.asked) if (!isDefinite(request)) this.try(request);
      for (const message of this.clients.messages)
        if (!this.told.some(({ id, isConfirmed }) => isConfirmed && id === message.id)) this.tell(message);
      await this.finish();
      const work = await workOf(this.watcher);
      if (work.length === 0 && this.clients.asked.every(isDefinite)) return;
      for (const what of work) {
        await this.work(this.random.pick(this.workers()), what);
        await this.finish();
      }
      await this.move(LONG_MS);
    }
    this.problems.push('it does not come to rest');
  }

  /** Lets everybody go on until nobody waits any more. */
  private async finish(): Promise<void> {
    for (;;) {
      await this.gate.calm();
      await this.gate.unlock();
      if (this.gate.waiting.length > 0) await this.pass(this.gate.next()[0] ?? 0, undefined);
      else if (this.pauses.length > 0) await this.endPause(0);
      else return;
      this.steps++;
    }
  }

  private async bury(): Promise<void> {
    for (const home of this.homes) await this.gate.kill(home);
    this.pauses.length = 0;
  }

  private begin(home: Home, name: string, work: () => Promise<void>): void {
    const task: Task = { name, home, isOver: false, since: this.clock };
    this.tasks.push(task);
    this.say(`${home.name}: ${name} begins`);
    this.gate.stir();
    const ended = (): void => {
      task.isOver = true;
      this.tasks = this.tasks.filter((other) => other !== task);
      this.gate.stir();
    };
    void within.run(task, work).then(ended, (error: unknown) => {
      ended();
      // Connections break; everything else is worth a look.
      if (!isOverload(error))
        this.problems.push(`${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    });
  }

  private broken(stored: Stored, settled: boolean): Promise<string[]> {
    const { asked } = this.clients;
    const { told, world, hosting } = this;
    return brokenPromises({
      tenant: 'acme',
      stored,
      asked,
      told,
      calls: world.calls,
      driver: hosting.registry.get('order').driver,
      settled,
    });
  }

  private workers(): Home[] {
    return this.homes.filter(({ name }) => name.startsWith('worker'));
  }

  private born(name: string): Home {
    return { name: `${name}.${++this.number}`, process: new Process(this.source, this.hosting), isAlive: true };
  }

  private count(what: string): void {
    this.seen[what] = (this.seen[what] ?? 0) + 1;
  }

  private say(line: string): void {
    const text = this.anonymous(line);
    this.hash.update(`${text}\n`);
    this.onLine(`${this.steps} ${text}`);
  }

  /** Ids are numbered in the order in which they appear. */
  private anonymous(text: string): string {
    return text.replaceAll(/(wf|worker)_[0-9a-v]{26}/g, (id, kind: string) => {
      const name = this.names.get(id) ?? `${kind}_${this.names.size + 1}`;
      this.names.set(id, name);
      return name;
    });
  }
}

/** What the rows say of it. */
function seenIn({ history, outbox, inbox, timers }: Stored): Record<string, number> {
  return {
    'history rows': history.length,
    'timers fired': timers.filter(({ fired }) => fired !== null).length,
    'effects tried again': outbox.filter(({ fence }) => fence > 1).length,
    'dead letters': outbox.filter(({ status }) => status === 'dead').length,
    'effects called off': outbox.filter(({ cancelled }) => cancelled).length,
    compensations: outbox.filter(({ kind }) => kind === 'compensation').length,
    'messages applied': inbox.filter(({ status }) => status === 'applied').length,
    'messages put aside': inbox.filter(({ status }) => status === 'ignored' || status === 'quarantined').length,
    forces: history.filter(({ kind }) => kind === 'force').length,
    pauses: history.filter(({ kind }) => kind === 'pause').length,
  };
}
