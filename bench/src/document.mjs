/** docs/benchmarks.md, and the same for the terminal. Pure. */
import { absolutes, targets, transitions } from './report.mjs';
import { enqueued, growth, idle, pipelines, queues, timers } from './report.work.mjs';
import { table } from './table.mjs';

/** @param {import('./stats.mjs').Book} book @param {Record<string, string | number>} facts what the figures depend on @param {string} command */
export const document = (book, facts, command) =>
  [
    '# Benchmarks',
    '',
    `Written by \`${command}\`. Ratios hold from machine to machine; absolute figures do not.`,
    '',
    COMMANDS,
    '',
    results(book, facts),
    '',
    HOW_TO_READ,
    '',
  ].join('\n');

/** The tables alone; a part that was not asked for has none. */
export const results = (book, facts) =>
  [
    [
      '## The machine',
      table(
        ['what', 'which'],
        Object.entries(facts).map(([what, which]) => [what, String(which)]),
      ),
    ],
    ['## Targets', targets(book)],
    ['## Transitions', transitions(book)],
    ['## Effects and jobs', queues(book), enqueued(book), idle(book), pipelines(book)],
    ['## Timers', timers(book)],
    ['## Growth', growth(book)],
    ['## Absolute figures, which drift', absolutes(book)],
  ]
    .map((section) => section.filter((text) => text !== ''))
    .filter((section) => section.length > 1)
    .map((section) => section.join('\n\n'))
    .join('\n\n');

const COMMANDS = `\`\`\`sh
npm run bench                              # everything; the machine should do nothing else
npm run bench -- --quick                   # short rounds, to try it out
npm run bench -- --only send,engine        # only some parts; --help names them
BENCH_DATABASE_URL=postgres://… npm run bench   # on another server, as somebody who may create databases
\`\`\``;

const HOW_TO_READ = `## How to read it

- **L** is the physical limit: pgbench calling one SQL function that does the least a durable transition needs (update the snapshot
  where the revision is the expected one, insert a history row, insert an outbox row). Everything runs on the same database server,
  with \`fsync\` and \`synchronous_commit\` on. L does one transaction for each transition; whoever gathers several in one can pass it.
- Everybody has a turn in each round, one after the other, and each ratio is the median of the ratios of the rounds: what drifts on
  the machine drifts for all. Whose process lives through all rounds has four seconds at its busiest before the first, which do not count.
- Ours has everything on: authentication, validation, an Idempotency-Key on each request, row-level security, the hash chain of the
  history, the outbox, the log. Afterwards every acknowledged event is counted in the database; the run fails when one is missing.
- The peers get what is best for them. DBOS is asked from within its process and told there that an event has arrived; Restate leaves the
  effect out; NestJS with TypeORM writes the same three rows and has neither authentication nor idempotency keys; the queues are drained
  with handlers that do nothing and, in the batched lines, by claiming and completing many jobs at once. All are idle while others have
  their turn, which costs the machine some 2 %.
- Our effects leave a receipt for each attempt; the figure is of effects that are done and settled, so that no crash can do them again.
- Claims are timed by the worker that makes them: network, and the time until its own event loop looks, included.
- The database, the server and the load generator share the machine's cores. The load generator is a process of its own and costs some
  25 µs of a core for each request.`;
