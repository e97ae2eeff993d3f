import { functionRun } from '../../machines/function.js';
import { factsNeeded } from '../../src/engine/core/facts.js';
import { namedType, named } from '../../src/engine/core/event.js';
import { advance, begin, restore } from '../../src/engine/core/interpret.js';
import { xstateDriver } from '../../src/engine/core/xstate.driver.js';

const at = Date.UTC(2026, 0, 5, 12);
const turn = (more: object) => ({
  entry: { kind: 'alarm', at },
  calls: [],
  actions: [],
  publications: [],
  label: 'initial',
  data: {},
  waitsFor: 'action',
  alarmAt: null,
  outcome: null,
  ...more,
});
const jobs = [0, 1].map((seq) => ({ seq, name: 'load', params: { seq }, userId: null }));
const input = {
  instanceId: 'wf_1',
  tenant: 'demo',
  at,
  workflow: 'w',
  module: 'w',
  moduleVersion: '1',
  input: {},
  userId: null,
  correlationId: 'c',
} as const;
const stamp = { at, caller: { id: 'system:outbox', roles: [] } };

describe('the lifecycle of a function', () => {
  it('asks for as many actions as the function does, each under its number (R004-37)', () => {
    const { effects, state } = begin(functionRun.machine, {
      ...input,
      turn: turn({ actions: jobs }),
    });
    expect(state).toBe('waitingAction');
    expect(effects.filter(({ kind }) => kind === 'job')).toEqual(
      jobs.map((job) => ({ kind: 'job', id: `action:${job.seq}`, type: 'functions.perform', input: job })),
    );
  });

  it('tells everybody what the function tells, and waits for nobody (R004-35)', () => {
    const publications = [{ seq: 3, name: 'paid', payload: null, userId: null }];
    const { effects } = begin(functionRun.machine, {
      ...input,
      turn: turn({ publications, outcome: { kind: 'completed' } }),
    });
    expect(effects).toEqual([{ kind: 'command', type: 'functions.publish', params: publications[0] }]);
  });

  it('knows an answer by its number, whichever of them it is', () => {
    const { snapshot } = begin(functionRun.machine, { ...input, turn: turn({ actions: jobs }) });
    const answer = {
      type: 'xstate.done.actor.action:1',
      output: 5,
      facts: { turn: turn({ waitsFor: 'event' }) },
      ...stamp,
    };
    expect(advance(functionRun.machine, restore(functionRun.machine, snapshot), answer)).toMatchObject({
      handled: true,
      state: 'waitingEvent',
    });
    expect(named(answer)).toMatchObject({ type: 'action.done', id: 1, output: 5 });
    expect(['xstate.error.actor.action:12', 'xstate.done.actor.charge', 'note'].map(namedType)).toEqual([
      'action.failed',
      'xstate.done.actor.charge',
      'note',
    ]);
    expect(xstateDriver(functionRun).factsNeeded(snapshot, 'xstate.done.actor.action:1')).toEqual(['turn']);
    expect(factsNeeded(functionRun.machine, restore(functionRun.machine, snapshot), 'action.done')).toEqual(['turn']);
  });

  it('leaves an answer alone that nobody waits for', () => {
    const { snapshot } = begin(functionRun.machine, { ...input, turn: turn({ actions: jobs }) });
    const answer = { type: 'xstate.done.actor.action:9', output: 5, facts: { turn: turn({ entry: null }) }, ...stamp };
    expect(advance(functionRun.machine, restore(functionRun.machine, snapshot), answer).handled).toBe(false);
  });
});
