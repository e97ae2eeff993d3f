import { firing } from '../../machines/firing.js';
import { followup } from '../../machines/followup.js';
import { schedule } from '../../machines/schedule.js';
import { lint } from '../../src/engine/core/lint.js';
import { given } from '../support/given.js';

const job = (position: number) => ({
  position,
  key: `1:evt_1:${position}`,
  type: 'automation.emit_event',
  params: { event_type: 'a.b' },
  owner: { id: 'usr_1', roles: ['sales'] },
  ruleId: 1,
  depth: 1,
});
const fired = (more: object = {}) =>
  given(firing, 'acting', {
    ruleId: 1,
    eventId: 'evt_1',
    jobs: [job(0), job(1)],
    position: 0,
    results: [],
    ...more,
  });
const due = (more: object = {}) =>
  given(schedule, 'waiting', {
    ruleId: 1,
    dueAt: 1_000,
    startedAt: 0,
    lastDueAt: null,
    firedAt: null,
    ...more,
  });

it.each([firing, followup, schedule])('$name is a sound lifecycle', (lifecycle) => expect(lint(lifecycle)).toEqual([]));

describe('a firing', () => {
  it('goes on with the next action, also when one was not done (R001-78)', async () => {
    await fired()
      .when({ done: 'job', output: {} })
      .then({
        state: 'acting',
        effects: ['automation.perform'],
        context: { position: 1, results: [{ position: 0, error: null }] },
      });
    await fired()
      .when({ failed: 'job', error: { code: 'GATE_BLOCKED', message: 'closed' } })
      .then({
        state: 'acting',
        effects: ['automation.perform'],
        context: { position: 1, results: [{ position: 0, error: { code: 'GATE_BLOCKED', message: 'closed' } }] },
      });
  });

  it('has succeeded when every action has, and failed when some have not', async () => {
    await fired({ position: 1, results: [{ position: 0, error: null }] })
      .when({ done: 'job', output: {} })
      .then({ state: 'succeeded', status: 'done' });
    await fired({ position: 1, results: [{ position: 0, error: { code: 'X', message: 'x' } }] })
      .when({ done: 'job', output: {} })
      .then({ state: 'failed', status: 'done' });
    await fired({ position: 1, results: [{ position: 0, error: null }] })
      .when({ failed: 'job', error: { code: 'X', message: 'x' } })
      .then({ state: 'failed', status: 'done' });
  });
});

describe('a schedule', () => {
  it('says that it is time, and waits for the next', () =>
    due()
      .when({ timer: 'DUE', facts: { next: 5_000 } })
      .then({ state: 'waiting', timers: ['DUE'], context: { lastDueAt: 1_000, dueAt: 5_000 } }));

  it('ends when it does not come again', () =>
    due()
      .when({ timer: 'DUE', facts: { next: null } })
      .then({ state: 'ended', status: 'done', timers: [], context: { lastDueAt: 1_000 } }));

  it('follows a change of its rule without saying that it is time', () =>
    due()
      .when({ type: 'schedule.changed', facts: { next: 9_000 } })
      .then({ state: 'waiting', timers: ['DUE'], effects: [], context: { dueAt: 9_000, lastDueAt: null } }));
});
