import { sla, type Schedule, type SlaInput } from '../../machines/sla.js';
import { lint } from '../../src/engine/core/lint.js';
import { xstateDriver } from '../../src/engine/core/xstate.driver.js';
import { given, NOON } from '../support/given.js';

const HOUR = 3_600_000;
const schedule: Schedule = {
  thresholdMs: 24 * HOUR,
  countedMs: 0,
  since: NOON,
  warnAt: NOON + 19 * HOUR,
  dueAt: NOON + 24 * HOUR,
  ruleRevision: 1,
  calendar: '',
};
const input: SlaInput = {
  ...schedule,
  clockId: 1,
  ruleId: 7,
  metric: 'triage_sla',
  itemType: 'signal',
  itemId: 12,
  reasonCode: 'untouched',
  ownerId: null,
};
const clock = (state?: string, more: object = {}) => given(sla, state, { ...input, ...more });
const words = {
  item_type: 'signal',
  item_id: 12,
  actor_user_id: null,
  payload: { rule_id: 7, metric: 'triage_sla', item: 'signal:12', reason_code: 'untouched' },
};

describe('an SLA clock (R001-54 to R001-59)', () => {
  it('is a sound lifecycle', () => expect(lint(sla)).toEqual([]));

  it('starts with both of its moments ahead', async () => {
    const { effects } = await xstateDriver(sla).start({ instanceId: 'wf_1', tenant: 'acme', at: NOON, ...input });
    expect(effects.map((effect) => (effect.kind === 'timer' ? effect.delayMs : effect))).toEqual([
      24 * HOUR,
      19 * HOUR,
    ]);
  });

  it('that starts late fires at once, never before its time', async () => {
    const late = { instanceId: 'wf_1', tenant: 'acme', at: NOON + 30 * HOUR, ...input };
    const { effects } = await xstateDriver(sla).start(late);
    expect(effects.map((effect) => (effect.kind === 'timer' ? effect.delayMs : effect))).toEqual([0, 0]);
  });

  const told = (more: Partial<Schedule>) => ({ facts: { schedule: { ...schedule, ...more } } });

  it('warns before the breach', () =>
    clock()
      .when({ timer: 'WARNING', ...told({ warnAt: NOON }) })
      .then({
        state: 'running',
        phase: 'warned',
        effects: ['workstream.slaAlert'],
        timers: ['DEADLINE'],
        context: { warnedAt: NOON },
      }));

  it.each([
    ['of what has passed', {}, { warnAt: NOON - HOUR, dueAt: NOON }],
    ['a second time of the same moment', { warnedAt: NOON - 5 }, { warnAt: NOON - 10 }],
    ['when the rule was given more time meanwhile', {}, { warnAt: NOON + HOUR }],
  ])('does not warn %s', (_, context, now) =>
    clock(undefined, context)
      .when({ timer: 'WARNING', ...told(now) })
      .then({ state: 'running', phase: 'warned', effects: [] }),
  );

  it('does not warn when the rule is gone', () =>
    clock()
      .when({ timer: 'WARNING', facts: { schedule: null } })
      .then({ state: 'running', phase: 'warned', effects: [] }));

  it('breaches at the deadline and says so once', async () => {
    await clock()
      .when({ timer: 'DEADLINE', ...told({ dueAt: NOON }) })
      .then({ state: 'breached', effects: ['workstream.slaAlert'], timers: [], context: { breachedAt: NOON } });
    const driver = xstateDriver(sla);
    const started = await driver.start({ instanceId: 'wf_1', tenant: 'acme', at: NOON, ...input });
    const type = started.effects.flatMap((effect) => (effect.kind === 'timer' ? [effect.event.type] : []))[0] ?? '';
    const due = { type, at: input.dueAt, caller: { id: 'system:timer', roles: [] }, facts: { schedule } };
    const breached = await driver.step(started.snapshot, due);
    expect(breached.effects.filter(({ kind }) => kind === 'emit')).toEqual([
      { kind: 'emit', event: { type: 'sla.breached', ...words } },
    ]);
    expect(await driver.step(breached.snapshot, due)).toMatchObject({ handled: false, effects: [] });
  });

  it('goes on when the rule was given more time before the deadline', () =>
    clock()
      .when({ timer: 'DEADLINE', ...told({ dueAt: NOON + HOUR, ruleRevision: 2 }) })
      .then({
        state: 'running',
        phase: 'quiet',
        effects: [],
        timers: ['WARNING', 'DEADLINE'],
        context: { dueAt: NOON + HOUR, ruleRevision: 2 },
      }));

  it('raises nothing when the rule is not active at the deadline (R001-59)', () =>
    clock()
      .when({ timer: 'DEADLINE', facts: { schedule: null } })
      .then({ state: 'withdrawn', status: 'done', effects: [] }));

  it('is met in time', () =>
    clock()
      .when({ type: 'sla.met', reason: 'touched' })
      .then({ state: 'met', status: 'done', effects: [], timers: [], context: { reason: 'touched' } }));

  it('is resolved by what comes too late', () =>
    clock('breached')
      .when({ type: 'sla.met', reason: 'touched' })
      .then({ state: 'resolved', status: 'done', context: { reason: 'touched' } }));

  it('ends with the rule, and an open breach is closed', async () => {
    await clock()
      .when({ type: 'sla.withdrawn', reason: 'rule inactive' })
      .then({ state: 'withdrawn', status: 'done', effects: [] });
    await clock('breached').when({ type: 'sla.withdrawn', reason: 'deleted' }).then({ state: 'resolved' });
  });

  describe('that is paused', () => {
    const later: Schedule = {
      ...schedule,
      countedMs: 3 * HOUR,
      since: NOON,
      warnAt: NOON + HOUR,
      dueAt: NOON + 2 * HOUR,
    };

    it('has no deadline', () =>
      clock()
        .when({ type: 'sla.paused', reason: 'waiting for the customer' })
        .then({ state: 'paused', timers: [], context: { reason: 'waiting for the customer', pausedAt: NOON } }));

    it('goes on with what was left', () =>
      clock('paused')
        .when({ type: 'sla.resumed', facts: { schedule: later } })
        .then({
          state: 'running',
          timers: ['WARNING', 'DEADLINE'],
          context: { ...later, reason: null, pausedAt: null },
        }));

    it('cannot go on when the rule is gone', () =>
      clock('paused')
        .when({ type: 'sla.resumed', facts: { schedule: null } })
        .thenRefused({ guard: 'ruleApplies', code: 'RULE_WITHDRAWN' }));

    it('takes a new rule and stays paused', () =>
      clock('paused')
        .when({ type: 'sla.rescheduled', facts: { schedule: later } })
        .then({ state: 'paused', timers: [], context: later }));

    it('can be met', () => clock('paused').when({ type: 'sla.met', reason: 'won' }).then({ state: 'met' }));
  });

  it('takes a new rule: old moments are forgotten, new ones armed', () =>
    clock()
      .when({ type: 'sla.rescheduled', facts: { schedule: { ...schedule, dueAt: NOON + HOUR, warnAt: NOON } } })
      .then({ state: 'running', phase: 'quiet', timers: ['WARNING', 'DEADLINE'], context: { dueAt: NOON + HOUR } }));

  it('that is breached takes no new rule', () =>
    clock('breached')
      .when({ type: 'sla.rescheduled', facts: { schedule } })
      .thenRefused({ verdict: 'EVENT_NOT_HANDLED_IN_STATE' }));
});
