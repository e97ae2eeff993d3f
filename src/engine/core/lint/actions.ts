/** Is everything a machine does named, declared and the same on every replay? */
import type { AnyStateMachine } from 'xstate';
import { AFTER, actionsOf, field, nodesOf, readAction, type Action, type Node } from '../machine.js';
import { problem, type Problem } from './problem.js';

/** inline-action, missing-action, undeclared-effect, unsupported-action, spawn, impure, missing-delay, numeric-after, delayed-without-id */
export const checkActions = (machine: AnyStateMachine): Problem[] => [
  ...nodesOf(machine).flatMap((node) =>
    actionsOf(node).flatMap((written) => checkAction(node, readAction(machine, written))),
  ),
  ...checkPurity(machine.root, 'context', machine.config.context),
  ...Object.entries(machine.implementations.delays).flatMap(([name, delay]) =>
    checkPurity(machine.root, `delay ${name}`, delay),
  ),
];

/** Types of the events a machine raises for itself; `at once` leaves out those it raises after a delay. */
export const raisedEvents = (machine: AnyStateMachine, which: 'all' | 'at once'): ReadonlySet<string> =>
  new Set(
    nodesOf(machine)
      .flatMap(actionsOf)
      .map((written) => readAction(machine, written))
      .flatMap((action) => (action.kind === 'builtin' && action.type === 'xstate.raise' ? [action.action] : []))
      .filter((raise) => which === 'all' || field(raise, 'delay') === undefined)
      .map(raisedType)
      .filter((type) => !type.startsWith(AFTER)),
  );

/** Reading a clock, drawing lots or making ids gives another answer on replay. */
export function checkPurity(node: Node, what: string, made: unknown): Problem[] {
  if (typeof made === 'object' && made !== null)
    return Object.values(made).flatMap((part) => checkPurity(node, what, part));
  if (typeof made !== 'function' || !IMPURE.test(String(made))) return [];
  return [problem('impure', node, `${what}: take times from event.at and ids from the event or the input`)];
}

const IMPURE = /Date\.now|new Date\(\)|Math\.random|randomUUID|performance\.now/;
const SPAWNING: ReadonlySet<string> = new Set(['xstate.spawnChild', 'xstate.stopChild']);
const SUPPORTED: ReadonlySet<string> = new Set([
  'xstate.assign',
  'xstate.raise',
  'xstate.cancel',
  'xstate.emit',
  'xstate.log',
]);

function checkAction(node: Node, action: Action): Problem[] {
  switch (action.kind) {
    case 'effect':
      return checkPurity(node, action.name, action.params);
    case 'inline':
      return [
        problem(
          'inline-action',
          node,
          `${action.name || 'a function'}: nothing runs it; declare an effect and name it`,
        ),
      ];
    case 'missing':
      return [problem('missing-action', node, `${action.name} is not implemented`)];
    case 'plain':
      return [problem('undeclared-effect', node, `${action.name}: nothing runs it; declare it with effect()`)];
    case 'builtin':
      return checkBuiltin(node, action.type, action.action);
  }
}

function checkBuiltin(node: Node, type: string, action: unknown): Problem[] {
  if (SPAWNING.has(type)) return [problem('spawn', node, 'actors cannot be started by hand: use invoke')];
  if (!SUPPORTED.has(type))
    return [problem('unsupported-action', node, `${type} cannot be stored, explained or drawn`)];
  if (type === 'xstate.raise') return checkRaise(node, action);
  if (type !== 'xstate.assign') return [];
  const assignment = field(action, 'assignment');
  const sources = typeof assignment === 'function' ? [assignment] : Object.values(assignment ?? {});
  return [
    ...(sources.some((source) => /\bspawn\b/.test(String(source)))
      ? [problem('spawn', node, 'assign spawns an actor that nothing would run')]
      : []),
    ...checkPurity(node, 'assign', assignment),
  ];
}

function checkRaise(node: Node, action: unknown): Problem[] {
  const type = raisedType(action);
  const delay = field(action, 'delay');
  if (delay === undefined) return [];
  if (field(action, 'id') === undefined)
    return [problem('delayed-without-id', node, `${type}: a timer needs an id to be stored and cancelled`)];
  if (typeof delay === 'number' && type.startsWith(AFTER))
    return [
      problem(
        'numeric-after',
        node,
        `after ${delay}: name the delay, or stored timers are lost when the number changes`,
      ),
    ];
  if (typeof delay === 'string' && node.machine.implementations.delays[delay] === undefined)
    return [problem('missing-delay', node, `${delay} is not implemented: the deadline would pass at once`)];
  return checkPurity(node, 'delay', delay);
}

function raisedType(action: unknown): string {
  const type = field(field(action, 'event'), 'type');
  return typeof type === 'string' ? type : '';
}
