/** What was measured, for people: tables of ratios first, absolute figures last. Pure. */
import { figure, measured, table } from './table.mjs';
import { check } from './targets.mjs';

/** Ways to make a transition durable, best known first. */
export const WAYS = [
  ['limit.c8', 'L: the least durable transition, 8 clients'],
  ['limit.c1', 'the same, one client'],
  ['http.c1', '**ours over HTTP**, one at a time'],
  ['http.c16', '**ours over HTTP**, 16 at once'],
  ['http.c64', '**ours over HTTP**, 64 at once'],
  ['engine.c1', '**ours in process**, one at a time'],
  ['engine.c16', '**ours in process**, 16 at once'],
  ['engine.c64', '**ours in process**, 64 at once'],
  ['engine.c256', '**ours in process**, 256 at once'],
  ['naive.c16', 'NestJS + TypeORM, status column, over HTTP, 16 at once'],
  ['naive.c64', 'NestJS + TypeORM, status column, over HTTP, 64 at once'],
  ['dbos.message', 'DBOS, a message to a workflow, 16 at once'],
  ['dbos.workflow', 'DBOS, a workflow for each event, 16 at once'],
  ['restate.c1', 'Restate + XState over HTTP, one at a time'],
  ['restate.c16', 'Restate + XState over HTTP, 16 at once'],
  ['restate.c64', 'Restate + XState over HTTP, 64 at once'],
];

/** @param {import('./stats.mjs').Book} book */
export const transitions = (book) =>
  measured(book, ['way', 'transitions ÷ L', 'ours over HTTP at 64 ÷ this', 'p50 ÷ L’s, one client'], WAYS, (name) => [
    figure(book.ratio(name, 'limit.c8')),
    figure(book.ratio('http.c64', name)),
    name.endsWith('.c1') ? figure(book.ratio(name, 'limit.c1', 'p50')) : '–',
  ]);

/** @param {import('./stats.mjs').Book} book */
export const targets = (book) =>
  table(
    ['target', 'wanted', 'measured', 'holds'],
    check(book).map(({ what, wanted, measured, holds }) => [what, wanted, measured, holds]),
  );

/** @param {import('./stats.mjs').Book} book */
export const absolutes = (book) =>
  measured(book, ['way', 'per second', 'p50 ms', 'p99 ms'], WAYS, (name) =>
    ['perSecond', 'p50', 'p99'].map((field) => figure(book.value(name, field))),
  );
