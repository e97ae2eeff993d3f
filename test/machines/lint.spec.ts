import {
  and,
  assign,
  createMachine,
  enqueueActions,
  fromPromise,
  raise,
  sendTo,
  spawnChild,
  StateMachine,
  type AnyStateMachine,
} from 'xstate';
import { defineLifecycle, durable, effect, rule } from '../../src/engine/authoring.js';
import { lint } from '../../src/engine/core/lint.js';
import type { EventRule } from '../../src/engine/core/lifecycle.js';
import { order } from '../support/toy.js';

const anyone: EventRule = { from: ['anyone'], label: 'Go' };
const GO = { go: anyone };
const noDeadline = 'this one may wait';
const waits = { meta: { noDeadline } };
const end = { type: 'final' } as const;

const rulesBroken = (machine: AnyStateMachine, events: Record<string, EventRule> = GO) =>
  lint({ name: 'bad', version: 1, title: 'Bad', machine, events }).map(({ rule: name, at }) => `${name} at ${at}`);

/** A machine that is in order but for what the test puts into its first state. */
const machineWith = (state: object, setupOf: object = {}) =>
  machineOf({ A: { ...waits, on: { go: 'B' }, ...state }, B: end }, setupOf);

// What setup().createMachine() does, without its types: they would refuse many of these machines, but not all.
const machineOf = (states: object, setupOf: object = {}): AnyStateMachine =>
  Reflect.construct(StateMachine, [{ id: 'm', initial: 'A', states }, setupOf]);

const broken = (state: object, setupOf: object = {}, events: Record<string, EventRule> = GO) =>
  rulesBroken(machineWith(state, setupOf), events);

