import { createHash } from 'node:crypto';
import type { AnyStateMachine } from 'xstate';
import { canonicalText } from './json.js';
import { arrowsOf, declarationOf, field, pathOf, type Node } from './machine.js';

/**
 * Hash (64 hex digits) of everything in a machine that decides what happens: states, transitions, guards with their
 * parameters, actions, effects, delays and the source of inline functions. Sources are compared without layout, so that
 * different compilers agree on plain functions; that is best effort, so compare fingerprints made by the same build.
 */
export const fingerprint = (machine: AnyStateMachine): string =>
  createHash('sha256')
    .update(
      canonicalText([shapeOf(machine.config.context), readable(machine.implementations), shapeOfNode(machine.root)]),
    )
    .digest('hex');

/** Hash of anything a machine is made of, by the same rules. */
export const digestOf = (part: unknown): string =>
  createHash('sha256')
    .update(canonicalText(shapeOf(part)))
    .digest('hex');

const shapeOfNode = (node: Node): unknown => ({
  key: node.key,
  type: node.type,
  initial: node.type === 'compound' ? [node.initial.target.map(pathOf), shapeOf(node.initial.actions)] : null,
  history: [node.history, shapeOf(field(node.config, 'target'))],
  entry: shapeOf(node.entry),
  exit: shapeOf(node.exit),
  invoke: node.invoke.map(({ id, src, input }) => [id, src, shapeOf(input)]),
  output: shapeOf(node.output),
  tags: node.tags,
  arrows: arrowsOf(node).map(({ id, transition }) => [
    id,
    transition.target?.map(pathOf) ?? null,
    transition.reenter,
    shapeOf(transition.guard),
    shapeOf(transition.actions),
  ]),
  // A list: the order of regions is part of the meaning.
  states: Object.values(node.states).map(shapeOfNode),
});

// Effects run elsewhere: of them only the declaration counts.
const readable = ({ actions, actors, guards, delays }: AnyStateMachine['implementations']): unknown =>
  [actions, actors, guards, delays].map((table) =>
    Object.entries(table).map(([name, implementation]): unknown => {
      const declaration = declarationOf(implementation);
      return [name, declaration ? [declaration.effect, declaration.options] : shapeOf(implementation)];
    }),
  );

/** Functions by what they were made with (`assign`, `raise`, `and`, `rule` keep it as properties) and by their source. */
function shapeOf(value: unknown): unknown {
  if (typeof value === 'function')
    return [
      'fn',
      ...Object.entries(value).map(([key, made]) => [key, shapeOf(made)]),
      ...(isMade(value) ? [] : [sourceOf(value)]),
    ];
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shapeOf(item)]));
  return value ?? null;
}

// XState's own wrappers differ between its development and production builds; what they wrap does not.
const isMade = (value: object): boolean => 'resolve' in value || 'check' in value;

const sourceOf = (fn: object): string =>
  Function.prototype.toString
    .call(fn)
    .replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
    .replace(/\s+|;/g, '')
    .replace(/,(?=[)\]}])/g, '')
    .replace(/\((\w+)\)=>/g, '$1=>')
    .replace(/["`]/g, "'");
