import { pathOf, type Node } from '../machine.js';

/** Something in a definition that would go wrong in production. */
export interface Problem {
  rule: string;
  /** State path; the machine's id for the machine itself. */
  at: string;
  message: string;
}

/** A problem at a state. */
export const problem = (rule: string, node: Node, message: string): Problem => ({
  rule,
  at: pathOf(node) || node.machine.id,
  message,
});
