import { jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { EffectRun } from '../../src/engine/host.js';
import { Steps } from '../../src/events/steps/steps.js';
import { Log } from '../../src/platform/logger.js';
import { Pipeline } from '../support/events.js';
import { workstream } from '../support/workstream.js';

const service = workstream();
const pipeline = new Pipeline(service);

/** What the database refuses while a step is broken. */
const BROKEN = {
  'store-event': `before insert on events.events for each row when (new.status = 'pending')`,
  'update-metrics': `before update on events.events for each row when (new.status = 'pending' and new.counted_at is not null)`,
  'mark-delivered': `before update on events.events for each row when (new.status = 'delivered')`,
};
/** Has the database refuse a step; answers how to repair it. */
async function breakStep(step: keyof typeof BROKEN): Promise<() => Promise<unknown>> {
  await service.rows(
    `create or replace function public.refuse() returns trigger language plpgsql as $$ begin raise exception 'the disk is full'; end $$`,
  );
  await service.rows(`create trigger broken ${BROKEN[step]} execute function public.refuse()`);
  return () => service.rows('drop trigger broken on events.events');
}

interface Effect {
  type: string;
  status: string;
  attempts: number;
  next_attempt_at: Date;
}
const effectsOf = async (eventId: string): Promise<Effect[]> =>
  service.rows(
    `select type, status, attempts, next_attempt_at from engine.outbox where instance_id = $1 order by id`,
    (await pipeline.run(eventId)).id,
  );
/** Business time, milliseconds. */
const now = async (): Promise<number> =>
  (await service.rows<{ now: Date }>('select engine.now() as now'))[0]?.now.getTime() ?? 0;
/** Fails a step as often as it is tried. */
async function exhaust(): Promise<void> {
  await pipeline.work();
  for (const seconds of [1, 2, 4]) await pipeline.pass(`${seconds}s`);
}

describe('a step that cannot be done now', () => {
  it('is tried again after 1, 2 and 4 seconds, and the steps before it are not (R003-4, R003-9, R003-23, R003-51)', async () => {
    const before = await pipeline.counters();
    const repair = await breakStep('store-event');
    const id = await pipeline.send();
    for (const [tries, seconds] of [
      [1, 1],
      [2, 2],
      [3, 4],
    ] as const) {
      const earliest = (await now()) + 1_000 * seconds;
      if (tries === 1) await pipeline.work();
      else await pipeline.pass(`${seconds / 2}s`);
      const latest = (await now()) + 1_000 * seconds;
      const [validate, store] = await effectsOf(id);
      expect([validate?.attempts, store?.attempts, store?.status]).toEqual([1, tries, 'pending']);
      expect(store?.next_attempt_at.getTime()).toBeGreaterThanOrEqual(earliest);
      expect(store?.next_attempt_at.getTime()).toBeLessThanOrEqual(latest);
    }
    await repair();
    await pipeline.pass('4s');
    expect(await effectsOf(id)).toMatchObject([
      { type: 'events.validate', status: 'done', attempts: 1 },
      { type: 'events.store', status: 'done', attempts: 4 },
      { type: 'events.count', status: 'done', attempts: 1 },
      { type: 'events.deliver', status: 'done', attempts: 1 },
    ]);
    expect(await pipeline.row(id)).toMatchObject({ status: 'delivered' });
    expect(await pipeline.counters()).toEqual({ ...before, total: before.total + 1, delivered: before.delivered + 1 });
  });

  it.each(['store-event', 'update-metrics', 'mark-delivered'] as const)(
    'is given up after the fourth try: the event has failed, once, and lies with the dead letters (%s; R003-3, R003-21, R003-23, R003-26, R003-27, R003-51)',
    async (step) => {
      const before = await pipeline.counters();
      const repair = await breakStep(step);
      const payload = { step };
      const id = await pipeline.send(payload, { metadata: { tags: ['x'] } });
      await exhaust();
      await repair();
      const error = { code: 'ATTEMPTS_EXHAUSTED', message: 'the disk is full' };
      expect(await pipeline.letters(id)).toMatchObject([
        {
          step,
          reason: 'retries_exhausted',
          error,
          payload,
          attempts: 4,
          retry_attempt: 0,
          run_id: `event-${id}`,
          replayed_at: null,
        },
      ]);
      expect(await pipeline.row(id)).toMatchObject({ status: 'failed', payload, metadata: { tags: ['x'] } });
      expect(await pipeline.run(id)).toMatchObject({
        state: 'failed',
        status: 'failed',
        output: { event_id: id, status: 'failure', error: 'the disk is full' },
      });
      expect(await pipeline.counters()).toEqual({ ...before, total: before.total + 1, failed: before.failed + 1 });
    },
  );

  it('is told in the log with everything that identifies it (R003-25, R003-39, R003-51)', async () => {
    const said = jest.spyOn(service.live.app.get(Log), 'error');
    const sent = await pipeline.post({ payload: {} }, '?debug=dlq_routing', { 'x-correlation-id': 'corr-dead' });
    await pipeline.work();
    const { event_id } = sent.body.data;
    expect(said).toHaveBeenCalledWith(
      'event_failed',
      expect.objectContaining({ message: 'The event was sent to be refused' }),
      {
        message: 'Workflow failed',
        correlation_id: 'corr-dead',
        context: {
          event_id,
          workflow_id: `event-${event_id}`,
          step: 'store-event',
          reason: 'permanent',
          code: 'DEBUG',
          retry_attempt: 0,
        },
      },
    );
    said.mockRestore();
    expect(await pipeline.letters(event_id)).toMatchObject([{ correlation_id: 'corr-dead', attempts: 1 }]);
  });

  it('and whose failure cannot be written down either, is neither lost nor failed until it can be (R003-1)', async () => {
    const repair = await breakStep('mark-delivered');
    const id = await pipeline.send();
    await exhaustUntilLast();
    await service.rows('revoke insert on events.dead_letters from statewright_app');
    await expect(pipeline.pass('4s')).rejects.toThrow();
    expect([await pipeline.run(id), await pipeline.row(id), await pipeline.letters(id)]).toMatchObject([
      { state: 'delivering' },
      { status: 'pending' },
      [],
    ]);
    await service.rows('grant insert on events.dead_letters to statewright_app');
    await service.rows(
      `update engine.outbox set status = 'pending', claimed_by = null, claimed_until = null where status = 'claimed'`,
    );
    await pipeline.work();
    await repair();
    expect([await pipeline.run(id), await pipeline.row(id)]).toMatchObject([{ state: 'failed' }, { status: 'failed' }]);
    expect(await pipeline.letters(id)).toHaveLength(1);

    async function exhaustUntilLast(): Promise<void> {
      await pipeline.work();
      for (const seconds of [1, 2]) await pipeline.pass(`${seconds}s`);
    }
  });
});

describe('an event that is none', () => {
  const NO_OBJECT = 'Invalid payload: must be an object';
  it.each([
    ['a list', [], NO_OBJECT],
    ['null', null, NO_OBJECT],
    ['text', 'x', NO_OBJECT],
  ])(
    'with %s as payload goes to the dead letters at once, with a row that says failed (R003-7, R003-9, R003-27, R003-51)',
    async (_, payload, message) => {
      const before = await pipeline.counters();
      const event_id = randomUUID();
      await pipeline.batch([{ event_id, payload }]);
      await pipeline.work();
      const error = { code: 'VALIDATION', message };
      expect(await pipeline.letters(event_id)).toMatchObject([
        { step: 'validate-event', reason: 'validation', error, payload, attempts: 1, retry_attempt: 0 },
      ]);
      expect(await pipeline.row(event_id)).toMatchObject({ status: 'failed', payload });
      const output = { event_id, status: 'failure', error: message };
      expect(await pipeline.run(event_id)).toMatchObject({ status: 'failed', output });
      expect(await pipeline.counters()).toEqual({ ...before, total: before.total + 1, failed: before.failed + 1 });
    },
  );

  const NO_METADATA = 'Invalid metadata: must be an object if present';
  it.each([
    [0, NO_METADATA],
    ['', NO_METADATA],
    [false, NO_METADATA],
    [[], NO_METADATA],
    [{ priority: 'urgent' }, 'Invalid metadata: metadata.priority must be one of low, medium, high, critical'],
    [{ x: 'y'.repeat(1_024) }, 'Invalid metadata: metadata must have at most 1024 bytes'],
  ])('goes there with such metadata, too: %j (R003-7, R003-8, R003-42)', async (metadata, message) => {
    const event_id = randomUUID();
    await pipeline.batch([{ event_id, payload: {}, metadata }]);
    await pipeline.work();
    expect(await pipeline.letters(event_id)).toMatchObject([{ reason: 'validation', error: { message } }]);
  });
});

describe('a run', () => {
  /** A run whose last step is due and not done. */
  async function almostDelivered(): Promise<{ eventId: string; id: string }> {
    const eventId = await pipeline.send({ old: true }, { timestamp: '2020-01-01T00:00:00Z' });
    const { id } = await pipeline.run(eventId);
    for (const step of ['validate-event', 'store-event', 'update-metrics']) await service.live.run(id, step);
    return { eventId, id };
  }
  /** The last step, done by a worker whose news of it does not arrive. */
  async function mark(eventId: string, id: string): Promise<unknown> {
    const run: EffectRun = {
      ...{ tenant: 'demo', instanceId: id, key: 'lost', attempt: 1, begun: 1, since: 0, correlationId: 'c' },
      signal: new AbortController().signal,
    };
    const named = { event_id: eventId, timestamp: '2020-01-01T00:00:00.000Z', correlation_id: 'c', since: 0 };
    return service.live.app.get(Steps).deliver(named, run);
  }
  const RUN_LIMIT = 'xstate.after.RUN_LIMIT.event';

  it('has 30 seconds from its start, whenever its event happened; then it has failed (R003-24, R003-51)', async () => {
    const before = await pipeline.counters();
    const { eventId, id } = await almostDelivered();
    const [timer] = await service.rows<{ seconds: number }>(
      `select extract(epoch from t.due_at - i.created_at)::float8 as seconds from engine.timers t join engine.instances i on i.id = t.instance_id where i.id = $1`,
      id,
    );
    expect(timer?.seconds).toBe(30);
    await service.live.fire(id, RUN_LIMIT);
    expect(await pipeline.run(eventId)).toMatchObject({ state: 'failed' });
    expect(await pipeline.letters(eventId)).toMatchObject([
      { step: 'mark-delivered', reason: 'timeout', error: { code: 'TIMEOUT' }, payload: { old: true }, attempts: 0 },
    ]);
    expect(await pipeline.counters()).toEqual({ ...before, total: before.total + 1, failed: before.failed + 1 });
    // A worker that was late by more than that changes nothing any more.
    expect(await mark(eventId, id)).toMatchObject({ kind: 'failed', code: 'SUPERSEDED' });
    expect(await pipeline.row(eventId)).toMatchObject({ status: 'failed' });
  });

  it('that is through has not failed because the news of it was late (R003-22)', async () => {
    const before = await pipeline.counters();
    const { eventId, id } = await almostDelivered();
    expect(await mark(eventId, id)).toEqual({ kind: 'done', output: null });
    await service.live.fire(id, RUN_LIMIT);
    expect(await pipeline.run(eventId)).toMatchObject({ state: 'delivered', status: 'done' });
    expect(await pipeline.letters(eventId)).toEqual([]);
    expect(await pipeline.counters()).toEqual({ ...before, total: before.total + 1, delivered: before.delivered + 1 });
    await service.live.prove(id);
  });

  it('takes its row along when an administrator forces it', async () => {
    const before = await pipeline.counters();
    const { eventId, id } = await almostDelivered();
    const force = (fromState: string, toState: string) =>
      service.done(
        'POST',
        `/admin/workflows/${id}/force-transition`,
        { fromState, toState, reason: 'the sender asked for it by telephone', runEntryEffects: false },
        'admin',
      );
    await force('delivering', 'failed');
    expect([await pipeline.row(eventId), await pipeline.letters(eventId)]).toMatchObject([
      { status: 'failed' },
      [{ reason: 'forced' }],
    ]);
    await force('failed', 'counting');
    expect(await pipeline.row(eventId)).toMatchObject({ status: 'pending' });
    await force('counting', 'delivered');
    expect(await pipeline.row(eventId)).toMatchObject({ status: 'delivered' });
    expect(await pipeline.counters()).toEqual({ ...before, total: before.total + 1, delivered: before.delivered + 1 });
  });
});

describe('debugging (R003-41)', () => {
  it('has a request refused, or answered with 500 although its event is taken', async () => {
    expect(await pipeline.post({ payload: {} }, '?debug=validation_error')).toMatchObject({
      status: 400,
      body: { code: 'INVALID_PAYLOAD' },
    });
    const { status, body } = await pipeline.post({ payload: {} }, '?debug=processing_error');
    const { code, event_id } = body as unknown as { code: string; event_id: string };
    expect([status, code]).toEqual([500, 'PROCESSING_ERROR']);
    await pipeline.work();
    expect(await pipeline.row(event_id)).toMatchObject({ status: 'delivered' });
    expect((await pipeline.post({ payload: {} }, '?debug=everything')).status).toBe(400);
  });

  it('holds an event up for 2 seconds', async () => {
    const id = await pipeline.send({}, {}, '?debug=queue_delay');
    await pipeline.work();
    expect(await pipeline.run(id)).toMatchObject({ state: 'received' });
    await service.live.fire((await pipeline.run(id)).id, 'xstate.after.QUEUE_DELAY.event.received');
    await service.rows(`update engine.outbox set next_attempt_at = engine.now() where status = 'pending'`);
    await pipeline.work();
    expect(await pipeline.run(id)).toMatchObject({ state: 'delivered' });
  });
});
