/** What the design promises, as ratios within one run, because absolute figures drift from machine to machine. Pure. */
import { absent, figure } from './table.mjs';

const RATES = {
  naive: ['naive.c16', 'naive.c64'],
  DBOS: ['dbos.message', 'dbos.workflow'],
  Restate: ['restate.c1', 'restate.c16', 'restate.c64'],
};
const QUEUES = ['pgboss.drain.1', 'pgboss.drain.10', 'graphile.drain', 'graphile.batch'];
const MEGABYTE = 2 ** 20;

const timesBestOf = (peer, least) => ({
  what: `event over HTTP, 64 at once, against ${peer}`,
  least,
  unit: '×',
  needs: [peer === 'naive' ? 'naive' : peer.toLowerCase()],
  measure: (book) => ratioToBest(book, 'http.c64', RATES[peer]),
});

const ratioToBest = (book, name, others) => {
  const best = book.best(others);
  return best === undefined ? undefined : book.ratio(name, best);
};

/** @typedef {{ what: string, least?: number, most?: number, unit: string, needs?: string[], measure: (book: import('./stats.mjs').Book) => number | undefined }} Target */

/** @type {readonly Target[]} */
export const TARGETS = [
  rate('event over HTTP, 64 at once', 'http.c64', 0.5),
  timesBestOf('naive', 8),
  timesBestOf('DBOS', 8),
  timesBestOf('Restate', 5),
  {
    what: 'event over HTTP, one at a time: p50',
    most: 3,
    unit: '× L’s',
    measure: (book) => book.ratio('http.c1', 'limit.c1', 'p50'),
  },
  rate('engine in process, 64 at once', 'engine.c64', 1.2),
  rate('engine in process, 256 at once', 'engine.c256', 1.5),
  absolute('pipeline: 1,000 events stored, counted, delivered, 100 in flight', 'pipeline', 'seconds', 1, 's'),
  absolute('outbox, idle: commit to start of the handler, p50', 'outbox.idle', 'p50', 10, 'ms'),
  absolute('outbox, idle: commit to start of the handler, p99', 'outbox.idle', 'p99', 50, 'ms'),
  {
    what: 'outbox: drain, against the best queue',
    least: 1,
    unit: '×',
    needs: ['pgboss', 'graphile'],
    measure: (book) => ratioToBest(book, 'outbox.drain.100k', QUEUES),
  },
  grown('event over HTTP at 1M instances, p99', 'growth.1m', 'growth.10k', 'p99'),
  absolute('outbox: claim with 1M pending, p99', 'outbox.drain.1m', 'claimP99', 5, 'ms'),
  absolute('timers: claim with 100k due, p99', 'timers.100k', 'claimP99', 5, 'ms'),
  {
    what: 'API process under load, 64 at once: most memory',
    most: 350,
    unit: 'MB',
    measure: (book) => {
      const bytes = book.value('memory.api', 'bytes');
      return bytes === undefined ? undefined : bytes / MEGABYTE;
    },
  },
];

function rate(what, name, least) {
  return { what, least, unit: '× L', measure: (book) => book.ratio(name, 'limit.c8') };
}

function absolute(what, name, field, most, unit) {
  return { what, most, unit, measure: (book) => book.value(name, field) };
}

function grown(what, name, base, field) {
  return { what, most: 1.3, unit: '× of 10k', measure: (book) => book.ratio(name, base, field) };
}

/** Each target with what was measured and whether it holds: `yes`, `no`, or why it was not measured. @param {import('./stats.mjs').Book} book */
export const check = (book, targets = TARGETS) =>
  targets.map((target) => {
    const { what, least, most, unit, needs = [], measure } = target;
    const measured = measure(book);
    const wanted = least === undefined ? `≤ ${most} ${unit}` : `≥ ${least} ${unit}`;
    if (measured === undefined) {
      const reason = needs.map((name) => book.reason(name)).find((found) => found !== undefined);
      return { what, wanted, measured: '–', holds: absent(reason) };
    }
    const holds = least === undefined ? measured <= most : measured >= least;
    return { what, wanted, measured: `${figure(measured)} ${unit}`, holds: holds ? 'yes' : 'no' };
  });
