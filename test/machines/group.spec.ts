/** A state that only groups others is a box in a picture, not a place where an instance stands. */
import { setup } from 'xstate';
import { overviewOf } from '../../src/diagrams/overview.js';
import { defineLifecycle } from '../../src/engine/authoring.js';
import { describe as describeLifecycle } from '../../src/engine/core/describe.js';
import { xstateDriver } from '../../src/engine/core/xstate.driver.js';
import { event, fault, stored } from '../support/steps.js';

const review = defineLifecycle({
  name: 'review',
  version: 1,
  title: 'Review',
  machine: setup({
    types: { events: {} as { type: 'read' } | { type: 'judge' }, meta: {} as { group: true } | { noDeadline: string } },
  }).createMachine({
    id: 'review',
    meta: { noDeadline: 'nobody waits' },
    initial: 'WRITTEN',
    states: {
      WRITTEN: { on: { read: 'REVIEW.BY_PEER' } },
      REVIEW: {
        meta: { group: true },
        initial: 'BY_PEER',
        states: {
          BY_PEER: {
            initial: 'reading',
            states: { reading: { on: { read: 'doubting' } }, doubting: { on: { read: '#review.REVIEW.BY_EDITOR' } } },
            on: { judge: '#review.DONE' },
          },
          BY_EDITOR: { on: { judge: '#review.DONE' } },
        },
      },
      DONE: { type: 'final' },
    },
  }),
  events: { read: { from: ['editor'], label: 'Read' }, judge: { from: ['editor'], label: 'Judge' } },
});

describe('a group', () => {
  const driver = xstateDriver(review);
  const force = event('admin.force');

  it('is no state of an instance: what it groups is', async () => {
    const { snapshot } = await driver.start({});
    const step = await driver.step(snapshot, event('read'));
    expect(step).toMatchObject({ state: 'BY_PEER', phase: 'reading' });
    const next = await driver.step(stored(step.snapshot), event('read'));
    expect(next).toMatchObject({ state: 'BY_PEER', phase: 'doubting' });
    expect(driver.explain(next.snapshot, event('judge'))).toMatchObject({ state: 'BY_PEER', allowed: true });
    expect(await driver.step(next.snapshot, event('read'))).toMatchObject({ state: 'BY_EDITOR', phase: null });
  });

  it('is reached by force through the states in it only', async () => {
    const { snapshot } = await driver.start({});
    const options = { suppressEffects: false };
    expect(await driver.force(snapshot, 'BY_PEER.doubting', force, options)).toMatchObject({
      state: 'BY_PEER',
      phase: 'doubting',
    });
    expect(await driver.force(snapshot, 'BY_EDITOR', force, options)).toMatchObject({ state: 'BY_EDITOR' });
    await expect(driver.force(snapshot, 'REVIEW', force, options)).rejects.toEqual(fault('UNKNOWN_STATE'));
  });

  it('is drawn around its states in the full picture, and not at all in the overview', () => {
    const description = describeLifecycle(review);
    expect(description.states.map(({ id, parent }) => [id, parent])).toEqual([
      ['WRITTEN', null],
      ['REVIEW', null],
      ['BY_PEER', 'REVIEW'],
      ['BY_PEER.reading', 'BY_PEER'],
      ['BY_PEER.doubting', 'BY_PEER'],
      ['BY_EDITOR', 'REVIEW'],
      ['DONE', null],
    ]);
    const { states, transitions } = overviewOf(description);
    expect(states.map(({ id }) => id)).toEqual(['WRITTEN', 'BY_PEER', 'BY_EDITOR', 'DONE']);
    expect(transitions.map(({ source, targets }) => `${source}→${targets.join()}`)).toEqual([
      'WRITTEN→BY_PEER',
      'BY_PEER→DONE',
      'BY_PEER→BY_EDITOR',
      'BY_EDITOR→DONE',
    ]);
  });
});
