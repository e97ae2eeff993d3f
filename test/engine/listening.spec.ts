import { relaying } from '../../src/engine/listening.js';
import { xstateDriver } from '../../src/engine/core/xstate.driver.js';
import { firing } from '../../machines/firing.js';
import { signal } from '../../machines/signal.js';

const listener = { lifecycles: ['signal'], effect: 'other.hear', handler: async () => ({ kind: 'done' as const }) };
const input = { signalId: 7, ownerUserId: null, instanceId: 'wf_1', tenant: 'demo', at: 0 };
const stamp = { at: 1, caller: { id: 'usr_1', roles: ['sales'] }, facts: {} };

describe('who listens to a lifecycle', () => {
  it('is told each of its events by an effect of its own, behind everything that the machine wants', async () => {
    const plain = xstateDriver(signal);
    const heard = relaying(plain, 'signal', [listener]);
    const before = await plain.start(input);
    const step = await heard.start(input);
    expect(step.effects.slice(0, before.effects.length)).toEqual(before.effects);
    expect(step.effects.slice(before.effects.length)).toEqual([
      {
        kind: 'command',
        type: 'other.hear',
        params: { lifecycle: 'signal', event: expect.objectContaining({ type: 'signal.created', item_id: 7 }) },
      },
    ]);
    expect(step.snapshot).toEqual(before.snapshot);
    const archived = await heard.step(step.snapshot, { type: 'archive', reason: 'spam', ...stamp });
    expect(archived.effects.filter(({ kind }) => kind === 'command')).toEqual([
      expect.objectContaining({
        params: { lifecycle: 'signal', event: expect.objectContaining({ type: 'signal.archived' }) },
      }),
    ]);
  });

  it('hears of an administrator’s force too, also when its other effects are left out', async () => {
    const driver = relaying(xstateDriver(signal), 'signal', [listener]);
    const { snapshot } = await driver.start(input);
    const forced = await driver.force(
      snapshot,
      'archived',
      { type: 'admin.force_transition', ...stamp },
      { suppressEffects: true },
    );
    expect(forced.effects.filter(({ kind }) => kind === 'command')).toHaveLength(1);
  });

  it('is not told what other lifecycles do, nor what is no event', async () => {
    const driver = relaying(xstateDriver(firing), 'firing', [listener]);
    const job = { position: 0, key: 'k', type: 't', params: {}, owner: { id: 'u', roles: [] }, ruleId: 1, depth: 1 };
    const { effects } = await driver.start({ ...input, ruleId: 1, eventId: 'e', jobs: [job] });
    expect(effects.map(({ kind }) => kind)).toEqual(['job']);
  });
});
