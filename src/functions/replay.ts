/** Runs a function again over everything that came in, and one entry more (R004-4, R004-5). */
import type { Entry, FunctionContext, Turn } from '../../machines/function.types.js';
import { contextOf, type ActionBook, type Running } from './context.js';
import { failureOf } from './failure.js';
import { Rerun, type Line } from './rerun.js';
import type { WorkflowDefinition } from './workflow.js';

/** Everything a run has been so far. */
export type Past = Running & Pick<FunctionContext, 'log' | 'calls' | 'settled'>;

/** Entries after which a run is too long: each step goes through all of them. */
export const MOST_ENTRIES = 2_000;

/**
 * What the function does about an entry. Nothing is done in the world here, so it may be asked as often as one likes: the answer is the same.
 */
export async function replay(
  definition: WorkflowDefinition,
  past: Past,
  entry: Entry,
  book: ActionBook,
): Promise<{ turn: Turn; lines: readonly Line[] }> {
  const rerun = new Rerun(past.calls, past.userId);
  const context = contextOf(rerun, past, book);
  if (definition.bufferTrigger && context.input.triggerEvent) rerun.deliver(context.input.triggerEvent);
  // An error that is thrown before the first await is an end like every other.
  const call = async () => definition.execute(context);
  for (const [index, next] of [...past.log, entry].entries()) {
    if (index === past.settled) rerun.begin();
    rerun.take(next);
    if (index === 0)
      void call().then(
        () => (rerun.outcome = { kind: 'completed' }),
        (error: unknown) => (rerun.outcome = { kind: 'failed', error: failureOf(error) }),
      );
    await settled();
  }
  const turn = rerun.close(entry);
  return { turn: past.log.length >= MOST_ENTRIES ? tooLong(turn) : turn, lines: rerun.lines };
}

/** Resolves when nothing that was answered is still being worked on: promises go before the next turn of the loop. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const tooLong = (turn: Turn): Turn => ({
  ...turn,
  actions: [],
  outcome: turn.outcome ?? {
    kind: 'failed',
    error: {
      ...failureOf(new Error(`A run ends after ${MOST_ENTRIES} entries; start another one with what is left`)),
      code: 'LOG_FULL',
      category: 'permanent',
    },
  },
});
