/**
 * `npm run failover`: is anything lost that was acknowledged, when the database's machine dies under load? Starts a primary with a standby
 * that confirms every commit, and the service in front of them; drives it, kills the primary, promotes the standby, and holds what clients
 * were told against what is there. Exits 1 when an acknowledged event is missing.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Command } from 'commander';
import pg from 'pg';
import { freePort } from '../dist/src/platform/free.port.js';
import { startProxy } from './failover/proxy.mjs';
import { findPrograms, startPair } from './failover/servers.mjs';

const START_LIMIT_MS = 60_000;

const { seconds, clients } = new Command('failover')
  .option('--seconds <n>', 'load before and after', Number, 8)
  .option('--clients <n>', 'how many clients at a time', Number, 8)
  .parse()
  .opts();

const programs = findPrograms();
if (!programs) {
  console.log(
    'This needs initdb, pg_ctl and pg_basebackup: apt-get install postgresql, or any Postgres from 14 in PATH.',
  );
  process.exit(1);
}

const home = mkdtempSync(join(tmpdir(), 'statewright-failover-'));
const dataDir = mkdtempSync(join(tmpdir(), 'statewright-failover-data-'));
const servers = await startPair(programs, home);
const proxy = await startProxy(servers.primary.port);
const port = await freePort();
const url = `http://127.0.0.1:${port}`;
const service = spawn(process.execPath, ['dist/src/main.js'], {
  env: {
    ...process.env,
    PORT: String(port),
    DATABASE_URL: servers.url(proxy.port),
    STATEWRIGHT_MODE: 'sandbox',
    STATEWRIGHT_DATA_DIR: dataDir,
    LOG_LEVEL: 'silent',
  },
  stdio: ['ignore', 'ignore', 'inherit'],
});
const acked = new Map();
let stopped = false;
let made = 0;
try {
  await until(isReady);
  process.exitCode = (await failover()) ? 0 : 1;
} finally {
  stopped = true;
  service.kill('SIGTERM');
  await once(service, 'exit');
  proxy.stop();
  servers.stop();
  for (const folder of [home, dataDir]) rmSync(folder, { recursive: true, force: true });
}

async function failover() {
  const { apiKeys } = JSON.parse(readFileSync(join(dataDir, 'secrets.json'), 'utf8'));
  const running = Promise.all(Array.from({ length: clients }, () => client(apiKeys)));
  await pause(seconds * 1_000);
  const before = acked.size;
  console.log(`${before} events acknowledged; the primary is killed`);
  const killedAt = performance.now();
  servers.kill();
  servers.promote();
  await releaseStandby();
  proxy.pointAt(servers.standby.port);
  const known = acked.size;
  await until(() => acked.size > known);
  console.log(
    `the standby was promoted; the next event was acknowledged ${((performance.now() - killedAt) / 1_000).toFixed(1)} s after the kill`,
  );
  await pause(seconds * 1_000);
  stopped = true;
  await running;
  return (await judged()) && (await proven());
}

/** The standby has inherited the wish for a standby of its own; until it has one, nobody could commit. */
async function releaseStandby() {
  const client = new pg.Client({ connectionString: servers.url(servers.standby.port) });
  await client.connect();
  await client.query(`alter system set synchronous_standby_names = ''`);
  await client.query('select pg_reload_conf()');
  await client.end();
}

/** Holds what clients were told against what is there. */
async function judged() {
  const client = new pg.Client({ connectionString: servers.url(servers.standby.port) });
  await client.connect();
  const { rows } = await client.query(
    'select idempotency_key as key, instance_id as id, seq from engine.history where idempotency_key is not null',
  );
  await client.end();
  const found = new Map(rows.map(({ key, id, seq }) => [key, `${id}:${seq}`]));
  const lost = [...acked].filter(([key, answer]) => found.get(key) !== answer);
  const twice = rows.length - found.size;
  console.log(`${acked.size} events acknowledged in all, ${lost.length} of them lost, ${twice} done twice`);
  return lost.length === 0 && twice === 0 && acked.size > 0;
}

/** The promoted server's histories are whole, and lead to what it stores. */
async function proven() {
  const env = {
    ...process.env,
    // Not through the proxy, which is part of this process and waits with it.
    DATABASE_URL: servers.url(servers.standby.port),
    STATEWRIGHT_MODE: 'sandbox',
    STATEWRIGHT_DATA_DIR: dataDir,
  };
  const proofs = [['audit', 'verify'], ['replay']].map((command) =>
    spawnSync(process.execPath, ['dist/src/cli.js', ...command], { env, stdio: ['ignore', 'inherit', 'inherit'] }),
  );
  return proofs.every(({ status }) => status === 0);
}

/** Makes offers and has them refused, each request under a key and again until there is an answer that decides. */
async function client(keys) {
  while (!stopped) {
    const pitchId = `pitch_failover_${++made}`;
    await insist('PUT', `/admin/pitches/${pitchId}`, keys.admin, { title: 'Failover', creatorId: 'creator_789' });
    const offer = {
      investorId: 'inv_123',
      pitchId,
      creatorId: 'creator_789',
      proposedAmount: 50_000,
      investmentType: 'equity',
      ndaAccepted: true,
    };
    const { instanceId } = await insist(
      'POST',
      '/api/workflows/investment/create',
      keys.investor,
      offer,
      `offer-${pitchId}`,
      () => 1,
    );
    if (instanceId === undefined) continue;
    const state = await insist('GET', `/api/instances/${instanceId}/wait?for=NEGOTIATION&timeout=5s`, keys.admin);
    if (state.reached !== true) continue;
    const event = { type: 'creator-decision', payload: { decision: 'reject' } };
    await insist('POST', `/api/instances/${instanceId}/events`, keys.creator, event, `no-${pitchId}`, ({ seq }) => seq);
  }
}

/** @param seqOf the seq that the answer acknowledges, when it does */
async function insist(method, path, key, body, idempotencyKey, seqOf) {
  for (;;) {
    const headers = {
      authorization: `Bearer ${key}`,
      ...(body && { 'content-type': 'application/json' }),
      ...(idempotencyKey && { 'idempotency-key': idempotencyKey }),
    };
    const response = await fetch(url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) }).catch(
      () => undefined,
    );
    const answer = await response?.json().catch(() => undefined);
    if (response?.ok && answer) {
      if (seqOf) acked.set(idempotencyKey, `${answer.instanceId}:${seqOf(answer)}`);
      return answer;
    }
    if (stopped || (response && response.status < 500 && response.status !== 429)) return {};
    await pause(50);
  }
}

function isReady() {
  return fetch(`${url}/health/ready`).then(
    ({ ok }) => ok,
    () => false,
  );
}

async function until(isSo) {
  for (let waited = 0; waited < START_LIMIT_MS; waited += 50) {
    if (service.exitCode !== null) throw new Error(`the service ended with ${service.exitCode}`);
    if (await isSo()) return;
    await pause(50);
  }
  throw new Error('nothing happened for a minute');
}
