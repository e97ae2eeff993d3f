import { spotlight } from '../../machines/spotlight.js';
import { lint } from '../../src/engine/core/lint.js';
import { xstateDriver } from '../../src/engine/core/xstate.driver.js';
import { given, NOON } from '../support/given.js';

const input = { spotlightId: 4, name: 'Tech Companies', domain: 'technology', isActive: true };
const start = (more: object = {}) =>
  xstateDriver(spotlight).start({ instanceId: 'wf_1', tenant: 'acme', at: NOON, ...input, ...more });
const scored = {
  type: 'spotlight.scored',
  evaluationId: 9,
  signalId: null,
  matchScore: 0.8,
  recommendation: 'high_match',
};

const said = (type: string, payload: object, by: string | null = 'usr_1') => ({
  type,
  item_type: 'spotlight',
  item_id: 4,
  actor_user_id: by,
  payload,
});

describe('a spotlight (R001-68, R001-74)', () => {
  it('is a sound lifecycle', () => expect(lint(spotlight)).toEqual([]));

  it('begins active or not, and says that it was created', async () => {
    const created = {
      kind: 'emit',
      event: said('spotlight.created', { name: input.name, domain: input.domain }, null),
    };
    expect(await start()).toMatchObject({ state: 'active', effects: [created] });
    expect(await start({ isActive: false })).toMatchObject({ state: 'inactive', effects: [created] });
  });

  it('says what is done to it', async () => {
    const driver = xstateDriver(spotlight);
    const stamp = { at: NOON, caller: { id: 'usr_1', roles: [] }, facts: {} };
    const { snapshot } = await start();
    const emitted = async (event: { type: string }) =>
      (await driver.step(snapshot, { ...stamp, ...event })).effects.map((effect) =>
        effect.kind === 'emit' ? effect.event : effect.kind,
      );
    expect(
      await emitted({ type: 'spotlight.changed', name: 'T', domain: 'd', changed: ['name', 'domain'] } as never),
    ).toEqual([said('spotlight.updated', { changed: 'name, domain' })]);
    expect(await emitted({ type: 'spotlight.deactivated' })).toEqual([
      said('spotlight.updated', { changed: 'is_active' }),
    ]);
    expect(await emitted(scored)).toEqual([
      said('spotlight.evaluated', {
        evaluation_id: 9,
        signal_id: null,
        match_score: 0.8,
        recommendation: 'high_match',
      }),
    ]);
    expect(await emitted({ type: 'spotlight.removed' })).toEqual([said('spotlight.deleted', {})]);
  });

  it('is not asked while it is inactive', () =>
    given(spotlight, 'inactive', input).when(scored).thenRefused({ verdict: 'EVENT_NOT_HANDLED_IN_STATE' }));
});
