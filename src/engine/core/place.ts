/** Where an instance is, in the words people use. */
import type { AnyStateMachine } from 'xstate';
import type { Json } from './driver.js';
import { isGroup, type Node } from './machine.js';

/** The top-level state of a state value, or the one inside it where that is a group, and the rest of the path below. */
export const stateOf = ({ root }: AnyStateMachine, value: Json): { state: string; phase: string | null } =>
  wordsFor(root, value);

function wordsFor(node: Node, value: Json): { state: string; phase: string | null } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { state: String(value), phase: null };
  if (node.type === 'parallel') return { state: joined(value), phase: null };
  const [[state, below] = ['', {}]] = Object.entries(value);
  const inside = node.states[state];
  return inside && isGroup(inside) ? wordsFor(inside, below) : { state, phase: joined(below) || null };
}

const joined = (value: Json): string =>
  typeof value === 'object' && value !== null
    ? Object.entries(value)
        .map(([key, below]) => [key, joined(below)].filter(Boolean).join('.'))
        .join(',')
    : String(value);
