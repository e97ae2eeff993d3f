import { Database } from '../../src/platform/database.js';
import { Refused } from '../../src/platform/errors.js';
import { BUYER, SELLER, testEngine, type TestEngine } from '../support/engine.js';

let test: TestEngine;
beforeAll(async () => {
  test = await testEngine();
});
afterAll(() => test.stop());

const code = (work: Promise<unknown>) =>
  work.then(
    () => 'accepted',
    (error: unknown) => (error instanceof Refused ? error.code : String(error)),
  );

const everything = (id: string) =>
  test.rows(
    `select (select to_json(i) from engine.instances i where i.id = $1) as instance, (select count(*) from engine.history where instance_id = $1) as history,
            (select count(*) from engine.outbox where instance_id = $1) as outbox, (select json_agg(t) from engine.timers t where instance_id = $1) as timers`,
    [id],
  );

describe('the one door', () => {
  it('starts an instance with its first history row, timers and answer in one transaction (R000-1, R000-4)', async () => {
    const ack = await test.start();
    expect(ack).toMatchObject({
      success: true,
      seq: 1,
      revision: 1,
      state: 'PLACED',
      phase: 'waiting',
      status: 'active',
    });
    expect(ack.instanceId).toMatch(/^wf_/);
    expect(ack.allowedEvents.sort()).toEqual(['cancel', 'note', 'pay']);
    const [row] = await test.rows(
      `select kind, type, from_state, to_state, actor, cause from engine.history where instance_id = $1`,
      [ack.instanceId],
    );
    expect(row).toEqual({
      kind: 'start',
      type: 'start',
      from_state: null,
      to_state: 'PLACED',
      actor: 'buyer_1',
      cause: 'request',
    });
    expect(await test.rows(`select 1 from engine.timers where instance_id = $1`, [ack.instanceId])).toHaveLength(2);
  });

  it('does not let a role in under the name of a user', async () => {
    const start = (parties: Record<string, string>) =>
      code(
        test.engine.start(BUYER, 'order', { request: {} }, async () => ({
          parties,
          input: { amount: 1, dueMs: 1_000 },
        })),
      );
    expect(await start({ buyer: 'buyer_1', seller: 'role:seller' })).toBe('WF006');
    expect(await start({ buyer: 'buyer_1', 'role:1': 'role:seller' })).toBe('accepted');
  });

  it('starts an instance in a transaction that is under way: both come to be, or neither', async () => {
    const database = test.app.get(Database);
    const cause = { kind: 'start' as const, cause: 'test', actor: 'buyer_1', roles: [], correlationId: 'c-9' };
    const opening = { parties: { buyer: 'buyer_1', seller: 'seller_1' }, input: { amount: 1, dueMs: 1_000 } };
    let id = '';
    const inside = (fails: boolean) =>
      database.transaction('acme', async (tx) => {
        const ack = await test.engine.startWithin(tx, 'order', cause, async () => opening);
        id = ack.instanceId;
        if (fails) throw new Refused('WF007');
        return ack;
      });
    expect(await code(inside(true))).toBe('WF007');
    expect(await test.rows('select 1 from engine.history where instance_id = $1', [id])).toEqual([]);
    expect(await inside(false)).toMatchObject({ seq: 1, state: 'PLACED' });
    expect(await test.rows('select cause from engine.history where instance_id = $1', [id])).toEqual([
      { cause: 'test' },
    ]);
  });

  it('answers the same key with the first answer for ever, and does nothing twice (R000-5, X-5)', async () => {
    const first = await test.start({ key: 'create-1' });
    expect(await test.start({ key: 'create-1' })).toEqual(first);
    const sent = await test.engine.send(
      BUYER,
      first.instanceId,
      { type: 'note', payload: { text: 'a' } },
      { idempotencyKey: 'k1' },
    );
    const again = await test.engine.send(
      BUYER,
      first.instanceId,
      { type: 'note', payload: { text: 'a' } },
      { idempotencyKey: 'k1' },
    );
    expect(again).toEqual(sent);
    const [row] = await test.rows<{ revision: number }>('select revision from engine.instances where id = $1', [
      first.instanceId,
    ]);
    expect(row?.revision).toBe(2);
  });

  it('refuses a key that was used for another body', async () => {
    await test.start({ key: 'create-2', amount: 1 });
    expect(await code(test.start({ key: 'create-2', amount: 2 }))).toBe('IDEMPOTENCY_KEY_REUSED');
    const { instanceId } = await test.start();
    await test.engine.send(BUYER, instanceId, { type: 'note', payload: { text: 'a' } }, { idempotencyKey: 'k' });
    expect(
      await code(
        test.engine.send(BUYER, instanceId, { type: 'note', payload: { text: 'b' } }, { idempotencyKey: 'k' }),
      ),
    ).toBe('IDEMPOTENCY_KEY_REUSED');
  });

  it('applies twenty simultaneous requests under one key once', async () => {
    const { instanceId } = await test.start();
    const acks = await Promise.all(
      Array.from({ length: 20 }, () =>
        test.engine.send(BUYER, instanceId, { type: 'note', payload: { text: 'x' } }, { idempotencyKey: 'same' }),
      ),
    );
    expect(new Set(acks.map(({ seq }) => seq))).toEqual(new Set([2]));
    const starts = await Promise.all(Array.from({ length: 10 }, () => test.start({ key: 'one-birth' })));
    expect(new Set(starts.map((ack) => ack.instanceId)).size).toBe(1);
  });

  it('gives a twin that lost the race the answer of the one that won, also where the event is no longer possible', async () => {
    const { instanceId } = await test.start();
    const pay = () => test.engine.send(BUYER, instanceId, { type: 'pay' }, { idempotencyKey: 'pay-once' });
    const acks = await Promise.all(Array.from({ length: 10 }, pay));
    expect(new Set(acks.map(({ seq, state }) => `${seq} ${state}`))).toEqual(new Set(['2 PAYING']));
    expect(await code(test.engine.send(BUYER, instanceId, { type: 'pay' }, { idempotencyKey: 'pay-again' }))).toBe(
      'WF002',
    );
  });

  it('decides simultaneous events one after the other, with dense seq and an unbroken chain', async () => {
    const { instanceId } = await test.start();
    const verdicts = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        code(test.engine.send(BUYER, instanceId, { type: 'note', payload: { text: String(i) } })),
      ),
    );
    // The guard leaves room for two notes; the others see the room used up.
    expect(verdicts.filter((verdict) => verdict === 'accepted')).toHaveLength(2);
    expect(verdicts.filter((verdict) => verdict === 'WF002')).toHaveLength(6);
    const rows = await test.rows<{ seq: number; hash: string; prev_hash: string }>(
      'select seq, hash, prev_hash from engine.history where instance_id = $1 order by seq',
      [instanceId],
    );
    expect(rows.map(({ seq }) => Number(seq))).toEqual([1, 2, 3]);
    expect(rows.slice(1).map(({ prev_hash }) => prev_hash)).toEqual(rows.slice(0, -1).map(({ hash }) => hash));
  });

  it.each([
    ['an event the state does not take', 'deliver', SELLER, 'WF005'],
    ['an event from the wrong party', 'pay', SELLER, 'WF005'],
    ['an event nobody knows', 'fly', BUYER, 'WF006'],
    ['a forged answer of an effect', 'xstate.done.actor.charge', BUYER, 'WF006'],
    ['a forged stop', 'xstate.stop', BUYER, 'WF006'],
    ['a forged timer', 'xstate.after.PAYMENT_DUE.order.PLACED', BUYER, 'WF006'],
  ])('refuses %s and changes nothing', async (_, type, caller, expected) => {
    const { instanceId } = await test.start();
    const before = await everything(instanceId);
    expect(await code(test.engine.send(caller, instanceId, { type }))).toBe(expected);
    expect(await everything(instanceId)).toEqual(before);
  });

  it('says with the refusal which guard objects, what is missing, who can clear it and who may send', async () => {
    const { instanceId } = await test.start();
    test.world.facts.open = ['id-card'];
    const refusal = await test.engine.send(BUYER, instanceId, { type: 'pay' }).catch((error: unknown) => error);
    test.world.facts.open = [];
    expect(refusal).toMatchObject({ code: 'WF002' });
    expect((refusal as Refused).data['explanation']).toMatchObject({
      verdict: 'GUARDS_REFUSED',
      allowed: false,
      missing: ['id-card'],
      clearedBy: ['seller'],
      senders: ['buyer'],
      candidates: [{ guard: { op: 'and', ok: false } }],
    });
  });

  it('refuses a payload with unknown, missing or mistyped fields (WF006)', async () => {
    const { instanceId } = await test.start();
    for (const payload of [{}, { text: 5 }, { text: 'a', more: 1 }, [], 'text', { text: 'a', facts: { stock: 9 } }]) {
      expect(await code(test.engine.send(BUYER, instanceId, { type: 'note', payload }))).toBe('WF006');
    }
  });

  it('takes an event only at the revision the sender expects', async () => {
    const { instanceId, revision } = await test.start();
    const note = { type: 'note', payload: { text: 'a' } };
    expect(await code(test.engine.send(BUYER, instanceId, note, { expectedRevision: revision + 1 }))).toBe(
      'REVISION_MISMATCH',
    );
    expect(await code(test.engine.send(BUYER, instanceId, note, { expectedRevision: revision }))).toBe('accepted');
  });

  it('does not exist for strangers and other tenants (WF001)', async () => {
    const { instanceId } = await test.start();
    expect(await code(test.engine.send({ ...BUYER, userId: 'stranger' }, instanceId, { type: 'pay' }))).toBe('WF001');
    expect(await code(test.engine.send({ ...BUYER, tenant: 'other' }, instanceId, { type: 'pay' }))).toBe('WF001');
  });

  it('writes nothing at all when opening an instance fails half-way', async () => {
    const before = await test.rows('select count(*) from engine.instances');
    const broken = test.engine.start(BUYER, 'order', { request: {} }, async (tx) => {
      await tx.run(`insert into engine.settings (tenant, area, value, updated_by) values ('acme', 'half', '{}', 'x')`);
      throw new Error('half-way');
    });
    await expect(broken).rejects.toThrow('half-way');
    expect(await test.rows('select count(*) from engine.instances')).toEqual(before);
    expect(await test.rows(`select 1 from engine.settings where area = 'half'`)).toEqual([]);
  });
});
