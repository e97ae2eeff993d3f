import { jest } from '@jest/globals';
import type { Transitioned } from '../../src/engine/host.js';
import { Forcing } from '../../src/engine/forcing.js';
import { GroupCommit } from '../../src/engine/optimistic/group.commit.js';
import { BUYER, OPERATOR, testEngine, type TestEngine } from '../support/engine.js';

describe('a module that follows some states only', () => {
  const told: string[] = [];
  let objection: Error | undefined;
  let shop: TestEngine;
  beforeAll(async () => {
    const onTransition = async (_: unknown, { state }: Transitioned): Promise<void> => {
      told.push(state);
      if (objection) throw objection;
    };
    shop = await testEngine({ host: { onTransition, followed: ['CANCELLED'] } });
  });
  afterAll(() => shop.stop());
  beforeEach(() => void told.splice(0));

  const send = (id: string, type: string, payload = {}) => shop.engine.send(BUYER, id, { type, payload });
  const stateOf = async (id: string) =>
    (await shop.rows<{ state: string }>('select state from engine.instances where id = $1', [id]))[0]?.state;

  it('hears of nothing else, and those steps are committed together with others', async () => {
    const { instanceId } = await shop.start();
    const write = jest.spyOn(shop.app.get(GroupCommit), 'write');
    await send(instanceId, 'note', { text: 'hello' });
    await send(instanceId, 'note', { text: 'again' });
    expect(write).toHaveBeenCalledTimes(2);
    write.mockRestore();
    expect(told).toEqual([]);
  });

  it('hears of them in their transaction: what it refuses has not happened', async () => {
    const { instanceId } = await shop.start();
    objection = new Error('not now');
    await expect(send(instanceId, 'cancel')).rejects.toThrow('not now');
    objection = undefined;
    expect(await stateOf(instanceId)).toBe('PLACED');
    await send(instanceId, 'cancel');
    expect(told).toEqual(['CANCELLED', 'CANCELLED']);
    expect(await stateOf(instanceId)).toBe('CANCELLED');
  });

  it('hears of everything that is forced', async () => {
    const { instanceId } = await shop.start();
    const transition = {
      fromState: 'PLACED',
      toState: 'ON_HOLD',
      reason: 'the shop asked for it by telephone',
      runEntryEffects: false,
    };
    await shop.app.get(Forcing).force(OPERATOR, instanceId, transition, undefined);
    expect(told).toEqual(['ON_HOLD']);
  });
});
