/**
 * `npm run simulate -- --seeds 100000`: the real engine under a scheduler that one number decides for each run. Exits 1 when a promise was
 * broken, and says how to see it again: `npm run simulate -- --seed 4711` tells every step.
 */
import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import cliProgress from 'cli-progress';
import { Command, InvalidArgumentError } from 'commander';
import pg from 'pg';
import setUp from '../test/support/global-setup.mjs';

const LANE = fileURLToPath(new URL('../test/simulation/lane.main.ts', import.meta.url));
/** Most of what a run makes is thrown away at once: with more room for the young it is collected less often. */
const YOUNG_MB = 32;
const LOADER = new URL('./typescript.mjs', import.meta.url).href;

const number = (text) => {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError('A whole number, please.');
  return value;
};

const options = new Command('simulate')
  .description('Runs the engine under seeded schedules and holds what comes of it against its promises.')
  .option('--seeds <n>', 'how many seeds to run', number, 1_000)
  .option('--from <n>', 'the first of them', number, 1)
  .option('--seed <n>', 'this seed alone; tells every step', number)
  .option('--lanes <n>', 'how many runs at a time, each on a database of its own', number, availableParallelism())
  .option('--failures <n>', 'stop after so many seeds that broke a promise', number, 5)
  .option('--json', 'print one JSON object for each seed and nothing else')
  .parse()
  .opts();

const isTold = options.seed !== undefined;
const seeds = isTold ? [options.seed] : Array.from({ length: options.seeds }, (_, at) => options.from + at);
// A run of tests has a server and a template; on its own the simulation makes them.
const isOwn = process.env.STATEWRIGHT_TEST_TEMPLATE === undefined;
if (isOwn) await setUp();
const server = process.env.STATEWRIGHT_TEST_SERVER;
const template = process.env.STATEWRIGHT_TEST_TEMPLATE;
const bar =
  isTold || options.json || !process.stderr.isTTY
    ? undefined
    : new cliProgress.SingleBar({
        format: '{bar} {value}/{total} seeds | {rate}/s | {eta_formatted} left | {broken} broken',
      });

const broken = [];
let done = 0;
let next = 0;
const began = performance.now();
bar?.start(seeds.length, 0, { rate: 0, broken: 0 });
try {
  await Promise.all(Array.from({ length: Math.max(1, Math.min(options.lanes, seeds.length)) }, lane));
} finally {
  bar?.stop();
  if (isOwn) await globalThis.tearDown();
}
report();

/** Works seeds off until there are none left. */
async function lane() {
  const database = await clone();
  const child = fork(LANE, [database.url], {
    execArgv: [`--max-semi-space-size=${YOUNG_MB}`, '--enable-source-maps', '--no-warnings', '--import', LOADER],
  });
  try {
    await answer(child, 'ready');
    while (next < seeds.length && broken.length < options.failures) {
      child.send({ seed: seeds[next++], isTold });
      take(await answer(child, 'verdict'));
    }
  } finally {
    child.kill();
    await database.drop();
  }
}

/** What the lane has to say next, lines aside. */
function answer(child, what) {
  return new Promise((resolve, reject) => {
    const onExit = (code) => reject(new Error(`a lane ended with ${code}`));
    const onMessage = (message) => {
      if (message.line !== undefined) return console.log(message.line);
      child.off('message', onMessage).off('exit', onExit);
      resolve(message[what]);
    };
    child.on('message', onMessage).on('exit', onExit);
  });
}

function take(verdict) {
  done += 1;
  if (options.json) console.log(JSON.stringify(verdict));
  if (verdict.problems.length > 0) {
    broken.push(verdict);
    if (!options.json) {
      console.log(`\nseed ${verdict.seed} broke a promise:\n  ${verdict.problems.join('\n  ')}`);
      if (!isTold) console.log(`See it again, step by step: npm run simulate -- --seed ${verdict.seed}`);
    }
  }
  bar?.update(done, { rate: (done / ((performance.now() - began) / 1_000)).toFixed(1), broken: broken.length });
  if (isTold && !options.json) console.log(`seed ${verdict.seed}: ${verdict.steps} steps, trace ${verdict.hash}`);
}

function report() {
  const seconds = (performance.now() - began) / 1_000;
  if (!options.json) {
    console.log(
      `${done} seeds in ${seconds.toFixed(0)} s (${(done / seconds).toFixed(1)}/s), ${broken.length} broke a promise.`,
    );
  }
  process.exitCode = broken.length > 0 ? 1 : 0;
}

async function clone() {
  const name = template.replace(/template$/, randomUUID().slice(0, 8));
  const run = async (sql) => {
    const client = new pg.Client({ connectionString: server });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  };
  await run(`create database ${name} template ${template}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const sockets = process.env.STATEWRIGHT_TEST_SOCKETS;
  if (sockets) url.searchParams.set('host', sockets);
  return { url: url.href, drop: () => run(`drop database if exists ${name} with (force)`) };
}
