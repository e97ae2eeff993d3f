import type { Description, StateDescription, TransitionDescription } from './driver.js';
import type { Lifecycle } from './lifecycle.js';
import {
  AFTER,
  allArrows,
  declarationOf,
  describeGuard,
  DONE_ACTOR,
  DONE_STATE,
  ERROR_ACTOR,
  isGroup,
  nodesOf,
  pathOf,
  readAction,
  readGuard,
  type Arrow,
  type Node,
} from './machine.js';

/** The lifecycle as data: diagrams, documentation and coverage are made from this. */
export function describe(lifecycle: Lifecycle): Description {
  const { name, version, title, fingerprint, machine, events } = lifecycle;
  return {
    name,
    version,
    title,
    fingerprint,
    initial: machine.root.type === 'compound' ? machine.root.initial.target.map(pathOf).join(',') : '',
    states: nodesOf(machine)
      .filter((node) => node !== machine.root)
      .map(describeState),
    transitions: allArrows(machine).map(describeTransition),
    events: Object.entries(events).map(([type, { from, label, description }]) => ({
      type,
      label,
      from: [...from],
      ...(description === undefined ? {} : { description }),
    })),
  };
}

/** What people call a transition: its own label, or the event, the deadline, the work or the condition that causes it. */
export function labelOf({ event, kind, source, transition }: Arrow): string {
  const label: unknown = transition.meta?.['label'];
  if (typeof label === 'string') return label;
  if (kind === 'timer') return `after ${delayOf(event)}`;
  if (kind === 'error') return `${event.slice(ERROR_ACTOR.length)} failed`;
  if (event.startsWith(DONE_STATE)) return `${source.key} done`;
  if (kind === 'done') return `${event.slice(DONE_ACTOR.length)} done`;
  if (kind === 'event') return event;
  return transition.guard === undefined ? 'always' : nameOf(describeGuard(readGuard(source.machine, transition.guard)));
}

/** The name of the delay in the type of a timer's event: `xstate.after.ANSWER.order.PLACED` is of `ANSWER`. */
export const delayOf = (eventType: string): string => eventType.slice(AFTER.length).split('.')[0] ?? '';

function describeState(node: Node): StateDescription {
  const effects = (actions: readonly unknown[]) => namesOf(node, actions);
  return {
    id: pathOf(node),
    key: node.key,
    parent: node.parent?.parent ? pathOf(node.parent) : null,
    type: node.type,
    // A group is never where anything begins: what leads into it names a state inside.
    initial: node.type === 'compound' && !isGroup(node) ? node.initial.target.map(({ key }) => key).join(',') : null,
    tags: [...node.tags],
    ...(node.description === undefined ? {} : { description: node.description }),
    meta: node.meta ?? {},
    entry: effects(node.entry),
    exit: effects(node.exit),
    invokes: node.invoke.map(({ id, src }) => ({
      id,
      effect: declarationOf(node.machine.implementations.actors[String(src)])?.effect ?? String(src),
    })),
    timers: [...new Set(node.after.map(({ eventType }) => delayOf(eventType)))],
  };
}

function describeTransition(arrow: Arrow): TransitionDescription {
  const { id, source, event, kind, transition } = arrow;
  return {
    id,
    source: pathOf(source),
    targets: (transition.target ?? []).map(pathOf),
    event,
    kind,
    label: labelOf(arrow),
    guard: transition.guard === undefined ? null : describeGuard(readGuard(source.machine, transition.guard)),
    effects: namesOf(source, transition.actions),
    meta: transition.meta ?? {},
    ...(transition.description === undefined ? {} : { description: transition.description }),
  };
}

const namesOf = ({ machine }: Node, actions: readonly unknown[]): string[] =>
  actions.flatMap((written) => {
    const action = readAction(machine, written);
    return action.kind === 'effect' ? [action.name] : [];
  });

const nameOf = (guard: { op: string; name?: string; children?: { op: string; name?: string }[] }): string =>
  guard.name ?? (guard.children ?? []).map(nameOf).join(guard.op === 'not' ? '' : ` ${guard.op} `);
