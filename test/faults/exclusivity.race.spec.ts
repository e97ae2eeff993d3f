/**
 * Twenty companies race for one pitch while worker processes are killed, each time in the middle of telling the others.
 * Repeated REPETITIONS times: a few in the suite, a hundred with `REPETITIONS=100 npx jest test/faults/exclusivity.race`.
 */
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { Config } from '../../src/platform/config.js';
import { beside } from '../support/beside.js';
import type { Member } from '../support/fleet.js';
import { liveService, type LiveService } from '../support/live.js';
import { PitchWorld, type Bidder } from '../support/production.world.js';

const REPETITIONS = Number(process.env['REPETITIONS'] ?? 2);
const COMPANIES = 20;
/** In how many of the repetitions all companies come as far as a proposal; in the others only some do, the rest are merely interested. */
const ALL_PROPOSE_EVERY = 10;
const SOME = 5;
/** Short, so that what a killed worker held is soon taken up again. */
const LEASE_MS = 500;
const WORKERS = 2;
/** A kill comes at most so long after what it is meant to interrupt. */
const LONGEST_AIM_MS = 60;
const LONGEST_MS = 60_000;

const service = liveService();

/** Worker processes of the built service. They are killed when something has just happened, and started again. */
class Crew {
  kills = 0;
  private readonly rising = new Set<Promise<unknown>>();

  private constructor(private readonly workers: readonly Member[]) {}

  static async start(live: LiveService): Promise<Crew> {
    const env = { OUTBOX_LEASE_MS: String(LEASE_MS), OUTBOX_POLL_MS: '100', DB_POOL_SIZE: '4' };
    const workers = await Promise.all(Array.from({ length: WORKERS }, () => beside(live, 'worker', env)));
    await Promise.all(workers.map((worker) => worker.start()));
    return new Crew(workers);
  }

  /** Kills one of those that run, or all, in the middle of what they do: within moments of what has just been asked for. */
  async strike(whom: 'one' | 'all'): Promise<void> {
    await pause(Math.random() * LONGEST_AIM_MS);
    const running = this.workers.filter((worker) => worker.isRunning);
    const first = Math.floor(Math.random() * running.length);
    const victims = whom === 'all' ? running : running.slice(first, first + 1);
    await Promise.all(victims.map((worker) => worker.end('SIGKILL')));
    this.kills += victims.length;
    for (const victim of victims) {
      const rise = victim.start().finally(() => this.rising.delete(rise));
      // Told when it is waited for.
      rise.catch(() => undefined);
      this.rising.add(rise);
    }
  }

  /** Until all of them run again. */
  async whole(): Promise<void> {
    await Promise.allSettled(this.rising);
  }

  async stop(): Promise<void> {
    await Promise.allSettled(this.rising);
    await Promise.all(this.workers.map((worker) => worker.end('SIGKILL')));
  }
}

/** Looks at the pitch as often as it can, in a connection of its own, and remembers what must never be seen. */
class Watch {
  looks = 0;
  readonly violations: object[] = [];
  private isOver = false;
  private readonly loop: Promise<void>;

  constructor(
    private readonly client: pg.Client,
    private readonly pitchId: string,
  ) {
    this.loop = this.look();
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await this.loop;
  }

  private async look(): Promise<void> {
    while (!this.isOver) {
      // One statement sees one moment.
      const { rows } = await this.client.query<{ exclusive: string[]; holder: string | null; waiting: number }>(
        `select array(select workflow_instance_id from deals.production_deals
                       where pitch_id = $1 and status in ('NEGOTIATION', 'CONTRACT', 'PRODUCTION')) as exclusive,
                (select holder from deals.leases where key = 'pitch:' || $1) as holder,
                (select count(*)::int from deals.waitlist w
                   join deals.production_deals d on d.tenant = w.tenant and d.workflow_instance_id = w.member
                   join deals.companies c on c.tenant = d.tenant and c.id = d.production_company_id
                  where w.key = 'pitch:' || $1 and c.verification_status = 'verified' and c.active_projects_count < 10) as waiting`,
        [this.pitchId],
      );
      const [seen] = rows;
      this.looks += 1;
      if (!seen) continue;
      const { exclusive, holder, waiting } = seen;
      const twoHold = exclusive.length > 1 || (exclusive.length === 1 && exclusive[0] !== holder);
      const noneHolds = holder === null && waiting > 0;
      if (twoHold || noneHolds) this.violations.push({ ...seen, at: new Date().toISOString() });
      await pause(2);
    }
  }
}

