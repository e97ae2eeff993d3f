import { candidate, CANDIDATE_MOVES, CANDIDATE_STATES } from '../../machines/candidate.js';
import { signal } from '../../machines/signal.js';
import { xstateDriver } from '../../src/engine/core/xstate.driver.js';
import { given as instanceOf } from '../support/given.js';

const given = (state: string, moves: object = CANDIDATE_MOVES) =>
  instanceOf(candidate, state, { candidateId: 17, moves: moves as never });

describe('the table of a candidate', () => {
  const { states, transitions } = xstateDriver(candidate).describe();

  it('has the states of the product, and an end for what is deleted (R001-24)', () =>
    expect(states.map(({ id }) => id)).toEqual([...CANDIDATE_STATES, 'deleted']));

  it('leads where the product says, everything else is an extension of tenants (R001-24, R001-25)', () => {
    const own = transitions.filter(({ source, meta }) => source !== '' && !('extension' in meta));
    expect(own.map(({ source, targets }) => `${source}→${targets.join()}`).sort()).toEqual(
      [
        'new→triaged',
        'triaged→nurture',
        'triaged→on_hold',
        'triaged→promoted',
        'triaged→archived',
        'nurture→triaged',
        'nurture→on_hold',
        'nurture→archived',
        'on_hold→triaged',
        'on_hold→archived',
      ].sort(),
    );
  });

  it('is closed where it stays silent (R001-22)', () =>
    given('new')
      .when({ type: 'archive' })
      .thenRefused({ guard: 'leadsTo', code: 'INVALID_TRANSITION', data: { allowed: ['triaged'] } }));

  it('is the tenant’s own if it has one (R001-25)', () =>
    given('new', { new: ['archived'] })
      .when({ type: 'archive', note: 'spam' })
      .then({ state: 'archived', status: 'done', context: { note: 'spam' } }));

  it('holds nothing for what was promoted, as long as the tenant does not say so', async () => {
    await given('promoted').when({ type: 'archive' }).thenRefused({ guard: 'leadsTo', code: 'INVALID_TRANSITION' });
    await given('promoted', { promoted: ['archived'] })
      .when({ type: 'archive' })
      .then({ state: 'archived' });
  });
});

describe('a signal', () => {
  it('is touched at once when it comes with an owner (R001-56)', async () => {
    const start = (ownerUserId: string | null) =>
      xstateDriver(signal).start({ instanceId: 'wf_1', tenant: 'acme', at: 1_000, signalId: 1, ownerUserId });
    expect(await start('sally')).toMatchObject({ state: 'touched', snapshot: { context: { touchedAt: 1_000 } } });
    expect(await start(null)).toMatchObject({ state: 'new', tags: ['open', 'untouched'] });
  });

  it('keeps the time of its first touch', () =>
    instanceOf(signal, 'touched', { signalId: 1, ownerUserId: 'sally', touchedAt: 5 })
      .when({ type: 'link', candidate_id: 2 })
      .then({ state: 'linked', context: { touchedAt: 5 } }));
});
