/** Can every invoke be written down as work, survive a restart and be answered either way? */
import type { AnyStateMachine } from 'xstate';
import { declarationOf, ERROR_ACTOR, lineage, nodesOf, type Node } from '../machine.js';
import { checkPurity } from './actions.js';
import { problem, type Problem } from './problem.js';

/** inline-invoke, missing-actor, non-durable-invoke, invoke-without-id, invoke-without-onError, on-snapshot */
export const checkInvokes = (machine: AnyStateMachine): Problem[] =>
  nodesOf(machine).flatMap((node) => node.invoke.flatMap((invoke) => checkInvoke(node, invoke)));

function checkInvoke(node: Node, { id, src, input, onSnapshot }: Node['invoke'][number]): Problem[] {
  const problems = [...checkSource(node, String(src)), ...checkPurity(node, `input of ${id}`, input)];
  // XState makes up an id from the position in the file, which changes with the file.
  if (/^\d+\./.test(id))
    problems.push(problem('invoke-without-id', node, `${String(src)}: the answer needs a stable id to come back to`));
  if (!lineage(node).some(({ transitions }) => transitions.has(`${ERROR_ACTOR}${id}`)))
    problems.push(problem('invoke-without-onError', node, `${id}: when it fails, the instance could not go on`));
  if (onSnapshot !== undefined)
    problems.push(problem('on-snapshot', node, `${id}: work in the outbox has no snapshots`));
  return problems;
}

function checkSource(node: Node, src: string): Problem[] {
  if (src.startsWith('xstate.invoke.')) return [problem('inline-invoke', node, 'name the actor in setup')];
  const logic: unknown = node.machine.implementations.actors[src];
  if (logic === undefined) return [problem('missing-actor', node, `${src} is not implemented`)];
  return declarationOf(logic) ? [] : [problem('non-durable-invoke', node, `${src}: declare it with durable()`)];
}
