import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { migrate } from '../../src/platform/datasource.js';
import { freePort } from '../../src/platform/free.port.js';
import { serverUser } from '../../src/platform/postgres/user.js';
import { ask, Fleet, offer, type Answer, type Member } from '../support/fleet.js';

const binary = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  .map((folder) => join(folder, 'pgbouncer'))
  .find((path) => existsSync(path));
if (!binary) console.info('pgbouncer: not installed here, so its tests are skipped (apt-get install pgbouncer).');

/** Fewer than the service keeps open, so that its transactions do share them. */
const SERVER_CONNECTIONS = 4;
const DEALS = 60;

/** The configuration that the documentation tells operators to use, on this machine. */
function configuration(home: string, server: URL, port: number): string {
  const [, documented = ''] = /```ini\n([^]*?)```/.exec(readFileSync('docs/scaling.md', 'utf8')) ?? [];
  const here: Record<string, string> = {
    listen_addr: '127.0.0.1',
    listen_port: String(port),
    auth_file: join(home, 'userlist.txt'),
    default_pool_size: String(SERVER_CONNECTIONS),
  };
  const lines = documented.split('\n').map((line) => {
    const [name = ''] = line.split(' =', 1);
    if (name in here) return `${name} = ${here[name]}`;
    return line.replace(/^statewright = .*/, `* = host=${server.hostname} port=${server.port}`);
  });
  return [...lines, 'unix_socket_dir =', 'admin_users = nobody', ''].join('\n');
}

(binary ? describe : describe.skip)('behind PgBouncer in transaction mode', () => {
  let home: string;
  let bouncer: ChildProcess;
  let pooled: string;
  let fleet: Fleet;
  let api: Member;
  let worker: Member;

  beforeAll(async () => {
    fleet = await Fleet.start();
    home = mkdtempSync(join(tmpdir(), 'statewright-bouncer-'));
    chmodSync(home, 0o755);
    const direct = new URL(fleet.database.url);
    const port = await freePort();
    writeFileSync(join(home, 'userlist.txt'), `"${direct.username}" "${decodeURIComponent(direct.password)}"\n`);
    writeFileSync(join(home, 'pgbouncer.ini'), configuration(home, direct, port));
    const { uid, gid } = serverUser();
    bouncer = spawn(binary ?? '', ['-q', join(home, 'pgbouncer.ini')], {
      ...(uid !== undefined && { uid, gid }),
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    pooled = Object.assign(new URL(direct), { port: String(port) }).href;
    await reachable();
    // Polling would take a minute: whatever happens sooner was brought about by news over the direct connection.
    const env = {
      DATABASE_URL: pooled,
      DATABASE_DIRECT_URL: direct.href,
      OUTBOX_POLL_MS: '60000',
      DB_POOL_SIZE: String(3 * SERVER_CONNECTIONS),
    };
    [api, worker] = [await fleet.member('api', env), await fleet.member('worker', env)];
    await Promise.all([api.start(), worker.start()]);
    await fleet.pitches(DEALS + 1);
  });
  afterAll(async () => {
    await fleet.stop();
    bouncer.kill('SIGTERM');
    await once(bouncer, 'exit');
    rmSync(home, { recursive: true, force: true });
  });

  async function reachable(): Promise<void> {
    for (let waited = 0; waited < 10_000; waited += 50) {
      const client = new pg.Client({ connectionString: pooled });
      client.on('error', () => undefined);
      const isThere = await client.connect().then(
        () => true,
        () => false,
      );
      await client.end().catch(() => undefined);
      if (isThere) return;
      await pause(50);
    }
    throw new Error('PgBouncer did not start');
  }

  const create = (pitch: number): Promise<Answer> =>
    ask(api.url, 'POST', '/api/workflows/investment/create', {
      key: fleet.keys['admin'],
      body: offer(pitch),
      idempotencyKey: `offer-${pitch}`,
    });
  const send = (id: string, type: string, payload: object): Promise<Answer> =>
    ask(api.url, 'POST', `/api/instances/${id}/events`, {
      key: fleet.keys['creator'],
      body: { type, payload },
      idempotencyKey: `${type}-${id}`,
    });

  it('deals are made, moved and worked on, many at a time, and news goes past it', async () => {
    const made = await Promise.all(Array.from({ length: DEALS }, (_, index) => create(index + 1)));
    expect(new Set(made.map(({ status }) => status))).toEqual(new Set([200]));
    const ids = made.map(({ body }) => String(body['instanceId']));
    const reached = await Promise.all(
      ids.map((id) =>
        ask(api.url, 'GET', `/api/instances/${id}/wait?for=NEGOTIATION&timeout=30s`, { key: fleet.keys['admin'] }),
      ),
    );
    expect(new Set(reached.map(({ body }) => body['reached']))).toEqual(new Set([true]));
    const sent = await Promise.all(ids.map((id) => send(id, 'creator-decision', { decision: 'reject' })));
    expect(new Set(sent.map(({ status }) => status))).toEqual(new Set([200]));
    const again = await Promise.all(ids.map((id) => send(id, 'creator-decision', { decision: 'reject' })));
    expect(again.map(({ body }) => body)).toEqual(sent.map(({ body }) => body));
    const rows = await fleet.rows<{ n: number }>(
      `select count(*)::int as n from engine.history where idempotency_key like 'creator-decision-%'`,
    );
    expect(rows).toEqual([{ n: DEALS }]);
    const { status, body } = await ask(api.url, 'GET', `/admin/audit/replay/${ids[0]}`, { key: fleet.keys['admin'] });
    expect([status, body['ok']]).toEqual([200, true]);
  });

  it('cannot be migrated through, and says what to set', async () => {
    await expect(migrate(pooled)).rejects.toThrow(
      /^DATABASE_URL leads to a pooler at 127\.0\.0\.1:\d+, which cannot migrate\. Set DATABASE_DIRECT_URL /,
    );
  });

  it('is ready, and uses no more connections to the server than it is given', async () => {
    expect(await api.isReady()).toBe(true);
    const [row] = await fleet.rows<{ n: number }>(
      `select count(*)::int as n from pg_stat_activity where datname = current_database() and application_name in ('statewright', 'statewright health')`,
    );
    expect(row?.n).toBeLessThanOrEqual(SERVER_CONNECTIONS);
  });

  it('leaves nothing of a tenant or a role behind on a connection that others use next', async () => {
    for (let i = 0; i < 4 * SERVER_CONNECTIONS; i++) {
      const client = new pg.Client({ connectionString: pooled });
      await client.connect();
      const { rows } = await client.query<{ me: boolean; tenant: string; locks: number; prepared: number }>(
        `select current_user = session_user as me, coalesce(current_setting('engine.tenant', true), '') as tenant,
                (select count(*)::int from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()) as locks,
                (select count(*)::int from pg_prepared_statements) as prepared`,
      );
      await client.end();
      expect(rows).toEqual([{ me: true, tenant: '', locks: 0, prepared: 0 }]);
    }
  });
});
