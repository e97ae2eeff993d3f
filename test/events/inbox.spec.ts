import { randomUUID } from 'node:crypto';
import { Pipeline } from '../support/events.js';
import { workstream } from '../support/workstream.js';

const service = workstream();
const pipeline = new Pipeline(service);

interface Page {
  data: {
    event_id: string;
    payload: { n: number };
    status: string;
    retry_count: number;
    created_at: string;
    updated_at: string;
  }[];
  total: number;
  limit: number;
  offset: number;
  next_cursor?: string;
  timestamp: string;
  _metadata: { filters_applied: string[]; sort_field: string; sort_order: string };
}
const inbox = (query: string) => service.ask<Page>('GET', `/api/inbox${query}`);
const numbers = async (query: string) => (await inbox(query)).body.data.map(({ payload }) => payload.n);

/** Sends an event and has the step that stores it refuse. */
async function failed(payload: object = {}): Promise<string> {
  const id = await pipeline.send(payload, {}, '?debug=dlq_routing');
  await pipeline.work();
  return id;
}

describe('the inbox (R003-43)', () => {
  // Events 0 to 11 of the kind "list", a day apart; every third has failed, event 9 has run twice.
  const ids: string[] = [];
  beforeAll(async () => {
    for (let n = 0; n < 12; n++) {
      const timestamp = new Date(Date.UTC(2026, 2, 1 + n, 12)).toISOString();
      const metadata = n % 2 === 0 ? { priority: 'high', about: { shop: 'north' } } : { tags: ['odd'] };
      ids.push(
        await pipeline.send(
          { kind: 'list', n, deep: { flag: n > 5 } },
          { timestamp, metadata },
          n % 3 === 0 ? '?debug=dlq_routing' : '',
        ),
      );
    }
    await pipeline.work();
    const [letter] = await pipeline.letters(ids[9] ?? '');
    await service.done('POST', `/admin/dlq/${letter?.id}/replay`, undefined, 'admin');
    await pipeline.work();
  });

  it('shows events with everything about them, newest first', async () => {
    const { status, body } = await inbox('?payload.kind=list&limit=2');
    expect(status).toBe(200);
    expect(body).toEqual({
      data: [expect.objectContaining({ event_id: ids[11] }), expect.objectContaining({ event_id: ids[10] })],
      total: 12,
      limit: 2,
      offset: 0,
      next_cursor: expect.any(String),
      timestamp: expect.any(String),
      _metadata: { filters_applied: ['payload.kind'], sort_field: 'created_at', sort_order: 'desc' },
    });
    expect(Object.keys(body.data[0] ?? {}).sort()).toEqual(
      ['created_at', 'event_id', 'metadata', 'payload', 'retry_count', 'status', 'updated_at'].sort(),
    );
  });

  it.each([
    ['status=failed', [6, 3, 0]],
    ['status=failed,delivered&order=asc&limit=3', [0, 1, 2]],
    ['from=2026-03-10&order=asc', [9, 10, 11]],
    ['to=2026-03-02T12:00:00Z', [1, 0]],
    ['created_date=2026-03-05', [4]],
    ['min_retries=1', [9]],
    ['max_retries=0&status=delivered&order=asc&limit=2', [1, 2]],
    ['metadata.priority=high&order=asc&limit=3', [0, 2, 4]],
    ['metadata.priority=medium&order=asc&limit=2', [1, 3]],
    ['metadata.about.shop=north&payload.deep.flag=true', [10, 8, 6]],
    ['payload.n=7', [7]],
    ['payload.nothing=7', []],
    ['offset=10', [1, 0]],
    ['sort=retry_count&limit=1', [9]],
    ['sort=updated_at&limit=1', [9]],
  ])('is narrowed and sorted by %s', async (query, expected) => {
    expect(await numbers(`?payload.kind=list&${query}`)).toEqual(expected);
  });

  it.each(['created_at', 'updated_at', 'retry_count'])(
    'is read to its end, each event once, by its cursor: %s',
    async (sort) => {
      for (const order of ['asc', 'desc']) {
        const seen: number[] = [];
        let cursor = '';
        do {
          const { body } = await inbox(`?payload.kind=list&sort=${sort}&order=${order}&limit=5${cursor}`);
          expect(body.total).toBe(12);
          seen.push(...body.data.map(({ payload }) => payload.n));
          cursor = body.next_cursor === undefined ? '' : `&cursor=${body.next_cursor}`;
        } while (cursor !== '');
        expect(seen.toSorted((left, right) => left - right)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
      }
    },
  );

  it.each([
    ['status=lost', 'INVALID_PARAMETER'],
    ['status=', 'INVALID_PARAMETER'],
    ['limit=0', 'INVALID_PARAMETER'],
    ['limit=1001', 'INVALID_PARAMETER'],
    ['limit=ten', 'INVALID_PARAMETER'],
    ['offset=-1', 'INVALID_PARAMETER'],
    ['sort=payload', 'INVALID_PARAMETER'],
    ['sort=constructor', 'INVALID_PARAMETER'],
    ['order=up', 'INVALID_PARAMETER'],
    ['from=yesterday', 'INVALID_PARAMETER'],
    ['created_date=2026-02-30', 'INVALID_PARAMETER'],
    ['created_date=2026-02-03T00:00:00Z', 'INVALID_PARAMETER'],
    ['min_retries=1.5', 'INVALID_PARAMETER'],
    ['payload.=1', 'INVALID_PARAMETER'],
    ['payload.a-b=1', 'INVALID_PARAMETER'],
    [`payload.${encodeURIComponent(`x' or '1'='1`)}=1`, 'INVALID_PARAMETER'],
    ['tenant=other', 'INVALID_PARAMETER'],
    ['cursor=abc', 'INVALID_CURSOR'],
    ['cursor=', 'INVALID_CURSOR'],
    [Array.from({ length: 11 }, (_, n) => `payload.k${n}=1`).join('&'), 'TOO_MANY_FILTERS'],
  ])('refuses %s (R003-49)', async (query, code) => {
    expect(await inbox(`?${query}`)).toMatchObject({ status: 400, body: { code } });
  });

  it('takes no cursor of another order', async () => {
    const { body } = await inbox('?limit=1');
    expect(await inbox(`?limit=1&order=asc&cursor=${body.next_cursor}`)).toMatchObject({
      status: 400,
      body: { code: 'INVALID_CURSOR' },
    });
    expect(await inbox(`?limit=1&sort=updated_at&cursor=${body.next_cursor}`)).toMatchObject({
      status: 400,
      body: { code: 'INVALID_CURSOR' },
    });
  });

  it('shows one event', async () => {
    expect(await service.ask('GET', `/api/inbox/${ids[4]}`)).toMatchObject({
      status: 200,
      body: { event_id: ids[4], status: 'delivered', payload: { n: 4 }, instance_id: expect.stringMatching(/^wf_/) },
    });
    expect(await service.ask('GET', `/api/inbox/${randomUUID()}`)).toMatchObject({
      status: 404,
      body: { code: 'NOT_FOUND' },
    });
  });

  it('may be looked at by those who only look, and worked with by others', async () => {
    expect((await service.ask('GET', '/api/inbox', undefined, 'viewer')).status).toBe(200);
    expect((await service.ask('POST', `/api/inbox/${ids[4]}/ack`, undefined, 'viewer')).status).toBe(403);
    expect((await service.ask('GET', '/api/inbox', undefined, 'investor')).status).toBe(403);
  });
});

describe('acknowledging an event (R003-44)', () => {
  it('takes it away, and what was counted stays counted (R003-22)', async () => {
    const id = await pipeline.send({ gone: true });
    await pipeline.work();
    const before = await pipeline.counters();
    expect(await service.ask('POST', `/api/inbox/${id}/ack`)).toMatchObject({
      status: 200,
      body: { event_id: id, status: 'deleted', timestamp: expect.any(String) },
    });
    expect(await pipeline.row(id)).toBeUndefined();
    expect(await pipeline.counters()).toEqual({ ...before, 'removed:delivered': expect.any(Number) });
    expect(await service.ask('POST', `/api/inbox/${id}/ack`)).toMatchObject({
      status: 404,
      body: { code: 'NOT_FOUND' },
    });
    // The id is not taken again.
    expect((await pipeline.post({ event_id: id, payload: { gone: true } })).status).toBe(200);
    await pipeline.work();
    expect(await pipeline.row(id)).toBeUndefined();
  });

  it('leaves one alone that is being processed', async () => {
    const id = await pipeline.send();
    await service.live.run((await pipeline.run(id)).id, 'validate-event');
    await service.live.run((await pipeline.run(id)).id, 'store-event');
    expect(await service.ask('POST', `/api/inbox/${id}/ack`)).toMatchObject({
      status: 409,
      body: { code: 'INVALID_STATE' },
    });
    await service.rows(`update engine.outbox set next_attempt_at = engine.now() where status = 'pending'`);
    await pipeline.work();
  });

  it('closes the dead letter of one that has failed', async () => {
    const id = await failed();
    await service.done('POST', `/api/inbox/${id}/ack`);
    const [letter] = await pipeline.letters(id);
    expect(letter).toMatchObject({ closed_at: expect.any(Date), replayed_at: null });
    expect(await service.ask('POST', `/admin/dlq/${letter?.id}/replay`, undefined, 'admin')).toMatchObject({
      status: 409,
      body: { code: 'INVALID_STATE' },
    });
  });

  it('works for the longest id there may be (R003-8)', async () => {
    const event_id = 'x'.repeat(255);
    await pipeline.batch([{ event_id, payload: {} }]);
    await pipeline.work();
    expect(await service.ask('POST', `/api/inbox/${event_id}/ack`)).toMatchObject({ status: 200, body: { event_id } });
  });
});

describe('retrying an event (R003-45)', () => {
  it('has one that failed run again: its row is pending meanwhile (R003-29)', async () => {
    const before = await pipeline.counters();
    const id = await failed();
    expect(await service.ask('POST', `/api/inbox/${id}/retry`)).toMatchObject({
      status: 200,
      body: { event_id: id, status: 'retrying', new_attempt: 1, timestamp: expect.any(String) },
    });
    expect(await pipeline.row(id)).toMatchObject({ status: 'pending', retry_count: 1 });
    await pipeline.work();
    expect(await pipeline.row(id)).toMatchObject({ status: 'delivered', retry_count: 1 });
    expect(await pipeline.letters(id)).toMatchObject([{ replayed_at: expect.any(Date) }]);
    expect(await pipeline.counters()).toMatchObject({
      total: before.total + 1,
      pending: 0,
      delivered: before.delivered + 1,
      failed: before.failed,
    });
  });

  it('refuses what has not failed, and what is not there', async () => {
    const id = await pipeline.send();
    await pipeline.work();
    expect(await service.ask('POST', `/api/inbox/${id}/retry`)).toMatchObject({
      status: 409,
      body: { code: 'INVALID_STATE' },
    });
    expect(await service.ask('POST', `/api/inbox/${randomUUID()}/retry`)).toMatchObject({
      status: 404,
      body: { code: 'NOT_FOUND' },
    });
  });

  it('is done three times at most', async () => {
    const event_id = randomUUID();
    await pipeline.batch([{ event_id, payload: 'never an event' }]);
    await pipeline.work();
    for (const new_attempt of [1, 2, 3]) {
      expect((await service.ask('POST', `/api/inbox/${event_id}/retry`)).body).toMatchObject({ new_attempt });
      await pipeline.work();
    }
    expect(await service.ask('POST', `/api/inbox/${event_id}/retry`)).toMatchObject({
      status: 409,
      body: { code: 'MAX_RETRIES_EXCEEDED' },
    });
    expect(await pipeline.row(event_id)).toMatchObject({ status: 'failed', retry_count: 3 });
    expect(await pipeline.letters(event_id)).toHaveLength(4);
  });

  it('is done once, however many ask at once', async () => {
    const id = await failed();
    const answers = await Promise.all(Array.from({ length: 4 }, () => service.ask('POST', `/api/inbox/${id}/retry`)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
    await pipeline.work();
    expect(await pipeline.row(id)).toMatchObject({ status: 'delivered', retry_count: 1 });
  });
});
