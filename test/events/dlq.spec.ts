import { randomUUID } from 'node:crypto';
import { Pipeline } from '../support/events.js';
import { workstream } from '../support/workstream.js';

const service = workstream({ EVENT_DLQ: 'events.failed', EVENT_BATCH: '3', EVENT_MAX_CONCURRENCY: '1' });
const pipeline = new Pipeline(service);

/** An event that has failed, and its dead letter. */
async function failed(payload: object = { n: 1 }): Promise<{ id: string; letter: number }> {
  const id = await pipeline.send(payload, { timestamp: '2026-01-02T00:00:00.000Z' }, '?debug=dlq_routing');
  await pipeline.work();
  const [letter] = await pipeline.letters(id);
  return { id, letter: letter?.id ?? 0 };
}
const admin = (method: string, path: string, body?: object) => service.ask(method, path, body, 'admin');

describe('dead letters', () => {
  it('are listed, newest first, in pages, and shown one by one (R003-28)', async () => {
    const [first, second] = [await failed(), await failed({ deep: { x: [1] } })];
    const page = await admin('GET', '/admin/dlq?limit=1');
    expect(page).toMatchObject({
      status: 200,
      body: { data: [{ id: second.letter, event_id: second.id, status: 'open' }] },
    });
    const { nextCursor, total } = page.body as { nextCursor: string; total: number };
    expect(total).toBeGreaterThanOrEqual(2);
    expect((await admin('GET', `/admin/dlq?limit=1&cursor=${nextCursor}`)).body).toMatchObject({
      data: [{ id: first.letter }],
    });
    expect((await admin('GET', `/admin/dlq?event_id=${first.id}&status=open`)).body).toMatchObject({
      data: [{ id: first.letter }],
      total: 1,
    });
    expect(await admin('GET', `/admin/dlq/${second.letter}`)).toMatchObject({
      status: 200,
      body: {
        event_id: second.id,
        run_id: `event-${second.id}`,
        step: 'store-event',
        reason: 'permanent',
        error: { code: 'DEBUG' },
        payload: { deep: { x: [1] } },
        attempts: 1,
        happened_at: '2026-01-02T00:00:00.000Z',
      },
    });
  });

  it('are replayed as another run of the same event, which is still one event (R003-28, R003-34, R003-22)', async () => {
    const before = await pipeline.counters();
    const { id, letter } = await failed();
    const replay = await admin('POST', `/admin/dlq/${letter}/replay`);
    expect(replay).toMatchObject({
      status: 200,
      body: { id: letter, event_id: id, run_id: `event-${id}-r1`, status: 'replaying', retry_attempt: 1 },
    });
    expect(await pipeline.row(id)).toMatchObject({ status: 'pending', retry_count: 1 });
    expect(await pipeline.counters()).toMatchObject({
      total: before.total + 1,
      pending: before.pending + 1,
      failed: before.failed,
    });
    await pipeline.work();
    expect(await pipeline.row(id)).toMatchObject({ status: 'delivered', retry_count: 1, payload: { n: 1 } });
    expect(await pipeline.run(id)).toMatchObject({ run_id: `event-${id}-r1`, state: 'delivered' });
    expect(await pipeline.run(id, 0)).toMatchObject({ run_id: `event-${id}`, state: 'failed' });
    expect(await pipeline.counters()).toEqual({ ...before, total: before.total + 1, delivered: before.delivered + 1 });
    expect((await admin('GET', `/admin/dlq/${letter}`)).body).toMatchObject({
      status: 'replayed',
      replayed_at: expect.any(String),
    });
    expect(await admin('POST', `/admin/dlq/${letter}/replay`)).toMatchObject({
      status: 409,
      body: { code: 'INVALID_STATE' },
    });
    const [audited] = await service.rows<{ actor: string; action: string }>(
      `select actor, action from engine.audit where action = 'event.replay' order by id desc limit 1`,
    );
    expect(audited).toMatchObject({ action: 'event.replay' });
  });

  it('are replayed once, however many ask at once, and under a key once with one answer', async () => {
    const { id, letter } = await failed();
    const answers = await Promise.all(Array.from({ length: 4 }, () => admin('POST', `/admin/dlq/${letter}/replay`)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
    await pipeline.work();
    const other = await failed();
    const keyed = () =>
      service.ask('POST', `/admin/dlq/${other.letter}/replay`, undefined, 'admin', {
        'idempotency-key': `replay-${other.letter}`,
      });
    expect(await keyed()).toEqual(await keyed());
    await pipeline.work();
    const runs = await service.rows('select run_id from events.runs where event_id = any($1)', [id, other.id]);
    expect(runs).toHaveLength(4);
  });

  it('of what is no event come back with another letter', async () => {
    const event_id = randomUUID();
    await pipeline.batch([{ event_id, payload: [] }]);
    await pipeline.work();
    const [letter] = await pipeline.letters(event_id);
    await admin('POST', `/admin/dlq/${letter?.id}/replay`, { reason: 'to see it again' });
    await pipeline.work();
    expect(await pipeline.letters(event_id)).toMatchObject([
      { retry_attempt: 0, replayed_at: expect.any(Date) },
      { retry_attempt: 1, replayed_at: null, run_id: `event-${event_id}-r1` },
    ]);
  });

  it('leave nothing with the dead effects once they are replayed', async () => {
    const before = await service.rows(`select id from engine.outbox where status = 'dead'`);
    const { id, letter } = await failed();
    await service.rows(
      `update engine.outbox set status = 'dead' where instance_id = $1 and type = 'events.store'`,
      (await pipeline.run(id)).id,
    );
    await admin('POST', `/admin/dlq/${letter}/replay`);
    await pipeline.work();
    expect(await service.rows(`select id from engine.outbox where status = 'dead'`)).toEqual(before);
  });

  it.each([
    ['GET', '/admin/dlq/999999', 404],
    ['POST', '/admin/dlq/999999/replay', 404],
    ['GET', '/admin/dlq/abc', 400],
    ['GET', '/admin/dlq?limit=0', 400],
    ['GET', '/admin/dlq?cursor=abc', 400],
    ['GET', '/admin/dlq?status=lost', 400],
  ])('%s %s answers %i', async (method, path, status) => {
    expect((await admin(method, path)).status).toBe(status);
  });

  it('are for administrators and operators', async () => {
    expect((await service.ask('GET', '/admin/dlq', undefined, 'sales')).status).toBe(403);
    expect((await service.ask('GET', '/admin/dlq', undefined, 'operator')).status).toBe(200);
  });
});

describe('the settings of events', () => {
  it('bound a batch, let as many through at once as they say, and name the dead letters (R003-32)', async () => {
    const messages = (count: number) => Array.from({ length: count }, (_, n) => ({ payload: { n } }));
    expect(await pipeline.batch(messages(4))).toMatchObject({ status: 400, body: { code: 'WF006' } });
    const answers = await Promise.all([1, 2, 3].map((count) => pipeline.batch(messages(count))));
    expect(answers.map(({ status, body }) => [status, body.data.successful])).toEqual([
      [200, 1],
      [200, 2],
      [200, 3],
    ]);
    const page = await service.done<{ queue: string }>('GET', '/admin/dlq', undefined, 'admin');
    expect(page.queue).toBe('events.failed');
  });
});
