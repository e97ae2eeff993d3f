import { Registry } from '../../src/engine/registry.js';
import { testDatabase } from '../support/database.js';
import { BUYER, testEngine } from '../support/engine.js';
import { order } from '../support/toy.js';

describe('versions', () => {
  it('refuse to start when a definition changed under the same version while instances live on it (R000-12)', async () => {
    const database = await testDatabase();
    const before = await testEngine({ url: database.url });
    const { instanceId } = await before.start();
    const changed = { ...order, fingerprint: 'f'.repeat(64) };
    await expect(testEngine({ url: database.url, lifecycle: changed })).rejects.toThrow(
      /order v1 was changed while 1 instances live on it/,
    );
    await before.engine.send(BUYER, instanceId, { type: 'cancel' });
    // Nobody lives on it any more, so the change is taken.
    const after = await testEngine({ url: database.url, lifecycle: changed });
    expect(await after.rows(`select fingerprint from engine.definitions where lifecycle = 'order'`)).toEqual([
      { fingerprint: 'f'.repeat(64) },
    ]);
    await after.stop();
    await before.stop();
    await database.drop();
  });

  it('keep running instances on the version they started on, while new ones start on the newest (R000-12)', async () => {
    const database = await testDatabase();
    const first = await testEngine({ url: database.url });
    const old = await first.start();
    const second = await testEngine({ url: database.url, lifecycle: { ...order, version: 2, retired: [order] } });
    const young = await second.start();
    const versions = await second.rows<{ version: number }>(
      'select version from engine.instances where id = any($1) order by created_at',
      [[old.instanceId, young.instanceId]],
    );
    expect(versions.map(({ version }) => version)).toEqual([1, 2]);
    expect(await second.engine.send(BUYER, old.instanceId, { type: 'cancel' })).toMatchObject({ state: 'CANCELLED' });
    await second.stop();
    await first.stop();
    await database.drop();
  });

  it('are not hosted when a handler, a fact or a payload is missing', async () => {
    const test = await testEngine();
    const bare = { lifecycle: { ...order, name: 'bare' }, payloads: {} as never, facts: {}, effects: {} };
    expect(() => test.app.get(Registry).host(bare)).toThrow(
      /no handler for effect shop\.charge[\s\S]*no loader for fact stock[\s\S]*no payload class for event pay/,
    );
    await test.stop();
  });
});
