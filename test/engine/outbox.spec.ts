import { OutboxWorker } from '../../src/engine/workers/outbox.worker.js';
import { Forcing } from '../../src/engine/forcing.js';
import { BUYER, OPERATOR, testEngine, type TestEngine } from '../support/engine.js';

let test: TestEngine;
beforeEach(async () => {
  test = await testEngine();
});
afterEach(() => test.stop());

const effects = (id: string) =>
  test.rows<{ type: string; status: string; attempts: number; last_error: { code: string } | null; kind: string }>(
    `select type, kind, status, attempts, last_error from engine.outbox where instance_id = $1 order by id`,
    [id],
  );
const stateOf = async (id: string) =>
  (
    await test.rows<{ state: string; status: string; compensation: string }>(
      'select state, status, compensation from engine.instances where id = $1',
      [id],
    )
  )[0];

/** An order that waits for its charge. */
async function paying(): Promise<string> {
  const { instanceId } = await test.start();
  await test.engine.send(BUYER, instanceId, { type: 'pay' });
  return instanceId;
}

describe('the outbox', () => {
  it('brings the answer of an effect back as the event the machine waits for, once', async () => {
    const id = await paying();
    await test.work();
    expect(await stateOf(id)).toMatchObject({ state: 'PACKING' });
    expect(test.world.calls.filter(({ type }) => type === 'shop.charge')).toHaveLength(1);
    const [row] = await test.rows(
      `select kind, type, cause, actor from engine.history where instance_id = $1 and seq = 3`,
      [id],
    );
    expect(row).toEqual({
      kind: 'effect-result',
      type: 'xstate.done.actor.charge',
      cause: `effect:acme:${id}:2:0`,
      actor: 'system:outbox',
    });
  });

  it('gives every attempt the same key and counts the attempts (R000-9)', async () => {
    let failures = 2;
    test.world.effects['shop.charge'] = async () =>
      failures-- > 0 ? { kind: 'retry', reason: 'busy' } : { kind: 'done', output: { paymentId: 'p' } };
    const id = await paying();
    for (let i = 0; i < 3; i++) {
      await test.advance(1_000);
      await test.work();
    }
    expect(await stateOf(id)).toMatchObject({ state: 'PACKING' });
    const charges = test.world.calls.filter(({ type }) => type === 'shop.charge');
    expect(charges.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(new Set(charges.map(({ key }) => key)).size).toBe(1);
    const receipts = await test.rows(
      'select attempt, outcome from engine.attempts where instance_id = $1 and attempt <= 3 order by outbox_id, attempt',
      [id],
    );
    expect(receipts.slice(0, 3)).toEqual([
      { attempt: 1, outcome: 'retry' },
      { attempt: 2, outcome: 'retry' },
      { attempt: 3, outcome: 'done' },
    ]);
  });

  it('keeps what ran out of attempts in the dead letters and tells the machine that waits', async () => {
    test.world.effects['shop.charge'] = () => Promise.reject(new Error('no network'));
    const id = await paying();
    for (let i = 0; i < 4; i++) {
      await test.advance(1_000);
      await test.work();
    }
    expect(await stateOf(id)).toMatchObject({ state: 'PLACED' });
    expect(await effects(id)).toMatchObject([
      { type: 'shop.charge', status: 'dead', attempts: 3, last_error: { code: 'ATTEMPTS_EXHAUSTED' } },
    ]);
  });

  it('answers a plain no at once and leaves nothing in the dead letters', async () => {
    test.world.effects['shop.charge'] = async () => ({ kind: 'failed', code: 'card_declined', reason: 'declined' });
    const id = await paying();
    await test.work();
    expect(await stateOf(id)).toMatchObject({ state: 'PLACED' });
    expect(await effects(id)).toMatchObject([{ status: 'done', attempts: 1, last_error: { code: 'card_declined' } }]);
  });

  it('gives the claims of a crashed worker back when the lease ends, and ignores what the dead worker still says', async () => {
    let release: () => void = () => undefined;
    const stuck = new Promise<void>((resolve) => (release = resolve));
    let first = true;
    test.world.effects['shop.charge'] = async () => {
      if (first) {
        first = false;
        await stuck;
        return { kind: 'done', output: { paymentId: 'from-the-dead' } };
      }
      return { kind: 'done', output: { paymentId: 'alive' } };
    };
    const id = await paying();
    const worker = test.app.get(OutboxWorker);
    const dying = worker.turn();
    // No heartbeat: the lease of 300 ms runs out.
    await untilLeaseEnds(id);
    await worker.turn();
    release();
    await dying;
    const [row] = await test.rows<{ paymentId: string }>(
      `select snapshot -> 'context' ->> 'paymentId' as "paymentId" from engine.instances where id = $1`,
      [id],
    );
    expect(row?.paymentId).toBe('alive');
    expect(
      await test.rows(`select 1 from engine.history where instance_id = $1 and type = 'xstate.done.actor.charge'`, [
        id,
      ]),
    ).toHaveLength(1);
  });

  it('keeps a lease alive by its heartbeat for as long as the effect runs (R004-54)', async () => {
    let release: () => void = () => undefined;
    const running = new Promise<void>((resolve) => (release = resolve));
    test.world.effects['shop.charge'] = async () => {
      await running;
      return { kind: 'done', output: { paymentId: 'p' } };
    };
    const id = await paying();
    const worker = test.app.get(OutboxWorker);
    const turn = worker.turn();
    await untilClaimed(id);
    const lease = async () =>
      (
        await test.rows<{ until: number }>(
          `select extract(epoch from claimed_until)::float8 as until from engine.outbox where instance_id = $1`,
          [id],
        )
      )[0]?.until ?? 0;
    for (let beat = 0; beat < 3; beat++) {
      const before = await lease();
      await worker.heartbeat();
      expect(await lease()).toBeGreaterThan(before);
    }
    release();
    await turn;
  });

  it('sees an effect through that a stopping process had begun, though it was called off meanwhile, and undoes it', async () => {
    const worker = test.app.get(OutboxWorker);
    let isFirst = true;
    test.world.effects['shop.charge'] = async () => {
      if (isFirst) await worker.release();
      isFirst = false;
      return { kind: 'done', output: { paymentId: 'p' } };
    };
    const id = await paying();
    await worker.turn();
    const end = { fromState: 'PAYING', toState: 'CANCELLED', reason: 'the buyer has called', runEntryEffects: false };
    await test.app.get(Forcing).force(OPERATOR, id, end, undefined);
    await test.work();
    expect(await effects(id)).toMatchObject([
      { type: 'shop.charge', status: 'done' },
      { type: 'shop.refund', status: 'done' },
    ]);
  });

  it('undoes to the end what it had begun to undo when an instance was forced back to life', async () => {
    const id = await paying();
    await test.work();
    await forced(id, 'PACKING', 'CANCELLED');
    expect(await stateOf(id)).toMatchObject({ status: 'failed', compensation: 'pending' });
    await forced(id, 'CANCELLED', 'PLACED');
    await test.work();
    expect(await stateOf(id)).toMatchObject({ state: 'PLACED', status: 'active', compensation: 'done' });
  });

  it('waits for nothing that might have had to be undone, once an instance was forced back to life', async () => {
    const { id, answer } = await charging();
    await forced(id, 'PAYING', 'CANCELLED');
    expect(await stateOf(id)).toMatchObject({ status: 'failed', compensation: 'pending' });
    await forced(id, 'CANCELLED', 'PLACED');
    expect(await stateOf(id)).toMatchObject({ status: 'active', compensation: 'none' });
    await answer();
    await test.work();
    expect(await stateOf(id)).toMatchObject({ state: 'PLACED', status: 'active', compensation: 'none' });
    await test.engine.send(BUYER, id, { type: 'cancel' });
    await test.work();
    expect(test.world.calls.filter(({ type }) => type === 'shop.refund')).toHaveLength(1);
    expect(await stateOf(id)).toMatchObject({ state: 'CANCELLED', compensation: 'done' });
  });

  it('undoes a late success too when an administrator has asked for the undoing', async () => {
    const { id, answer } = await charging();
    await forced(id, 'PAYING', 'DELIVERED');
    const reason = 'it never arrived';
    expect(await test.app.get(Forcing).compensate(OPERATOR, id, reason)).toMatchObject({ compensation: 'pending' });
    await answer();
    await test.work();
    expect(test.world.calls.filter(({ type }) => type === 'shop.refund')).toHaveLength(1);
    expect(await stateOf(id)).toMatchObject({ state: 'DELIVERED', compensation: 'done' });
  });

  it('does not let one slow effect hold up the others', async () => {
    let release: () => void = () => undefined;
    const slow = new Promise<void>((resolve) => (release = resolve));
    test.world.effects['shop.charge'] = async (_, { instanceId }) => {
      if (instanceId === first) await slow;
      return { kind: 'done', output: { paymentId: 'p' } };
    };
    const first = await paying();
    const worker = test.app.get(OutboxWorker);
    const ends: unknown[] = [];
    await worker.pump(() => ends.push('end'));
    const second = await paying();
    worker.hear();
    await worker.pump(() => ends.push('end'));
    await untilIn('PACKING', second);
    expect(await stateOf(first)).toMatchObject({ state: 'PAYING' });
    release();
    await worker.idle();
    expect(await stateOf(first)).toMatchObject({ state: 'PACKING' });
  });

  it('sends ten messages at once at most, whatever waits, and has room for the rest meanwhile (R000-86)', async () => {
    let release: () => void = () => undefined;
    const slow = new Promise<void>((resolve) => (release = resolve));
    let [running, most] = [0, 0];
    test.world.effects['shop.notify'] = async () => {
      most = Math.max(most, ++running);
      await slow;
      running--;
      return { kind: 'done' };
    };
    const id = await paying();
    await test.owner.query(
      `insert into engine.outbox (tenant, instance_id, seq, idx, kind, type, params, key, ordered, next_attempt_at, correlation_id, created_at)
       select 'acme', $1, 900, n, 'command', 'shop.notify', '{}', 'k' || n, false, engine.now() - interval '1 h', 'c', engine.now() from generate_series(1, 50) n`,
      [id],
    );
    const worker = test.app.get(OutboxWorker);
    while (await worker.pump(() => undefined));
    await untilIn('PACKING', id);
    expect({ running, most }).toEqual({ running: 10, most: 10 });
    release();
    await test.work();
    await worker.idle();
    await test.work();
    expect(await test.rows(`select 1 from engine.outbox where key like 'k%' and status = 'done'`)).toHaveLength(50);
    expect(most).toBe(10);
  });

  it('runs ordered effects of one instance one after the other, and lets others pass a failed head', async () => {
    const blocked = await paying();
    await test.work();
    const free = await paying();
    await test.owner.query(
      `insert into engine.outbox (tenant, instance_id, seq, idx, kind, type, params, key, ordered, next_attempt_at, correlation_id, created_at)
       select 'acme', i, 900, n, 'command', 'shop.label', '{}', i || n, true, engine.now(), 'c', engine.now() from unnest($1::text[]) i, generate_series(1, 2) n order by n`,
      [[blocked, free]],
    );
    await test.owner.query(
      `update engine.outbox set status = 'dead' where instance_id = $1 and seq = 900 and idx = 1`,
      [blocked],
    );
    await test.work();
    const rows = await test.rows<{ instance_id: string; idx: number; status: string }>(
      `select instance_id, idx, status from engine.outbox where seq = 900 order by idx`,
    );
    expect(rows.filter((row) => row.instance_id === free).map(({ status }) => status)).toEqual(['done', 'done']);
    expect(rows.filter((row) => row.instance_id === blocked).map(({ status }) => status)).toEqual(['dead', 'pending']);
  });

  it('undoes newest first what succeeded before a failing end, and says when that is done (R000-46)', async () => {
    const id = await paying();
    await test.work();
    await test.engine.send({ ...BUYER }, id, { type: 'cancel' });
    expect(await stateOf(id)).toEqual({ state: 'CANCELLED', status: 'failed', compensation: 'pending' });
    await test.work();
    expect(test.world.calls.find(({ type }) => type === 'shop.refund')?.input).toMatchObject({
      input: { orderId: id },
      output: { paymentId: 'pay_1' },
    });
    expect(await stateOf(id)).toEqual({ state: 'CANCELLED', status: 'failed', compensation: 'done' });
    const [last] = await test.rows(
      `select kind, payload from engine.history where instance_id = $1 order by seq desc limit 1`,
      [id],
    );
    expect(last).toEqual({ kind: 'compensated', payload: { undone: 1, givenUp: 0 } });
  });

  it('does not hold the undoing up until somebody has looked at what was given up (R000-46)', async () => {
    test.world.effects['shop.label'] = async () => ({ kind: 'retry', reason: 'out of paper' });
    const id = await paying();
    for (let attempt = 0; attempt < 5; attempt++) {
      await test.work();
      await test.advance(60_000);
    }
    expect((await effects(id)).map(({ type, status }) => `${type} ${status}`)).toEqual([
      'shop.charge done',
      'shop.label dead',
      'shop.notify done',
      'shop.refund done',
    ]);
    expect(await stateOf(id)).toEqual({ state: 'CANCELLED', status: 'failed', compensation: 'done' });
  });

  it('undoes an effect that succeeds after the instance has failed', async () => {
    let release: () => void = () => undefined;
    const running = new Promise<void>((resolve) => (release = resolve));
    test.world.effects['shop.charge'] = async () => {
      await running;
      return { kind: 'done', output: { paymentId: 'late' } };
    };
    const { instanceId } = await test.start({ dueMs: 1_000 });
    await test.engine.send(BUYER, instanceId, { type: 'pay' });
    const turn = test.app.get(OutboxWorker).turn();
    await untilClaimed(instanceId);
    await force(instanceId);
    release();
    await turn;
    await test.work();
    expect(test.world.calls.find(({ type }) => type === 'shop.refund')?.input).toMatchObject({
      output: { paymentId: 'late' },
    });
    expect(await stateOf(instanceId)).toMatchObject({ state: 'CANCELLED', compensation: 'done' });
  });

  it('goes on undoing past what cannot be undone, and says so', async () => {
    test.world.effects['shop.refund'] = async () => ({ kind: 'failed', code: 'gone', reason: 'no such payment' });
    const id = await paying();
    await test.work();
    await test.engine.send(BUYER, id, { type: 'cancel' });
    await test.work();
    expect(await stateOf(id)).toMatchObject({ compensation: 'error' });
  });

  it('keeps its pauses by business time but its leases by the real clock', async () => {
    test.world.effects['shop.charge'] = async () => ({ kind: 'retry', reason: 'later', afterMs: 86_400_000 });
    const id = await paying();
    await test.work();
    await test.work();
    expect((await effects(id))[0]).toMatchObject({ status: 'pending', attempts: 1 });
    await test.advance(86_400_000);
    await test.work();
    expect((await effects(id))[0]).toMatchObject({ attempts: 2 });
  });
});

/** An order whose charge has reached the provider; `answer` lets the provider answer and resolves when that has landed. */
async function charging(): Promise<{ id: string; answer: () => Promise<void> }> {
  let release: () => void = () => undefined;
  const running = new Promise<void>((resolve) => (release = resolve));
  const id = await paying();
  let turn: Promise<boolean> = Promise.resolve(false);
  await new Promise<void>((reached) => {
    test.world.effects['shop.charge'] = async () => {
      reached();
      await running;
      return { kind: 'done', output: { paymentId: 'late' } };
    };
    turn = test.app.get(OutboxWorker).turn();
  });
  const answer = async (): Promise<void> => {
    release();
    await turn;
  };
  return { id, answer };
}

async function forced(id: string, fromState: string, toState: string): Promise<void> {
  const request = { fromState, toState, reason: 'it was all a mistake', runEntryEffects: false };
  await test.app.get(Forcing).force(OPERATOR, id, request, undefined);
}

async function untilIn(state: string, id: string): Promise<void> {
  const until = Date.now() + 5_000;
  while (Date.now() < until) if ((await stateOf(id))?.state === state) return;
  throw new Error(`${id} never came to ${state}`);
}

async function untilLeaseEnds(id: string): Promise<void> {
  const until = Date.now() + 5_000;
  const ended = `select 1 from engine.outbox where instance_id = $1 and claimed_until < clock_timestamp()`;
  while (Date.now() < until) if ((await test.rows(ended, [id])).length > 0) return;
  throw new Error('the lease never ended');
}

async function untilClaimed(id: string): Promise<void> {
  const until = Date.now() + 5_000;
  while (Date.now() < until)
    if ((await test.rows(`select 1 from engine.outbox where instance_id = $1 and status = 'claimed'`, [id])).length > 0)
      return;
  throw new Error('never claimed');
}

async function force(id: string): Promise<void> {
  await test.app
    .get(Forcing)
    .force(
      OPERATOR,
      id,
      { fromState: 'PAYING', toState: 'CANCELLED', reason: 'the customer gave up on the phone', runEntryEffects: true },
      undefined,
    );
}
