import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { dbosGroup } from './contestants/dbos.mjs';
import { engineGroup, sendGroup } from './contestants/product.mjs';
import { limitGroup } from './contestants/limit.mjs';
import { naiveGroup } from './contestants/naive.mjs';
import { outboxGroup } from './contestants/outbox.mjs';
import { graphileGroup, pgbossGroup } from './contestants/queues.mjs';
import { restateGroup } from './contestants/restate.mjs';
import { document, results } from './document.mjs';
import { machine, peers } from './machine.mjs';
import { backlogPart } from './parts/backlog.mjs';
import { growthPart } from './parts/growth.mjs';
import { idlePart } from './parts/idle.mjs';
import { pipelinePart } from './parts/pipeline.mjs';
import { timersPart } from './parts/timers.mjs';
import { Server } from './postgres.mjs';
import { Cleanup } from './processes.mjs';
import { Progress } from './progress.mjs';
import { Book } from './stats.mjs';
import { secondsOf, throughput } from './throughput.mjs';

/** Who has a turn in each round. */
const GROUPS = [sendGroup, engineGroup, naiveGroup, dbosGroup, restateGroup, outboxGroup, pgbossGroup, graphileGroup];
/** What is measured once, afterwards. */
const SINGLE = [idlePart, backlogPart, timersPart, pipelinePart, growthPart];
const PARTS = [...new Set([...GROUPS, ...SINGLE].map(({ part }) => part))];
/** Starting the database, the processes and the orders. */
const PREPARATION_SECONDS = 20;
const DOCUMENT = new URL('../../docs/benchmarks.md', import.meta.url);

/** The command. @param {string[]} argv */
export async function main(argv) {
  const options = readOptions(argv);
  const cleanup = new Cleanup();
  let interrupted = false;
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => {
      interrupted = true;
      console.error('\nStopping, and cleaning up …');
      void cleanup.run().then(() => process.exit(130));
    });
  }
  try {
    await run(options, cleanup);
  } catch (error) {
    // What breaks while everything is being stopped breaks because of that.
    if (!interrupted) console.error(error);
    process.exitCode = 1;
  } finally {
    await cleanup.run();
  }
}

function readOptions(argv) {
  return new Command('npm run bench --')
    .description(
      'Measures the engine beside its peers, on this machine; writes docs/benchmarks.md when everything was measured.',
    )
    .option('--quick', 'short rounds, to try it out; the figures say little')
    .option('--only <parts>', `some of: ${PARTS.join(', ')}`, list, PARTS)
    .option('--rounds <number>', 'how often everybody has a turn', positive)
    .parse(argv)
    .opts();
}

function list(text) {
  const parts = text.split(',').map((part) => part.trim());
  const unknown = parts.find((part) => !PARTS.includes(part));
  if (unknown !== undefined)
    throw new InvalidArgumentError(`there is no part ${unknown}; there are ${PARTS.join(', ')}`);
  return parts;
}

function positive(text) {
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new InvalidArgumentError('it must be a number from 1 to 999');
  return Number(text);
}

async function run({ quick = false, only, rounds = quick ? 1 : 4 }, cleanup) {
  const chosen = (parts) => parts.filter(({ part }) => only.includes(part));
  const groups = [limitGroup, ...chosen(GROUPS)];
  const scale = quick ? 0.3 : 1;
  const singles = chosen(SINGLE).reduce((sum, part) => sum + part.seconds({ quick }), 0);
  const seconds = PREPARATION_SECONDS + secondsOf(groups, rounds, scale) + singles;
  console.log(`This takes about ${Math.ceil(seconds / 60)} minutes, in which the machine should do nothing else.`);
  const folder = mkdtempSync(join(tmpdir(), 'statewright-bench-'));
  cleanup.add(() => rmSync(folder, { recursive: true, force: true }));
  const progress = new Progress(seconds, cleanup);
  cleanup.add(() => progress.stop());
  const server = await progress.step('starting the database', 0, () => Server.start(cleanup));
  const bench = { server, cleanup, folder, progress, quick, book: new Book(), notes: {} };
  await throughput(bench, groups, rounds, scale);
  for (const part of chosen(SINGLE)) await part.run(bench);
  progress.stop();
  const facts = { ...machine(), ...(await server.facts()), L: bench.notes.limit, peers: peers(), rounds };
  console.log(`\n${results(bench.book, facts)}\n`);
  if (quick || only.length < PARTS.length) return;
  writeFileSync(DOCUMENT, document(bench.book, facts, 'npm run bench'));
  console.log('docs/benchmarks.md written.');
}