describe('the lint', () => {
  it('finds nothing wrong with a lifecycle that is in order', () => {
    expect(lint(order)).toEqual([]);
    expect(broken({})).toEqual([]);
  });

  it('lists every problem at once, with its place', () => {
    const machine = createMachine({
      id: 'bad',
      initial: 'A',
      states: { A: { on: { go: 'B' } }, B: { ...waits }, C: end },
    });
    expect(() => defineLifecycle({ name: 'bad', version: 2, title: 'Bad', machine, events: {} })).toThrow(
      [
        'bad v2: 5 problems',
        '  unreachable-state at C: no transition leads here',
        '  no-path-to-final at A: no final state of bad can follow',
        '  dead-end at B: no way out, and not a final state of the machine',
        '  no-timeout at A: waits without a deadline: add `after`, or say why not in meta.noDeadline',
        '  no-senders at bad: nobody may send go',
      ].join('\n'),
    );
  });

  describe('of states', () => {
    it('finds a final state of a region that nothing follows', () =>
      expect(
        rulesBroken(
          createMachine({
            id: 'm',
            initial: 'A',
            states: { A: { initial: 'a', states: { a: { ...waits, on: { go: 'b' } }, b: end } }, B: end },
          }),
        ),
      ).toEqual(['unreachable-state at B', 'no-path-to-final at A.a', 'dead-end at A.b']));

    it('finds a state that waits without a deadline', () => expect(broken({ meta: {} })).toEqual(['no-timeout at A']));

    it('wants a reason for waiting without a deadline, not a flag', () =>
      expect(broken({ meta: { noDeadline: true } })).toEqual(['no-timeout at A']));

    it('accepts the deadline, or the reason, of an ancestor', () => {
      const nested = { initial: 'a', states: { a: {} } };
      expect(broken(nested)).toEqual([]);
      expect(broken({ ...nested, meta: {}, after: { D: 'B' } }, { delays: { D: 1 } })).toEqual([]);
    });

    it('finds a deadline that fires once and leaves the state waiting for ever', () =>
      expect(
        broken(
          { meta: {}, after: { D: { actions: 'tell' } } },
          { delays: { D: 1 }, actions: { tell: effect('tell') } },
        ),
      ).toEqual(['timeout-stays at A']));

    it('accepts a deadline that comes again', () =>
      expect(
        broken(
          { meta: {}, after: { D: { target: 'A', reenter: true, actions: 'tell' } } },
          { delays: { D: 1 }, actions: { tell: effect('tell') } },
        ),
      ).toEqual([]));
  });

  describe('of transitions', () => {
    const guards = { maybe: () => true, knows: rule(() => true, ['fact']) };

    it('finds a branch that is never tried', () =>
      expect(broken({ on: { go: [{ target: 'B' }, { guard: 'maybe', target: 'B' }] } }, { guards })).toEqual([
        'shadowed-transition at A',
      ]));

    it('finds wildcards, which answer to timers and effects too', () =>
      expect(broken({ on: { go: 'B', '*': 'B' } })).toContain('wildcard at A'));

    it('finds handlers of events that only the engine sends', () =>
      expect(broken({ on: { go: 'B', 'xstate.done.actor.x': 'B' } })).toEqual(['reserved-event at A']));

    it('finds guards that do not exist', () =>
      expect(broken({ on: { go: { guard: 'nowhere', target: 'B' } } })).toEqual(['missing-guard at A']));

    it('finds guards without a name', () =>
      expect(broken({ on: { go: { guard: () => true, target: 'B' } } })).toEqual(['inline-guard at A']));

    it('finds eventless transitions that never come to rest', () =>
      expect(
        rulesBroken(
          createMachine({
            id: 'm',
            initial: 'A',
            states: { A: { always: 'C', on: { go: 'B' } }, B: end, C: { always: 'A' } },
          }),
        ),
      ).toEqual(['infinite-always at A', 'infinite-always at C']));

    it('finds a guard whose facts can never be there', () => {
      expect(broken({ always: { guard: 'knows', target: 'B' } }, { guards })).toEqual([]);
      expect(
        rulesBroken(
          machineOf(
            {
              A: {
                ...waits,
                initial: 'a',
                on: { go: 'B' },
                onDone: { guard: 'knows', target: 'B' },
                states: { a: { on: { go: 'b' } }, b: end },
              },
              B: end,
            },
            { guards },
          ),
        ),
      ).toEqual(['no-facts at A']);
    });

    it('finds a guard that wants facts of an event the machine raises itself', () =>
      expect(
        broken({ entry: raise({ type: 'self' }), on: { go: 'B', self: { guard: 'knows', target: 'B' } } }, { guards }),
      ).toEqual(['no-facts at A']));
  });

  describe('of actions and delays', () => {
    it.each<[string, string, object, object?]>([
      ['code that nothing would run', 'inline-action', { entry: () => undefined }],
      ['actions that do not exist', 'missing-action', { entry: 'nowhere' }],
      [
        'named code that is not declared as an effect',
        'undeclared-effect',
        { entry: 'plain' },
        { actions: { plain: () => undefined } },
      ],
      ['messages to actors', 'unsupported-action', { entry: sendTo('x', { type: 'y' }) }],
      ['action lists that are made up at run time', 'unsupported-action', { entry: enqueueActions(() => undefined) }],
      ['actors started by hand', 'spawn', { entry: spawnChild('x') }],
      ['actors started in an assignment', 'spawn', { entry: assign({ x: ({ spawn }) => spawn('x') }) }],
      ['assignments that read a clock', 'impure', { entry: assign({ at: () => Date.now() }) }],
      ['delays that read a clock', 'impure', { after: { D: 'B' } }, { delays: { D: () => Date.now() } }],
      [
        'parameters that draw lots',
        'impure',
        { entry: { type: 'tell', params: () => Math.random() } },
        { actions: { tell: effect('tell') } },
      ],
      ['deadlines without a value, which would pass at once', 'missing-delay', { after: { TYPO: 'B' } }],
      ['deadlines named by a number', 'numeric-after', { after: { 1000: 'B' } }],
      ['delayed events without an id', 'delayed-without-id', { entry: raise({ type: 'go' }, { delay: 5 }) }],
    ])('finds %s', (_, name, state, setupOf = {}) => {
      const found = broken(state, setupOf);
      expect(found.length).toBeGreaterThan(0);
      expect(new Set(found.map((text) => text.split(' ')[0]))).toEqual(new Set([name]));
    });

    it('accepts an event the machine raises for itself at once', () =>
      expect(broken({ entry: raise({ type: 'self' }), on: { go: 'B', self: 'B' } })).toEqual([]));
  });

  describe('of invokes', () => {
    const actors = { work: durable('work'), promise: fromPromise(() => Promise.resolve(1)) };

    it.each<[string, string, object]>([
      ['without a name', 'inline-invoke', { id: 'x', src: durable('work'), onError: 'B' }],
      ['that does not exist', 'missing-actor', { id: 'x', src: 'nowhere', onError: 'B' }],
      ['that would run inside the transaction', 'non-durable-invoke', { id: 'x', src: 'promise', onError: 'B' }],
      ['whose answer has no stable id to come back to', 'invoke-without-id', { src: 'work', onError: 'B' }],
      ['whose failure nobody handles', 'invoke-without-onError', { id: 'x', src: 'work', onDone: 'B' }],
      ['that waits for snapshots', 'on-snapshot', { id: 'x', src: 'work', onError: 'B', onSnapshot: 'B' }],
    ])('finds work %s', (_, name, invoke) => expect(broken({ invoke }, { actors })).toEqual([`${name} at A`]));
  });

  describe('of declarations', () => {
    it('finds an external event that nobody may send', () => {
      expect(broken({}, {}, {})).toEqual(['no-senders at m']);
      expect(broken({}, {}, { go: { from: [], label: 'Go' } })).toEqual(['no-senders at m']);
    });

    it('finds senders of an event that no state answers to', () =>
      expect(broken({}, {}, { ...GO, gone: anyone })).toEqual(['unknown-event at m']));

    it('finds senders of an event that only the engine sends', () =>
      expect(broken({}, {}, { ...GO, 'xstate.done.actor.x': anyone, 'done.x': anyone, 'error.x': anyone })).toEqual(
        Array(3).fill('reserved-type at m'),
      ));

    it('finds money that moves without a way back', () => {
      const paying = (options: object) =>
        broken({}, { actors: { charge: durable('charge', { money: true, ...options }) } });
      expect(paying({})).toEqual(['money-without-compensation at m']);
      expect(paying({ compensate: '' })).toEqual(['compensation-without-name at m']);
      expect(paying({ compensate: 'refund' })).toEqual([]);
      expect(paying({ irreversible: 'the money is theirs' })).toEqual([]);
    });

    it('finds a context that all instances would share', () =>
      expect(
        rulesBroken(
          createMachine({
            id: 'm',
            context: { list: [] },
            initial: 'A',
            states: { A: { ...waits, on: { go: 'B' } }, B: end },
          }),
        ),
      ).toEqual(['static-context at m']));
  });
});

