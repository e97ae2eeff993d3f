import { randomUUID } from 'node:crypto';
import { Pipeline } from '../support/events.js';
import { workstream } from '../support/workstream.js';

const service = workstream();
const pipeline = new Pipeline(service);

const THE_STEPS = ['validate-event', 'store-event', 'update-metrics', 'mark-delivered'];

describe('an event', () => {
  it('goes through its steps in this order, each written down, and is delivered (R003-3, R003-4, R003-5, R003-6, R003-51)', async () => {
    const before = await pipeline.counters();
    const sent = await pipeline.post({
      payload: { kind: 'signup', n: 1 },
      metadata: { tags: ['a'], priority: 'high' },
    });
    expect(sent).toMatchObject({ status: 200, body: { data: { status: 'accepted' } } });
    const { event_id } = sent.body.data;
    expect(event_id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(await pipeline.row(event_id)).toBeUndefined();
    expect(await pipeline.run(event_id)).toMatchObject({ run_id: `event-${event_id}`, state: 'validating' });
    await pipeline.work();
    expect(await pipeline.steps(event_id)).toEqual(['start', ...THE_STEPS.map((step) => `xstate.done.actor.${step}`)]);
    const row = await pipeline.row(event_id);
    expect(row).toMatchObject({
      status: 'delivered',
      payload: { kind: 'signup', n: 1 },
      metadata: { priority: 'high' },
      retry_count: 0,
    });
    expect(await pipeline.run(event_id)).toMatchObject({
      state: 'delivered',
      status: 'done',
      output: { event_id, status: 'success', stored_at: row?.stored_at.toISOString() },
    });
    const after = await pipeline.counters();
    expect(after).toEqual({ ...before, total: before.total + 1, delivered: before.delivered + 1 });
  });

  it('has a pending row with the right fields once it is stored, and is counted as pending (R003-11, R003-12, R003-18, R003-30, R003-51)', async () => {
    const timestamp = '2026-01-02T03:04:05.678Z';
    const event_id = await pipeline.send({ deep: { list: [1, 'two', null] } }, { timestamp });
    const before = await pipeline.counters();
    const { id } = await pipeline.run(event_id);
    await service.live.run(id, 'validate-event');
    await service.live.run(id, 'store-event');
    const row = await pipeline.row(event_id);
    expect(row).toMatchObject({
      status: 'pending',
      payload: { deep: { list: [1, 'two', null] } },
      metadata: null,
      retry_count: 0,
    });
    expect(row?.created_at.toISOString()).toBe(timestamp);
    expect(row?.updated_at).toEqual(row?.stored_at);
    const unknown = `update events.events set status = 'lost' where event_id = $1`;
    await expect(service.rows(unknown, event_id)).rejects.toThrow(/violates check constraint/);
    await service.live.run(id, 'update-metrics');
    expect(await pipeline.counters()).toEqual({ ...before, total: before.total + 1, pending: before.pending + 1 });
    const effects = await service.rows<{ type: string; result: object }>(
      `select type, result from engine.outbox where instance_id = $1 and status = 'done' order by id`,
      id,
    );
    expect(effects).toMatchObject([
      {
        type: 'events.validate',
        result: { event_id, payload: { deep: {} }, timestamp, correlation_id: expect.any(String) },
      },
      { type: 'events.store', result: { event_id, status: 'pending', stored_at: row?.stored_at.toISOString() } },
      { type: 'events.count', result: { total_updated: true, pending_updated: true } },
    ]);
    await service.rows(`update engine.outbox set next_attempt_at = engine.now() where status = 'pending'`);
    await pipeline.work();
    expect(await pipeline.counters()).toEqual({ ...before, total: before.total + 1, delivered: before.delivered + 1 });
  });

  it('that lies far ahead counts as now (R003-16)', async () => {
    const event_id = await pipeline.send({}, { timestamp: '2199-01-01T00:00:00Z' });
    const soon = new Date(Date.now() + 120_000).toISOString();
    const next = await pipeline.send({}, { timestamp: soon });
    await pipeline.work();
    const row = await pipeline.row(event_id);
    expect(row?.created_at).toEqual(row?.stored_at);
    expect((await pipeline.row(next))?.created_at.toISOString()).toBe(soon);
  });

  it('carries its correlation id to everything that comes of it (R003-39)', async () => {
    const event_id = await pipeline
      .post({ payload: {} }, '', { 'x-correlation-id': 'trace-77' })
      .then(({ body }) => body.data.event_id);
    await pipeline.work();
    const { id } = await pipeline.run(event_id);
    const found = await service.rows<{ correlation_id: string }>(
      `select distinct correlation_id from (select correlation_id from engine.history where instance_id = $1
         union all select correlation_id from engine.outbox where instance_id = $1 union all select correlation_id from events.events where event_id = $2) t`,
      id,
      event_id,
    );
    expect(found).toEqual([{ correlation_id: 'trace-77' }]);
    const own = await pipeline.send({}, { metadata: { correlation_id: 'mine-1' } });
    await pipeline.work();
    expect(await pipeline.row(own)).toMatchObject({ correlation_id: 'mine-1' });
  });

  it('has its history proved, as every instance has', async () => {
    const event_id = await pipeline.send();
    await pipeline.work();
    await service.live.prove((await pipeline.run(event_id)).id);
  });
});

describe('somebody who does not say who he is', () => {
  it.each<[string, Record<string, string>]>([
    ['nothing', {}],
    ['another scheme', { authorization: 'Basic c2VjcmV0' }],
    ['too little', { authorization: 'Bearer x' }],
    ['a key of nobody', { authorization: `Bearer ${'k'.repeat(40)}` }],
  ])('but says %s, is told so in one way, and nothing is stored (R003-48)', async (_, headers) => {
    const [before] = await service.rows('select count(*) from events.runs');
    const answer = await fetch(`${service.live.url}/api/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: '{"payload":{}}',
    });
    expect([answer.status, await answer.json()]).toMatchObject([401, { code: 'UNAUTHENTICATED' }]);
    expect(await service.rows('select count(*) from events.runs')).toEqual([before]);
  });
});

describe('the same event', () => {
  it('has one row and is counted once, however often it is sent and its steps are done (R003-13, R003-34, R003-35, R003-51)', async () => {
    const event_id = randomUUID();
    const before = await pipeline.counters();
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => pipeline.post({ event_id, payload: { same: true } })),
    );
    expect(answers.map(({ status, body }) => [status, body.data.event_id])).toEqual(answers.map(() => [200, event_id]));
    await pipeline.work();
    const row = await pipeline.row(event_id);
    const { id } = await pipeline.run(event_id);
    // Every step once more, as a worker does whose answer was lost.
    await service.rows(
      `update engine.outbox set status = 'pending', finished_at = null, next_attempt_at = engine.now() where instance_id = $1`,
      id,
    );
    await pipeline.work();
    expect(await pipeline.row(event_id)).toEqual(row);
    expect(await service.rows('select 1 from events.runs where event_id = $1', event_id)).toHaveLength(1);
    expect(await pipeline.counters()).toEqual({ ...before, total: before.total + 1, delivered: before.delivered + 1 });
    const outputs = await service.rows<{ result: object }>(
      `select result from engine.outbox where instance_id = $1 and type = 'events.store'`,
      id,
    );
    expect(outputs).toEqual([{ result: { event_id, status: 'delivered', stored_at: row?.stored_at.toISOString() } }]);
  });

  it('with another payload changes nothing (R003-14)', async () => {
    const event_id = randomUUID();
    await pipeline.post({ event_id, payload: { first: true } });
    await pipeline.work();
    const before = [await pipeline.row(event_id), await pipeline.counters()];
    expect(await pipeline.post({ event_id, payload: { first: false } })).toMatchObject({
      status: 200,
      body: { data: { event_id } },
    });
    await pipeline.work();
    expect([await pipeline.row(event_id), await pipeline.counters()]).toEqual(before);
  });

  it('is named by the idempotency_key of its sender for 24 hours (R003-42)', async () => {
    const send = (n: number) => pipeline.send({ n }, { metadata: { idempotency_key: 'order-1' } });
    const first = await send(1);
    expect(await send(2)).toBe(first);
    const racing = await Promise.all(
      Array.from({ length: 4 }, () => pipeline.send({}, { metadata: { idempotency_key: 'order-2' } })),
    );
    expect(new Set(racing).size).toBe(1);
    await pipeline.work();
    await pipeline.pass('24h');
    expect(await send(3)).not.toBe(first);
    await pipeline.work();
  });

  it('is named by the Idempotency-Key of its request for ever, which takes no other request', async () => {
    const send = (n: number) =>
      pipeline.post({ payload: { n }, metadata: { idempotency_key: 'both' } }, '', { 'idempotency-key': 'req-1' });
    const first = await send(1);
    await pipeline.work();
    await pipeline.pass('25h');
    expect(await send(1)).toEqual(first);
    expect(await send(2)).toMatchObject({ status: 422, body: { code: 'IDEMPOTENCY_KEY_REUSED' } });
    // A new request with the sender's key of the first one is the first event, also later.
    const again = (key: string) =>
      pipeline.post({ payload: { n: 9 }, metadata: { idempotency_key: 'k-9' } }, '', { 'idempotency-key': key });
    const one = await again('req-2');
    const two = await again('req-3');
    expect(two.body.data.event_id).toBe(one.body.data.event_id);
    await pipeline.pass('25h');
    expect((await again('req-3')).body.data.event_id).toBe(one.body.data.event_id);
  });
});

describe('what is no event', () => {
  const tags = Array.from({ length: 11 }, (_, n) => `t${n}`);
  it.each([
    ['nothing', {}, 'MISSING_PAYLOAD_FIELD'],
    ['a payload that is a list', { payload: [] }, 'INVALID_PAYLOAD'],
    ['a payload that is null', { payload: null }, 'INVALID_PAYLOAD'],
    ['a payload that is text', { payload: 'x' }, 'INVALID_PAYLOAD'],
    ['metadata that is 0', { payload: {}, metadata: 0 }, 'INVALID_METADATA_TYPE'],
    ['metadata that is empty text', { payload: {}, metadata: '' }, 'INVALID_METADATA_TYPE'],
    ['metadata that is false', { payload: {}, metadata: false }, 'INVALID_METADATA_TYPE'],
    ['metadata that is a list', { payload: {}, metadata: [] }, 'INVALID_METADATA_TYPE'],
    ['too many tags', { payload: {}, metadata: { tags } }, 'INVALID_PARAMETER'],
    ['an unknown priority', { payload: {}, metadata: { priority: 'urgent' } }, 'INVALID_PARAMETER'],
    ['a key that is no text', { payload: {}, metadata: { idempotency_key: 1 } }, 'INVALID_PARAMETER'],
    ['a correlation id with a line break', { payload: {}, metadata: { correlation_id: 'a\nb' } }, 'INVALID_PARAMETER'],
    ['more than 1 KB of metadata', { payload: {}, metadata: { x: 'y'.repeat(1_020) } }, 'INVALID_PARAMETER'],
    ['a time that is none', { payload: {}, timestamp: 'yesterday' }, 'INVALID_PARAMETER'],
    ['a time that is null', { payload: {}, timestamp: null }, 'INVALID_PARAMETER'],
    ['an id that is no UUID', { payload: {}, event_id: 'evt_1' }, 'WF006'],
    ['a tenant of its choice', { payload: {}, tenant: 'other' }, 'WF006'],
  ])(
    'is refused with %s, and nothing is stored (R003-7, R003-8, R003-16, R003-42, R003-49)',
    async (_, given, code) => {
      const before = await service.rows('select count(*) as runs from events.runs');
      expect(await pipeline.post(given)).toMatchObject({
        status: 400,
        body: { code, correlationId: expect.any(String) },
      });
      expect(await service.rows('select count(*) as runs from events.runs')).toEqual(before);
    },
  );

  it('is refused when it is too deep, too large or not text, and nothing is stored', async () => {
    const before = await service.rows('select count(*) as runs from events.runs');
    const deep = JSON.parse('{"a":'.repeat(40) + '1' + '}'.repeat(40)) as object;
    expect((await pipeline.post({ payload: deep })).status).toBe(400);
    expect(await pipeline.post({ payload: { x: 'y'.repeat(1_048_577) } })).toMatchObject({
      status: 413,
      body: { code: 'PAYLOAD_TOO_LARGE' },
    });
    expect((await pipeline.post({ payload: { x: 'a\u0000b' } })).status).toBe(400);
    expect(await service.rows('select count(*) as runs from events.runs')).toEqual(before);
  });

  it('null as metadata is none, and the largest payload goes through (R003-8, R003-40)', async () => {
    const event_id = await pipeline.send({ x: 'y'.repeat(1_000_000) }, { metadata: null });
    await pipeline.work();
    expect(await pipeline.row(event_id)).toMatchObject({ status: 'delivered', metadata: null });
  });
});

describe('a batch', () => {
  it('gives each message a run of its own, and a bad one holds up no other (R003-31, R003-33, R003-34)', async () => {
    const before = await pipeline.counters();
    const good = `shop:${randomUUID()}`;
    const { status, body } = await pipeline.batch([
      { event_id: good, payload: { n: 1 }, timestamp: '2026-02-03T00:00:00Z', correlation_id: 'corr-b' },
      { payload: { n: 2 } },
      { event_id: good, payload: { n: 1 } },
      { event_id: '', payload: {} },
      { event_id: 'a b', payload: {} },
      'nothing',
      { event_id: 'x.1', payload: {}, eventId: 'x' },
      { event_id: 'x.2', payload: {}, timestamp: 'soon' },
    ]);
    expect(status).toBe(200);
    expect(body.data).toMatchObject({ total: 8, successful: 3, failed: 5 });
    const statuses = body.data.events.map((item) => item.status);
    expect(statuses.slice(3)).toEqual(Array.from({ length: 5 }, () => 'rejected'));
    expect([statuses[0], statuses[2]].sort()).toEqual(['accepted', 'duplicate']);
    expect(body.data.events[3]?.error).toBe('Invalid event_id: must be a non-empty string');
    await pipeline.work();
    expect(await pipeline.row(good)).toMatchObject({
      status: 'delivered',
      payload: { n: 1 },
      correlation_id: 'corr-b',
    });
    expect(await pipeline.counters()).toMatchObject({
      total: before.total + 2,
      delivered: before.delivered + 2,
      pending: 0,
    });
    const runs = await service.rows('select run_id from events.runs where batch_id = $1', body.data.batch_id);
    expect(runs).toHaveLength(2);
  });

  it('has 1 to 100 messages', async () => {
    expect((await pipeline.batch([])).status).toBe(400);
    expect((await pipeline.batch(Array.from({ length: 101 }, () => ({ payload: {} })))).status).toBe(400);
  });
});
