import { defineLifecycle } from '../../src/engine/authoring.js';
import { EngineService } from '../../src/engine/engine.service.js';
import { Forcing } from '../../src/engine/forcing.js';
import { post } from '../../src/engine/store/letters.js';
import { Database } from '../../src/platform/database.js';
import { BUYER, hostOf, OPERATOR, peaceful, testEngine, type TestEngine } from '../support/engine.js';
import { order, orderMachine } from '../support/toy.js';

const { note, ...others } = order.events;
/** The toy, which takes notes from other orders too. */
const sociable = defineLifecycle({
  ...order,
  machine: orderMachine,
  events: { ...others, note: { from: ['buyer', 'seller', 'worker'], label: note?.label ?? 'Note' } } as never,
});

describe('a letter of one instance to another', () => {
  let shop: TestEngine;
  beforeAll(async () => {
    shop = await testEngine({ lifecycle: sociable });
  });
  afterAll(() => shop.stop());

  const send = (to: string, ...texts: string[]) =>
    shop.app.get(Database).transaction('acme', (tx) =>
      post(
        tx,
        `acme:wf_other:1:${texts.join()}`,
        texts.map((text) => ({ to, event: { type: 'note', payload: { text } } })),
      ),
    );
  const historyOf = (id: string) =>
    shop.rows<{ type: string; actor: string; payload: object }>(
      `select type, actor, payload from engine.history where instance_id = $1 and type <> 'start' order by seq`,
      [id],
    );

  it('moves it once, through the door, and says whose it is', async () => {
    const { instanceId } = await shop.start();
    await send(instanceId, 'hello');
    expect(await historyOf(instanceId)).toEqual([]);
    await shop.work();
    await shop.work();
    expect(await historyOf(instanceId)).toEqual([{ type: 'note', actor: 'system:letter', payload: { text: 'hello' } }]);
    const [row] = await shop.rows(
      `select status, kind, key from engine.outbox where instance_id = $1 and kind = 'letter'`,
      [instanceId],
    );
    expect(row).toEqual({ status: 'done', kind: 'letter', key: 'acme:wf_other:1:hello:1' });
  });

  it('arrives in the order in which it was written', async () => {
    const { instanceId } = await shop.start();
    await send(instanceId, 'one', 'two');
    await shop.work();
    expect((await historyOf(instanceId)).map(({ payload }) => payload)).toEqual([{ text: 'one' }, { text: 'two' }]);
  });

  it('was never written when the transition that sends it does not come about', async () => {
    const { instanceId } = await shop.start();
    const failing = shop.app.get(Database).transaction('acme', async (tx) => {
      await post(tx, 'acme:wf_other:1', [{ to: instanceId, event: { type: 'note', payload: { text: 'no' } } }]);
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    await shop.work();
    expect(await historyOf(instanceId)).toEqual([]);
  });

  it('waits while the instance it is for is paused', async () => {
    const { instanceId } = await shop.start();
    const forcing = shop.app.get(Forcing);
    await forcing.pause(OPERATOR, instanceId, 'to look at it');
    await send(instanceId, 'later');
    await shop.work();
    expect((await historyOf(instanceId)).map(({ type }) => type)).toEqual(['admin.pause']);
    await forcing.resume(OPERATOR, instanceId, 'looked at');
    await shop.work();
    expect((await historyOf(instanceId)).map(({ type }) => type)).toEqual(['admin.pause', 'admin.resume', 'note']);
  });

  it('is done with when the instance has ended, or its guards do not care for it', async () => {
    const [full, ended] = [await shop.start(), await shop.start()];
    await shop.app.get(EngineService).send(BUYER, ended.instanceId, { type: 'cancel' });
    await send(full.instanceId, 'one', 'two', 'one too many');
    await send(ended.instanceId, 'too late');
    await shop.work();
    expect(await historyOf(full.instanceId)).toHaveLength(2);
    expect(
      await shop.rows(`select distinct status from engine.outbox where kind = 'letter' and instance_id = any($1)`, [
        [full.instanceId, ended.instanceId],
      ]),
    ).toEqual([{ status: 'done' }]);
  });
});

describe('hosting', () => {
  it('refuses two handlers for one effect: only one of them would ever run', async () => {
    const shop = await testEngine();
    const second = defineLifecycle({ ...order, name: 'second order', machine: orderMachine, events: order.events });
    expect(() => shop.engine.host(hostOf(second, peaceful()))).toThrow('another handler for effect shop.');
    await shop.stop();
  });
});