describe('conditions and invariants', () => {
  const yes = rule(() => true as const);

  it('finds a branch that asks for all that an earlier one asks for', () => {
    const guards = { isPaid: yes, isLate: yes };
    const go = [
      { guard: 'isPaid', target: 'B' },
      { guard: and(['isLate', 'isPaid']), target: 'A' },
    ];
    expect(broken({ on: { go } }, { guards })).toEqual(['never-taken at A']);
    expect(broken({ on: { go: go.toReversed() } }, { guards })).toEqual([]);
  });

  it('tells conditions apart by what they are asked with', () => {
    const guards = { decisionIs: yes };
    const decided = (decision: string) => ({ guard: { type: 'decisionIs', params: { decision } }, target: 'B' });
    expect(broken({ on: { go: [decided('yes'), decided('no')] } }, { guards })).toEqual([]);
    expect(broken({ on: { go: [decided('yes'), decided('yes')] } }, { guards })).toEqual(['never-taken at A']);
  });

  it('finds an invariant that says nothing, and two of one name', () => {
    const holds = () => true as const;
    const invariants = ['a', 'a', 'b'].map((name) => ({ name, says: name === 'b' ? ' ' : 'it is so', holds }));
    expect(lint({ ...order, invariants }).map(({ rule: name }) => name)).toEqual([
      'invariant-twice',
      'invariant-without-words',
    ]);
  });
});
