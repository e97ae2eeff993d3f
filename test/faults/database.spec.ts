import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { migrate } from '../../src/platform/datasource.js';
import { startPostgres, type EmbeddedPostgres } from '../../src/platform/postgres/launcher.js';
import { ask, Fleet, offer, type Member } from '../support/fleet.js';

const CLIENTS = 6;
const CRASHES = 3;

let home: string;
let postgres: EmbeddedPostgres;
let fleet: Fleet;
let service: Member;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'statewright-restart-'));
  chmodSync(home, 0o755);
  // Started again by its keeper on the same port whenever it dies. It keeps what it has acknowledged.
  postgres = await startPostgres({
    folder: join(home, 'pg'),
    durable: true,
    log: () => undefined,
    onLost: (error) => console.error(error),
  });
  await migrate(postgres.url);
  fleet = await Fleet.start({ url: postgres.url, drop: () => Promise.resolve() });
  service = await (await fleet.member('all', { OUTBOX_LEASE_MS: '1000' })).start();
  await fleet.pitches(20_000);
}, 600_000);
afterAll(async () => {
  await fleet.stop();
  await postgres.stop();
  rmSync(home, { recursive: true, force: true });
});

describe('while the database crashes and comes back, again and again', () => {
  it('the service stays, says so, and loses nothing it has acknowledged (P1)', async () => {
    const acked = new Map<string, string>();
    const statuses = new Set<number>();
    let stopped = false;
    let pitch = 0;
    const client = async (): Promise<void> => {
      while (!stopped) {
        const mine = ++pitch;
        for (let done = false; !done;) {
          const answer = await ask(service.url, 'POST', '/api/workflows/investment/create', {
            key: fleet.keys['admin'],
            body: offer(mine),
            idempotencyKey: `offer-${mine}`,
          });
          statuses.add(answer.status);
          done = answer.status < 300;
          if (done) acked.set(`offer-${mine}`, String(answer.body['instanceId']));
          else await pause(50);
        }
      }
    };
    const clients = Promise.all(Array.from({ length: CLIENTS }, client));
    for (let crash = 0; crash < CRASHES; crash++) {
      const before = acked.size;
      while (acked.size < before + 20) await pause(20);
      const pid = postgres.pid();
      if (pid === undefined) throw new Error('the database does not run');
      process.kill(pid, 'SIGKILL');
      // The process is alive all the time, and ready again as soon as its database is.
      while (await service.isReady()) await pause(5);
      expect((await fetch(`${service.url}/health/live`)).status).toBe(200);
      while (!(await service.isReady())) await pause(20);
    }
    const before = acked.size;
    while (acked.size < before + 20) await pause(20);
    stopped = true;
    await clients;
    console.info(`database: ${acked.size} acks over ${CRASHES} crashes; answers: ${[...statuses].join(', ')}`);
    for (const status of statuses) expect([200, 201, 503]).toContain(status);
    const rows = await fleet.rows<{ key: string; id: string }>(
      `select idempotency_key as key, instance_id as id from engine.history where kind = 'start'`,
    );
    expect(new Map(rows.map(({ key, id }) => [key, id]))).toEqual(acked);
    expect(rows).toHaveLength(acked.size);
    for (let waited = 0; ; waited += 100) {
      const open = await fleet.rows(`select id from engine.outbox where status in ('pending', 'claimed')`);
      if (open.length === 0) break;
      if (waited > 60_000) throw new Error(`${open.length} effects are still open`);
      await pause(100);
    }
    expect(await fleet.rows(`select id, type, last_error from engine.outbox where status = 'dead'`)).toEqual([]);
  }, 600_000);
});
