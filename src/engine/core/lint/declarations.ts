/** Is everything said that a machine cannot say: who sends what, and how money comes back? */
import type { LifecycleSpec } from '../lifecycle.js';
import { allArrows, declarationOf, field, isReserved } from '../machine.js';
import { raisedEvents } from './actions.js';
import { problem, type Problem } from './problem.js';

/** no-senders, unknown-event, reserved-type, money-without-compensation, compensation-without-name, static-context */
export const checkDeclarations = (spec: LifecycleSpec): Problem[] => [
  ...checkSenders(spec),
  ...checkMoney(spec),
  ...checkContext(spec),
];

function checkSenders({ machine, events }: LifecycleSpec): Problem[] {
  const at = machine.root;
  const raised = raisedEvents(machine, 'all');
  const answered = new Set(allArrows(machine).flatMap(({ kind, event }) => (kind === 'event' ? [event] : [])));
  const silent = [...answered].filter(
    (event) => !isReserved(event) && !raised.has(event) && !events[event]?.from.length,
  );
  return [
    ...silent.map((event) => problem('no-senders', at, `nobody may send ${event}`)),
    ...Object.keys(events).flatMap((event) => {
      if (isReserved(event)) return [problem('reserved-type', at, `${event} is sent by the engine only`)];
      return answered.has(event)
        ? []
        : [problem('unknown-event', at, `${event} has senders, but no state answers to it`)];
    }),
  ];
}

function checkMoney({ machine }: LifecycleSpec): Problem[] {
  const { actions, actors } = machine.implementations;
  return [...Object.values(actions), ...Object.values(actors)].flatMap((implementation) => {
    const declaration = declarationOf(implementation);
    if (!declaration) return [];
    const { effect, options } = declaration;
    if (options.compensate?.trim() === '')
      return [problem('compensation-without-name', machine.root, `${effect}: name the effect that undoes it`)];
    if (!options.money || options.compensate || options.irreversible?.trim()) return [];
    return [
      problem(
        'money-without-compensation',
        machine.root,
        `${effect}: say what undoes it (compensate), or why nothing can (irreversible)`,
      ),
    ];
  });
}

function checkContext({ machine }: LifecycleSpec): Problem[] {
  const context = field(machine.config, 'context');
  if (typeof context !== 'object' || context === null || Object.keys(context).length === 0) return [];
  return [
    problem(
      'static-context',
      machine.root,
      'all instances would share one object: make it with a function of the input',
    ),
  ];
}
