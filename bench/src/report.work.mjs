/** What was measured of work that is done afterwards: queues, timers, pipelines, and of what grows. Pure. */
import { figure, measured } from './table.mjs';

const QUEUES = [
  ['outbox.drain.100k', '**our outbox**, 100k pending or more'],
  ['outbox.drain.1m', '**our outbox**, 1M pending'],
  ['pgboss.drain.1', 'pg-boss, one by one'],
  ['pgboss.drain.10', 'pg-boss, ten at a time'],
  ['graphile.drain', 'graphile-worker, 24 at once'],
  ['graphile.batch', 'graphile-worker, 24 at once, local queue and gathered completions'],
];
const ENQUEUED = [
  ['engine.c64', '**ours**, with the transition that wants it, 64 at once'],
  ['pgboss.enqueue.1', 'pg-boss, one by one, 8 at once'],
  ['pgboss.enqueue.100', 'pg-boss, by 100'],
  ['graphile.enqueue.1', 'graphile-worker, one by one, 8 at once'],
  ['graphile.enqueue.100', 'graphile-worker, by 100'],
];
const IDLE = [
  ['outbox.idle', '**our outbox**, in the process that took the event'],
  ['outbox.apart', '**our outbox**, in another process'],
  ['pgboss.idle', 'pg-boss, with NOTIFY'],
  ['graphile.idle', 'graphile-worker'],
];
const PIPELINES = [
  ['pipeline', '**ours**: validated, stored, counted, delivered'],
  ['dbos.pipeline', 'DBOS, three steps that do nothing'],
];
const TIMERS = [['timers.100k', '**ours**']];
const SIZES = [
  ['growth.10k', '10,000'],
  ['growth.100k', '100,000'],
  ['growth.1m', '1,000,000'],
];

/** @param {import('./stats.mjs').Book} book */
export const queues = (book) =>
  measured(
    book,
    ['drained by one worker process', 'effects or jobs ÷ L', 'ours at 100k ÷ this', 'claim p50 ms', 'claim p99 ms'],
    QUEUES,
    (name) => [
      figure(book.ratio(name, 'limit.c8')),
      figure(book.ratio('outbox.drain.100k', name)),
      ...figures(book, name, ['claimP50', 'claimP99']),
    ],
  );

/** @param {import('./stats.mjs').Book} book */
export const enqueued = (book) =>
  measured(book, ['enqueued', 'per second ÷ L'], ENQUEUED, (name) => [figure(book.ratio(name, 'limit.c8'))]);

/** @param {import('./stats.mjs').Book} book */
export const idle = (book) =>
  measured(
    book,
    ['on an idle system, from commit', 'to the start: p50 ms', 'p99 ms', 'to the end: p50 ms', 'p99 ms'],
    IDLE,
    (name) => figures(book, name, ['p50', 'p99', 'doneP50', 'doneP99']),
  );

/** @param {import('./stats.mjs').Book} book */
export const timers = (book) =>
  measured(
    book,
    [
      'timers',
      'due at once',
      'fired',
      'within s',
      'late: p50 ms',
      'p99 ms',
      'claim p50 ms',
      'p99 ms',
      'per second ÷ L',
    ],
    TIMERS,
    (name) => [
      ...figures(book, name, ['count', 'fired', 'seconds', 'lateP50', 'lateP99', 'claimP50', 'claimP99']),
      figure(book.ratio(name, 'limit.c8')),
    ],
  );

/** @param {import('./stats.mjs').Book} book */
export const pipelines = (book) =>
  measured(book, ['1,000 events, 100 in flight', 'seconds', '÷ ours'], PIPELINES, (name) => [
    figure(book.value(name, 'seconds')),
    figure(book.ratio(name, 'pipeline', 'seconds')),
  ]);

/** @param {import('./stats.mjs').Book} book */
export const growth = (book) =>
  measured(
    book,
    ['instances', 'event over HTTP, 16 at once: p50 ÷ that at 10k', 'p99 ÷ that at 10k', 'rate ÷ that at 10k'],
    SIZES,
    (name) => ['p50', 'p99', 'perSecond'].map((field) => figure(book.ratio(name, 'growth.10k', field))),
  );

const figures = (book, name, fields) => fields.map((field) => figure(book.value(name, field)));
