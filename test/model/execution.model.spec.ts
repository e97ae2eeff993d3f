import { execution } from '../../machines/execution.js';
import type { CallOutcome, ExecutionContext } from '../../machines/execution.types.js';
import type { MachineEvent } from '../../src/engine/core/driver.js';
import type { Exploration } from '../../src/engine/core/explore.js';
import type { InstanceView } from '../../src/engine/reading.js';
import type { LiveService } from '../support/live.js';
import { coverEveryTransition, refuseEverythingElse, type Realisation } from '../support/model.js';
import { step } from '../support/workflows.js';

const at = Date.UTC(2026, 0, 5, 12);
const base = (id: string, next: string | null) => ({ id, name: id, next });

/** Something is told, then there is a delay, then something is worked out. */
const exploration = (notifyOnError: boolean): Exploration => ({
  input: {
    instanceId: 'wf_model',
    tenant: 'demo',
    at,
    trigger: { type: 'manual' },
    input: {},
    event: null,
    owner: { id: 'usr_1', roles: ['admin'] },
    plan: {
      workflowId: 'model',
      version: 1,
      startStep: 'tell',
      steps: {
        tell: {
          ...base('tell', 'rest'),
          type: 'action',
          action: 'automation.emit_event',
          config: {},
          retry: { limit: 1, delayMs: 5_000, backoff: 'exponential' },
          timeoutMs: 30_000,
        },
        rest: { ...base('rest', 'sum'), type: 'delay', duration: '2h' },
        sum: { ...base('sum', null), type: 'transform', script: { kind: 'literal', value: 1 } },
      },
      maxSteps: 100,
      maxActiveMs: 3_600_000,
      onError: 'stop',
      notifyOnError,
    },
  },
  cases: {
    'execution.cancel': [{ at, facts: {} }],
    'xstate.done.actor.step': [
      { output: { tell: { kind: 'done', output: {} } } },
      { output: { tell: { kind: 'failed', isPassing: true, code: 'TEMPORARY_FAILURE', message: 'not now' } } },
    ],
    'xstate.error.actor.step': [{ error: { code: 'ATTEMPTS_EXHAUSTED', message: 'no' } }],
  },
  facets: (context: unknown) => {
    const { step: under, ask, calls, failure } = context as ExecutionContext;
    return [under, ask.kind, calls[0]?.attempt ?? null, failure !== null];
  },
});

/** A table is out of reach for as long as it has another name. */
async function without(live: LiveService, table: string): Promise<() => Promise<void>> {
  await live.owner.query(`alter table automation.${table} rename to ${table}_away`);
  return async () => {
    await live.owner.query(`alter table automation.${table}_away rename to ${table}`);
  };
}

const realisation = (notifyOnError: boolean): Realisation => ({
  async start(live: LiveService) {
    const call = async (path: string, body: object) => {
      const answer = await live.call('POST', path, body);
      expect({ path, ...answer, ok: answer.status < 300 }).toMatchObject({ ok: true });
      return answer.body['data'] as Record<string, string>;
    };
    const retries = { limit: 1, delay: '5s' };
    const { id } = await call('/api/automation/workflows', {
      name: 'Model',
      steps: [
        step.action('tell', 'automation.emit_event', { event_type: 'model.told' }, { retries }, 'rest'),
        step.delay('rest', '2h', 'sum'),
        step.transform('sum', '1'),
      ],
      startStep: 'tell',
      config: { errorHandling: { notifyOnError } },
    });
    return (await call(`/api/automation/workflows/${id}/execute`, {}))['executionId'] ?? '';
  },
  outcome: {
    // Without events nothing can be told, for now; without the audit no step can be done at all.
    step: async (event: MachineEvent, _: InstanceView, live: LiveService) => {
      if (event.type.startsWith('xstate.error.')) return without(live, 'action_audit');
      const { tell } = event['output'] as { tell: CallOutcome };
      return tell.kind === 'done' ? undefined : without(live, 'events');
    },
  },
  sender: () => 'operator',
});

// R002-41 to R002-59: every way an execution can go, through the live service.
coverEveryTransition(
  execution,
  [true, false].map((notify) => ({ exploration: exploration(notify), realisation: realisation(notify) })),
);
refuseEverythingElse(execution, exploration(true), realisation(true));
