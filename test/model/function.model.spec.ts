import { functionRun } from '../../machines/function.js';
import type { ActionJob, Entry, Outcome, Turn } from '../../machines/function.types.js';
import type { Exploration } from '../../src/engine/core/explore.js';
import { ActionRegistry } from '../../src/functions/actions/action.registry.js';
import { ActionError } from '../../src/functions/failure.js';
import { Library } from '../../src/functions/library.js';
import type { WorkflowContext } from '../../src/functions/workflow.js';
import type { LiveService } from '../support/live.js';
import { coverEveryTransition, refuseEverythingElse, type Realisation } from '../support/model.js';

const at = Date.UTC(2026, 0, 5, 12);
const DAY_MS = 86_400_000;
const entry: Entry = { kind: 'alarm', at };

const turn = (waitsFor: Turn['waitsFor'], outcome: Outcome | null = null, actions: ActionJob[] = []) => ({
  facts: {
    turn: {
      entry,
      calls: [],
      actions,
      publications: [],
      label: 'initial',
      data: {},
      waitsFor,
      alarmAt: null,
      outcome,
    } satisfies Turn,
  },
});
const COMPLETED: Outcome = { kind: 'completed' };
const FAILED: Outcome = {
  kind: 'failed',
  error: { name: 'Error', message: 'no', code: 'NO', category: 'permanent', attempts: 1 },
};

/** What the function waits for decides on where a run can go; each of these waits for another kind of thing, and only for that. */
const WALKS: Readonly<Record<Turn['waitsFor'], (context: WorkflowContext) => Promise<void>>> = {
  action: async ({ actions }) => void (await actions['model_action']?.()),
  event: async ({ events }) => {
    while ((await events.waitFor(['noise', 'end'], { timeoutMs: DAY_MS })).name !== 'end');
  },
  timer: async ({ sleep }) => {
    for (;;) await sleep(DAY_MS);
  },
};

const exploration = (waitsFor: Turn['waitsFor']): Exploration => {
  const job = { seq: 0, name: 'model_action', params: {}, userId: null };
  const after = Object.fromEntries(
    ['waitingAction', 'waitingEvent', 'waitingTimer'].map((state) => [
      `xstate.after.NEXT.function.${state}`,
      [turn(waitsFor)],
    ]),
  );
  return {
    input: {
      instanceId: 'wf_model',
      tenant: 'demo',
      at,
      workflow: 'model',
      module: 'model',
      moduleVersion: '1',
      input: {},
      userId: null,
      correlationId: 'c',
      turn: turn(waitsFor, null, waitsFor === 'action' ? [job] : []).facts.turn,
    } as never,
    cases: {
      'function.event': [
        { ...turn(waitsFor), name: 'noise' },
        ...(waitsFor === 'event' ? [{ ...turn(waitsFor, COMPLETED), name: 'end' }] : []),
      ],
      'function.terminate': [{ reason: 'stop' }],
      'xstate.done.actor.action:0': [{ ...turn('event', COMPLETED), output: null }],
      'xstate.error.actor.action:0': [{ ...turn('event', FAILED), error: { code: 'NO', message: 'no' } }],
      // Only the engine brings these, by way of the job.
      'action.done': [],
      'action.failed': [],
      ...after,
    },
    facets: () => null,
  };
};

const known = new WeakSet<LiveService>();
let isBroken = false;
function prepare(live: LiveService): void {
  if (known.has(live)) return;
  known.add(live);
  for (const [name, execute] of Object.entries(WALKS))
    live.app.get(Library).registerWorkflow({ metadata: { name: `model-${name}`, version: '1' }, execute });
  live.app.get(ActionRegistry).registerSimpleAction('model_action', 'As the model says', [], async () => {
    if (isBroken) throw new ActionError('NO', 'no');
  });
}

const realisation = (waitsFor: Turn['waitsFor']): Realisation => ({
  async start(live) {
    prepare(live);
    const { body } = await live.call('POST', '/api/workflow-executions', { workflowName: `model-${waitsFor}` });
    return String(body['executionId']);
  },
  sender: () => 'admin',
  outcome: {
    'action:0': async ({ type }) => {
      isBroken = type.startsWith('xstate.error');
    },
  },
});

// R004-6: every way a run can go, through the live service.
coverEveryTransition(
  functionRun,
  (['action', 'event', 'timer'] as const).map((waitsFor) => ({
    exploration: exploration(waitsFor),
    realisation: realisation(waitsFor),
  })),
);
refuseEverythingElse(functionRun, exploration('event'), realisation('event'));
