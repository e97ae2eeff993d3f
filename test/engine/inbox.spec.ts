import type { Json } from '../../src/engine/core/driver.js';
import { Forcing } from '../../src/engine/forcing.js';
import { InboxIntake } from '../../src/engine/inbox.intake.js';
import { InboxWorker } from '../../src/engine/workers/inbox.worker.js';
import { BUYER, OPERATOR, testEngine, type TestEngine } from '../support/engine.js';

let test: TestEngine;
beforeAll(async () => {
  test = await testEngine();
  test.app
    .get(InboxIntake)
    .translate('carrier', (body) => JSON.parse(body) as { instanceId: string; event: { type: string; payload: Json } });
});
afterAll(() => test.stop());

let number = 0;
const tell = (instanceId: string, type = 'deliver', id = `evt_${++number}`) =>
  test.app.get(InboxIntake).accept('carrier', {
    providerEventId: id,
    type,
    body: JSON.stringify({ instanceId, event: { type, payload: {} } }),
    headers: {},
  });
const turn = () => test.app.get(InboxWorker).turn();
const verdicts = async (instanceId: string) =>
  (
    await test.rows<{ status: string }>(
      `select status from engine.inbox where body like '%' || $1 || '%' order by received_at`,
      [instanceId],
    )
  ).map(({ status }) => status);
const stateOf = async (id: string) =>
  (await test.rows<{ state: string }>('select state from engine.instances where id = $1', [id]))[0]?.state;

async function shipped(): Promise<string> {
  const { instanceId } = await test.start();
  await test.app
    .get(Forcing)
    .force(
      OPERATOR,
      instanceId,
      { fromState: 'PLACED', toState: 'SHIPPED', reason: 'so that it can be delivered', runEntryEffects: false },
      undefined,
    );
  return instanceId;
}

describe('messages of providers', () => {
  it('are applied once, however often they come (R000-85)', async () => {
    const id = await shipped();
    expect(await tell(id, 'deliver', 'evt_same')).toBe('new');
    expect(await tell(id, 'deliver', 'evt_same')).toBe('seen');
    await turn();
    await turn();
    expect(await stateOf(id)).toBe('DELIVERED');
    const rows = await test.rows(
      `select kind, cause, actor from engine.history where instance_id = $1 and type = 'deliver'`,
      [id],
    );
    expect(rows).toEqual([{ kind: 'webhook', cause: 'webhook:carrier:evt_same', actor: 'system:carrier' }]);
  });

  it('that come too early wait for the state they speak of', async () => {
    const { instanceId } = await test.start();
    await tell(instanceId);
    await turn();
    expect(await verdicts(instanceId)).toEqual(['received']);
    await test.app
      .get(Forcing)
      .force(
        OPERATOR,
        instanceId,
        { fromState: 'PLACED', toState: 'SHIPPED', reason: 'now the parcel is on its way', runEntryEffects: false },
        undefined,
      );
    await test.owner.query(`update engine.inbox set next_attempt_at = clock_timestamp() where status = 'received'`);
    await turn();
    expect(await verdicts(instanceId)).toEqual(['applied']);
  });

  it('that come after the end are kept and ignored', async () => {
    const { instanceId } = await test.start();
    await test.engine.send(BUYER, instanceId, { type: 'cancel' });
    await tell(instanceId);
    await turn();
    expect(await verdicts(instanceId)).toEqual(['ignored']);
  });

  it('of unknown instances are ignored; events that this provider may not send are quarantined', async () => {
    await tell('wf_nobody');
    const id = await shipped();
    await tell(id, 'cancel');
    await turn();
    expect(await verdicts('wf_nobody')).toEqual(['ignored']);
    expect(await verdicts(id)).toEqual(['quarantined']);
    expect(await stateOf(id)).toBe('SHIPPED');
  });
});