/** Waits until something holds. */
async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + LONGEST_MS; Date.now() < end; await pause(20)) if (await holds()) return;
  throw new Error(`it does not come to pass that ${what}`);
}

const totals = { repetitions: 0, kills: 0, looks: 0, violations: 0, promotions: 0 };

async function race(live: LiveService, crew: Crew, repetition: number): Promise<void> {
  const world = await PitchWorld.begin(live);
  const client = new pg.Client(live.app.get(Config).databaseUrl);
  await client.connect();
  const watch = new Watch(client, world.pitchId);
  const rows = async <Row extends object>(sql: string, ...values: unknown[]) =>
    (await live.owner.query<Row>(sql, values)).rows;
  const placesOf = async () =>
    rows<{ id: string; state: string; phase: string | null }>(
      `select id, state, phase from engine.instances where keys ->> 'pitchId' = $1`,
      world.pitchId,
    );
  const lettersLeft = async () =>
    (
      await rows<{ n: number }>(
        `select count(*)::int as n from engine.outbox o
           join engine.instances i on i.tenant = o.tenant and i.id = o.instance_id and i.keys ->> 'pitchId' = $1
          where o.kind = 'letter' and o.status in ('pending', 'claimed')`,
        world.pitchId,
      )
    )[0]?.n;
  try {
    const bidders = await Promise.all(Array.from({ length: COMPANIES }, (_, n) => world.company(`c${n}`)));
    const created = await Promise.all(bidders.map((bidder) => world.create(bidder)));
    expect(created.map(({ status }) => status)).toEqual(bidders.map(() => 200));
    await until('all are verified', async () =>
      (await placesOf()).every(({ state, phase }) => state !== 'INTEREST' || phase === 'awaitingCreator'),
    );
    await crew.whole();

    const racers = repetition % ALL_PROPOSE_EVERY === 0 ? bidders : bidders.slice(0, SOME);
    const terms = { budget: 1_000_000, timeline: 'a year', rightsStructure: 'worldwide' };
    const steps: ((racer: Bidder) => ReturnType<PitchWorld['asCreator']>)[] = [
      (racer) => world.asCreator(racer, 'creator-interest-response', { decision: 'interested' }),
      (racer) => world.asCompany(racer, 'meeting-outcome', { outcome: 'proceed' }),
      (racer) => world.asCompany(racer, 'proposal-submitted', { proposalDocumentKey: 'p.pdf', terms }),
    ];
    for (const step of steps)
      expect((await Promise.all(racers.map(step))).map(({ status }) => status)).toEqual(racers.map(() => 200));

    // The race itself: everybody at once, one gets there.
    const accepted = await Promise.all(
      racers.map((racer) => world.asCreator(racer, 'proposal-response', { decision: 'accept' })),
    );
    // Whoever tells the others dies in the middle of it.
    await crew.strike('one');
    expect(accepted.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(accepted.filter(({ status }) => status === 409)).toHaveLength(racers.length - 1);
    const holder = racers[accepted.findIndex(({ status }) => status === 200)];
    if (!holder) throw new Error('nobody has won');

    // The line is there as soon as the winner is: everybody else, in the order in which they came.
    const { line = [] } = await world.line(holder);
    const inOrder = await rows<{ id: string }>(
      `select d.workflow_instance_id as id from deals.production_deals d
        where d.pitch_id = $1 and d.workflow_instance_id <> $2 order by d.created_at, d.id`,
      world.pitchId,
      holder.id,
    );
    expect(line.map(({ position, instanceId }) => [position, instanceId])).toEqual(
      inOrder.map(({ id }, i) => [i + 1, id]),
    );
    await until('everybody has heard of it', async () => (await lettersLeft()) === 0);

    // The holder leaves, and whoever is next leaves too, a few times over: each time one follows.
    let leaving = holder;
    const promoted = new Set<string>();
    for (let round = 0; round < 4; round++) {
      if (round === 2) await disqualifyFirst(world, holder);
      await leave(world, leaving);
      await crew.strike(round === 1 ? 'all' : 'one');
      const [lease] = await rows<{ holder: string }>(
        `select holder from deals.leases where key = 'pitch:' || $1`,
        world.pitchId,
      );
      const next = bidders.find(({ id }) => id === lease?.holder);
      if (!next) throw new Error('nobody follows');
      promoted.add(next.id);
      await until('the next one knows', async () => {
        const { state, context } = await world.read(next);
        return state !== 'WAITLISTED' && (context as { waitlistedAt: number | null }).waitlistedAt === null;
      });
      leaving = next;
    }
    const told = await rows<{ id: string; n: number }>(
      `select h.instance_id as id, count(*)::int as n from engine.history h
         join engine.instances i on i.tenant = h.tenant and i.id = h.instance_id and i.keys ->> 'pitchId' = $1
        where h.type = 'exclusivity-available' group by 1`,
      world.pitchId,
    );
    // Exactly one each time, and each heard of it exactly once.
    expect(told.map(({ n }) => n)).toEqual([...promoted].map(() => 1));
    expect(new Set(told.map(({ id }) => id))).toEqual(promoted);
    const { line: rest = [] } = await world.line(holder);
    expect(rest.map(({ position }) => position)).toEqual(rest.map((_, i) => i + 1));
    expect(rest).toHaveLength(COMPANIES - 1 - promoted.size);
    totals.promotions += promoted.size;

    // The last line of defence is the database's own.
    await expect(
      live.owner.query(
        `update deals.production_deals set status = 'NEGOTIATION' where workflow_instance_id = any($1)`,
        [rest.slice(0, 2).map(({ instanceId }) => instanceId)],
      ),
    ).rejects.toThrow('production_deals_one_exclusive');
  } finally {
    await watch.stop();
    await client.end();
    totals.looks += watch.looks;
    totals.violations += watch.violations.length;
    totals.repetitions += 1;
  }
  expect(watch.violations).toEqual([]);
}

/** A company gives up the pitch, or its turn. */
async function leave(world: PitchWorld, bidder: Bidder): Promise<void> {
  const { state } = await world.read(bidder);
  const answer =
    state === 'NEGOTIATION'
      ? await world.asCompany(bidder, 'terms-rejected')
      : state === 'MEETING'
        ? await world.asCompany(bidder, 'meeting-outcome', { outcome: 'pass' })
        : await world.asCreator(bidder, 'proposal-response', { decision: 'reject' });
  expect(answer).toMatchObject({ status: 200 });
}

/** Whoever would be next loses its verification, and is to be passed over. */
async function disqualifyFirst(world: PitchWorld, bidder: Bidder): Promise<void> {
  const { line = [] } = await world.line(bidder);
  await world.putCompany(line[0]?.productionCompanyId ?? '', { verificationStatus: 'rejected' });
}

describe('twenty companies race for one pitch while worker processes are killed', () => {
  let crew: Crew;
  beforeAll(async () => {
    crew = await Crew.start(await service());
  }, 600_000);
  afterAll(async () => {
    await crew.stop();
    const { repetitions, kills, looks, promotions, violations } = { ...totals, kills: crew.kills };
    process.stdout.write(
      `exclusivity: ${repetitions} races of ${COMPANIES}, ${kills} worker processes killed, ${promotions} promotions, ${looks} looks at the database, ${violations} violations\n`,
    );
  }, 600_000);

  it.each(Array.from({ length: REPETITIONS }, (_, n) => [n]))(
    'one holds it, the others wait in order, and each who leaves is followed by exactly one (R000-56 to R000-59): race %d',
    async (repetition) => race(await service(), crew, repetition),
    180_000,
  );
});
