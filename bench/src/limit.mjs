/**
 * The physical limit: pgbench calling one SQL function that does the least a durable transition needs. Nothing that keeps a snapshot,
 * a history and an outbox can be faster on this machine with one transaction for each transition.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { Helper } from './processes.mjs';
import { query } from './postgres.mjs';
import { NOTE, orderOf } from './product/order.mjs';
import { percentile } from './stats.mjs';

const run = promisify(execFile);
const ROWS = 10_000;
const DEBIAN = '/usr/lib/postgresql';

const SCHEMA = `
  create table instances (
    tenant text not null, id int not null, state text not null, snapshot json not null, revision bigint not null,
    updated_at timestamptz not null, primary key (tenant, id)
  ) with (fillfactor = 80);
  create table history (
    tenant text not null, instance_id int not null, seq bigint not null, type text not null, payload json not null,
    from_state text not null, to_state text not null, at timestamptz not null, hash text not null, primary key (tenant, instance_id, seq)
  );
  create table outbox (
    tenant text not null, id bigint generated always as identity, instance_id int not null, seq bigint not null, type text not null,
    params json not null, created_at timestamptz not null, primary key (tenant, id)
  );
  -- The revision is compared, and is always the right one: who sends an event has read it before.
  create function transition(target int, expected bigint, snapshot_ text, payload text, hash_ text) returns bigint language plpgsql as $$
  declare
    seq_ bigint;
    now_ timestamptz := clock_timestamp();
  begin
    update instances set snapshot = snapshot_::json, state = 'PAID', revision = revision + 1, updated_at = now_
     where tenant = 'demo' and id = target and revision >= expected returning revision into seq_;
    insert into history values ('demo', target, seq_, 'advance', payload::json, 'PLACED', 'PAID', now_, hash_);
    insert into outbox (tenant, instance_id, seq, type, params, created_at)
    values ('demo', target, seq_, 'bench.tell', '{"template":"order.PAID"}', now_);
    return seq_;
  end $$;
`;

const VALUES = {
  snapshot: JSON.stringify({ status: 'active', value: 'PAID', context: orderOf('order_1'), children: {} }),
  payload: JSON.stringify({ note: NOTE }),
  hash: 'a'.repeat(64),
};
const SCRIPT = `\\set id random(1, ${ROWS})\nselect transition(:id, 0, :snapshot, :payload, :hash);\n`;

/** Prepares it. @returns what runs one round, and what it is called in the report */
export async function limit(server, cleanup, folder) {
  const url = await server.database('limit');
  await query(url, SCHEMA);
  await query(
    url,
    `insert into instances select 'demo', n, 'PLACED', $1::json, 1, now() from generate_series(1, ${ROWS}) n`,
    [VALUES.snapshot],
  );
  const program = findPgbench();
  if (program) return { by: 'pgbench', run: (clients, seconds) => pgbench(program, url, folder, clients, seconds) };
  const driver = new Helper('limit.driver.mjs', { LIMIT_URL: url });
  cleanup.add(() => driver.stop());
  return {
    by: 'prepared statements from Node, because pgbench is not installed here',
    run: (concurrency, seconds) => driver.call('run', { concurrency, seconds }, ROWS, VALUES),
  };
}

async function pgbench(program, url, folder, clients, seconds) {
  const logs = join(folder, 'pgbench');
  rmSync(logs, { recursive: true, force: true });
  mkdirSync(logs, { recursive: true });
  writeFileSync(join(logs, 'script.sql'), SCRIPT);
  const { stdout } = await run(
    program,
    [
      ...['--no-vacuum', '--protocol', 'prepared', '--file', join(logs, 'script.sql'), '--client', `${clients}`],
      ...['--jobs', `${Math.min(2, clients)}`, '--time', `${seconds}`, '--log', '--log-prefix', join(logs, 'took')],
      ...Object.entries(VALUES).flatMap(([name, value]) => ['--define', `${name}=${value}`]),
      url,
    ],
    { cwd: logs, maxBuffer: 1 << 24 },
  );
  const perSecond = Number(/^tps = ([\d.]+)/m.exec(stdout)?.[1]);
  // Each line: client, number, microseconds, …
  const took = readdirSync(logs)
    .filter((name) => name.startsWith('took'))
    .flatMap((name) => readFileSync(join(logs, name), 'utf8').trim().split('\n'))
    .map((line) => Number(line.split(' ')[2]) / 1000);
  return { perSecond, p50: percentile(took, 0.5), p99: percentile(took, 0.99) };
}

/** Debian keeps it beside the server, everybody else on the path. */
function findPgbench() {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...versions.map((version) => join(DEBIAN, version, 'bin')),
    ...(process.env.PATH ?? '').split(delimiter),
  ];
  return folders.map((folder) => join(folder, 'pgbench')).find((file) => existsSync(file));
}
