/**
 * `npm run soak -- --minutes 10`: does a process keep its memory? Drives one over HTTP with everything clients do, good and bad, measures
 * its memory after garbage collection, and prints how much it rises in an hour. The stand-ins for the providers run beside it, because they
 * remember everything on purpose. Exits 1 when memory grows.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import cliProgress from 'cli-progress';
import { Command } from 'commander';
import { freePort } from '../dist/src/platform/free.port.js';
import { startTraffic } from './soak/traffic.mjs';
import { trendOf, verdictOf } from './soak/trend.mjs';

const MB = 1_048_576;
const SAMPLE_EVERY_MS = 3_000;
/** Caches fill and code is compiled: what is measured meanwhile says nothing about the long run. */
const WARM_UP_SHARE = 0.5;
/** Rise in an hour that is tolerated, in bytes. Resident memory moves in larger steps than what is in use. */
const LIMITS = { heapUsed: 5 * MB, rss: 20 * MB };
const START_LIMIT_MS = 60_000;

const { minutes, clients } = new Command('soak')
  .option('--minutes <n>', 'how long', Number, 10)
  .option('--clients <n>', 'how many clients at a time', Number, 8)
  .parse()
  .opts();

const dataDir = mkdtempSync(join(tmpdir(), 'statewright-soak-'));
const [port, sandboxPort] = [await freePort(), await freePort()];
const env = {
  ...process.env,
  PORT: String(port),
  STATEWRIGHT_MODE: 'sandbox',
  STATEWRIGHT_DATA_DIR: dataDir,
  SANDBOX_URL: `http://127.0.0.1:${sandboxPort}`,
  PUBLIC_URL: `http://127.0.0.1:${port}`,
  LOG_LEVEL: 'error',
  // A cache that fills looks like a leak for hours. One without room is as good as full: what comes in has to go out at once.
  INSTANCE_CACHE_MB: process.env.INSTANCE_CACHE_MB ?? '0',
};
const standIns = spawn(process.execPath, ['dist/src/integrations/sandbox/main.js'], {
  env,
  stdio: ['ignore', 'pipe', 'inherit'],
});
const [said] = await once(standIns.stdout, 'data');
const smtpUrl = /SMTP_URL=(\S+)/.exec(String(said))?.[1];
const service = spawn(process.execPath, ['--expose-gc', '--import', './scripts/soak/probe.mjs', 'dist/src/main.js'], {
  env: { ...env, SMTP_URL: smtpUrl },
  stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
});
let verdicts = [];
try {
  await ready();
  verdicts = await soak();
} finally {
  service.kill('SIGTERM');
  await once(service, 'exit');
  standIns.kill('SIGTERM');
  await once(standIns, 'exit');
  rmSync(dataDir, { recursive: true, force: true });
}
process.exitCode = verdicts.includes('growing') ? 1 : 0;

async function soak() {
  const { apiKeys: keys } = JSON.parse(readFileSync(join(dataDir, 'secrets.json'), 'utf8'));
  const traffic = startTraffic({ url: env.PUBLIC_URL, keys, clients });
  const samples = [];
  const bar = new cliProgress.SingleBar({
    format: '{bar} {percentage}% | {heap} MB heap, {rss} MB resident | {eta_formatted} left',
    noTTYOutput: true,
    notTTYSchedule: 30_000,
  });
  const started = performance.now();
  const length = minutes * 60_000;
  bar.start(Math.round(length), 0, { heap: '-', rss: '-' });
  for (let past = 0; past < length; past = performance.now() - started) {
    await pause(SAMPLE_EVERY_MS);
    const memory = await measured();
    samples.push({ atMs: performance.now() - started, ...memory });
    bar.update(Math.min(Math.round(performance.now() - started), Math.round(length)), {
      heap: inMb(memory.heapUsed),
      rss: inMb(memory.rss),
    });
  }
  bar.stop();
  report(await traffic.stop());
  const settled = samples.filter(({ atMs }) => atMs >= WARM_UP_SHARE * length);
  return Object.entries(LIMITS).map(([what, limit]) => judged(what, limit, settled));
}

function judged(what, limit, samples) {
  const trend = trendOf(samples.map((sample) => ({ atMs: sample.atMs, value: sample[what] })));
  const verdict = verdictOf(trend, limit);
  const [rise, low, high] = [trend.perHour, trend.low, trend.high].map(inMb);
  console.log(
    `${what.padEnd(9)} ${inMb(trend.mean)} MB, rises by ${rise} MB in an hour (95 %: ${low} to ${high}; tolerated: ${inMb(limit)}): ${verdict}`,
  );
  return verdict;
}

function report(counts) {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  console.log(`${total} requests in ${minutes} minutes, by answer:`);
  for (const [what, count] of [...counts].sort()) console.log(`  ${String(count).padStart(8)}  ${what}`);
}

async function measured() {
  const answer = once(service, 'message');
  service.send('measure');
  const [memory] = await answer;
  return memory;
}

async function ready() {
  for (let waited = 0; waited < START_LIMIT_MS; waited += 100) {
    if (service.exitCode !== null) throw new Error(`the service ended with ${service.exitCode}`);
    if (
      await fetch(`${env.PUBLIC_URL}/health/ready`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return;
    await pause(100);
  }
  throw new Error('the service did not get ready');
}

function inMb(bytes) {
  return (bytes / MB).toFixed(1);
}
