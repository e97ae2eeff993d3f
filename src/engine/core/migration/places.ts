/** Where an instance of one version is in another one: the same place, or the one that a migration names. */
import type { AnyStateMachine } from 'xstate';
import type { Json } from '../driver.js';
import { lineage, nodesOf, pathOf, type Node } from '../machine.js';

/** Old place → new place, as paths people use: `PLACED`, `PLACED.waiting`. */
export type Places = Readonly<Record<string, string>>;

/** A state at the end of its line, in both versions. */
export interface Moved {
  from: Node;
  to: Node;
  /** The part of the old path that the migration names, and what it says instead. */
  named?: { from: string; to: string };
}

/** What stands in the way of a move. */
export class Unmovable extends Error {
  constructor(
    /** Whether a migration that says more would help; nothing but waiting helps otherwise. */
    readonly kind: 'needs-mapping' | 'blocked',
    message: string,
  ) {
    super(message);
    this.name = 'Unmovable';
  }
}

/** Every innermost state an instance is in, with its counterpart. @throws Unmovable */
export function movedPlaces(from: AnyStateMachine, to: AnyStateMachine, value: Json, places: Places): Moved[] {
  const there = new Map(nodesOf(to).map((node) => [pathOf(node), node]));
  return innermost(from.root, value).map((node) => {
    const old = pathOf(node);
    const named = Object.keys(places)
      .filter((place) => isWithin(old, place))
      .sort((left, right) => right.length - left.length)[0];
    if (named === undefined) return { from: node, to: sameAs(node, there.get(old)) };
    const target = places[named] ?? '';
    const path = target + old.slice(named.length);
    const found = there.get(path);
    if (!found) throw new Unmovable('needs-mapping', `${target} has no ${path}: say where ${old} leads`);
    return { from: node, to: found, named: { from: named, to: target } };
  });
}

/** The state's counterpart in the old version; undefined when there is none that the instance was in. */
export function counterpart(node: Node, moved: readonly Moved[]): Node | undefined {
  const path = pathOf(node);
  for (const { from, to, named } of moved) {
    if (!lineage(to).includes(node)) continue;
    const old = named && isWithin(path, named.to) ? named.from + path.slice(named.to.length) : path;
    const found = lineage(from).find((candidate) => pathOf(candidate) === old);
    if (found) return found;
  }
  return undefined;
}

/** The state value of being in all of these at once. @throws Unmovable when nobody can be */
export function valueOf(moved: readonly Moved[]): Json {
  const value: { [key: string]: Json } = {};
  for (const { to } of moved) {
    let level = value;
    for (const key of to.path) {
      const below = level[key] ?? {};
      level[key] = below;
      level = below as { [key: string]: Json };
    }
  }
  return trimmed(value);
}

/** A state that nobody has said to be entered: it has come to be beside those that the instance was in. */
export function uninvited(active: readonly Node[], moved: readonly Moved[]): Node | undefined {
  return active.find(
    (node) =>
      !moved.some(
        ({ to, named }) =>
          lineage(to).includes(node) || (named && (lineage(node).includes(to) || isWithin(pathOf(node), named.to))),
      ),
  );
}

const isWithin = (path: string, place: string): boolean => path === place || path.startsWith(`${place}.`);

/** `{ PLACED: { waiting: {} } }` as `{ PLACED: 'waiting' }`. */
function trimmed(value: { [key: string]: Json }): Json {
  const entries = Object.entries(value).map(
    ([key, below]) => [key, trimmed(below as { [key: string]: Json })] as const,
  );
  const [only, ...others] = entries;
  if (only && others.length === 0 && isEmpty(only[1])) return only[0];
  return Object.fromEntries(entries);
}

const isEmpty = (value: Json): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;

/** @throws Unmovable when the state is gone, or another kind of state now */
function sameAs(node: Node, found: Node | undefined): Node {
  const path = pathOf(node);
  if (!found) throw new Unmovable('needs-mapping', `${path} is not there any more: say where it leads`);
  const [before, after] = [lineage(node), lineage(found)].map((line) => line.map(({ type }) => type).join());
  if (before !== after) throw new Unmovable('needs-mapping', `${path} is built otherwise now: say where it leads`);
  return found;
}

function innermost(node: Node, value: Json): Node[] {
  if (typeof value === 'string') return value in node.states ? [childOf(node, value)] : unknown(node, value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return unknown(node, JSON.stringify(value));
  const entries = Object.entries(value);
  if (entries.length === 0) return [node];
  return entries.flatMap(([key, below]) =>
    key in node.states ? innermost(childOf(node, key), below) : unknown(node, key),
  );
}

const childOf = (node: Node, key: string): Node => node.states[key] as Node;

function unknown(node: Node, key: string): never {
  throw new Unmovable(
    'blocked',
    `what is stored names a state ${pathOf(node)}.${key} that its own version does not have`,
  );
}
