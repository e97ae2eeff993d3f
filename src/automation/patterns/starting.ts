/** What a match sets off, as patterns know it. */
import type { Json } from '../../engine/core/driver.js';
import type { Tx } from '../../platform/database.js';

/** Everything an execution begins with (R002-37). */
export interface Beginning {
  workflowId: string;
  trigger: { type: 'pattern'; id: string; event: Json };
  input: Json;
  context: { [name: string]: Json };
  /** The same key starts one execution (R002-25). */
  key: string;
  /** With whose rights it is done: whoever wrote the pattern. */
  owner: { id: string; roles: readonly string[] };
  correlationId: string;
}

/** Starts an execution in the transaction of its match. @returns its id; undefined when the workflow is not there or switched off */
export type Start = (tx: Tx, beginning: Beginning) => Promise<string | undefined>;

/** The name under which Nest hands it over. */
export const START = Symbol('start of executions');
