import { event } from '../../machines/event.js';
import type { InstanceView } from '../../src/engine/reading.js';
import { liveService, type LiveService } from '../support/live.js';
import { coverEveryTransition, type Realisation } from '../support/model.js';

const at = Date.UTC(2026, 0, 5, 12);
const valid = {
  event_id: 'evt-model',
  payload: { a: 1 },
  metadata: { tags: [] },
  timestamp: '2026-01-05T11:00:00.000Z',
  correlation_id: 'model',
};
const input = (debug: string | null) => ({
  ...{ ...valid, instanceId: 'wf_model', tenant: 'demo', at },
  ...{ retry_attempt: 0, run_id: 'event-evt-model', debug },
});
const marked = (isMarked: boolean) => ({ at, facts: { isMarked } });
const error = { code: 'ATTEMPTS_EXHAUSTED', message: 'no' };
const refused = { ...marked(false), error };

const exploration = (debug: string | null) => ({
  input: input(debug),
  cases: {
    'xstate.done.actor.validate-event': [{ at, facts: {}, output: valid }],
    'xstate.done.actor.store-event': [
      { at, facts: {}, output: { event_id: valid.event_id, status: 'pending', stored_at: valid.timestamp } },
    ],
    'xstate.error.actor.validate-event': [refused],
    'xstate.error.actor.store-event': [refused],
    'xstate.error.actor.update-metrics': [refused],
    'xstate.error.actor.mark-delivered': [refused, { ...marked(true), error }],
    'xstate.after.RUN_LIMIT.event': [marked(false), marked(true)],
  },
  facets: () => null,
});

/** Has the handler of a job find something that it refuses for good. */
const spoil =
  (change: string) =>
  async ({ type }: { type: string }, { id }: InstanceView, live: LiveService): Promise<void> => {
    if (type.startsWith('xstate.error.'))
      await live.owner.query(
        `update engine.outbox set params = (params::jsonb || $2::jsonb)::json where instance_id = $1 and kind = 'job' and status = 'pending'`,
        [id, change],
      );
  };

const realisation = (debug: string | null): Realisation => ({
  async start(live) {
    const query = debug === null ? '' : `?debug=${debug}`;
    const { body } = await live.call('POST', `/api/events${query}`, {
      payload: valid.payload,
      metadata: valid.metadata,
    });
    const { event_id } = body['data'] as { event_id: string };
    const { rows } = await live.owner.query<{ id: string }>(
      'select instance_id as id from events.runs where event_id = $1',
      [event_id],
    );
    return String(rows[0]?.id);
  },
  arrange: {
    // The row says whether the event is marked, wherever its run is.
    isMarked: async (isMarked, { id, context }, live) => {
      const { event_id } = context as unknown as { event_id: string };
      if (isMarked === true)
        await live.owner.query(
          `insert into events.events (tenant, event_id, instance_id, payload, status, created_at, updated_at, stored_at, correlation_id, payload_hash, counted_at)
           values ('demo', $1, $2, '{}', 'delivered', now(), now(), now(), 'model', '', now())
           on conflict (tenant, event_id) do update set status = 'delivered'`,
          [event_id, id],
        );
    },
  },
  outcome: {
    'validate-event': spoil('{"payload":[]}'),
    'store-event': spoil('{"doomed":true}'),
    'mark-delivered': spoil('{"event_id":"another"}'),
    'update-metrics': async ({ type }, _, live) => {
      if (!type.startsWith('xstate.error.')) return undefined;
      await live.owner.query('revoke execute on function events.count(text[]) from public');
      return async () => void (await live.owner.query('grant execute on function events.count(text[]) to public'));
    },
  },
});

// R003-6, R003-24, R003-41, R003-51: every way a run can go, through the live service.
coverEveryTransition(
  event,
  [null, 'queue_delay'].map((debug) => ({ exploration: exploration(debug), realisation: realisation(debug) })),
);

describe('event: everything from outside is refused', () => {
  const service = liveService();
  const STEPS = ['validate-event', 'store-event', 'update-metrics', 'mark-delivered'];
  const FORGED = [
    'event.none',
    'xstate.init',
    'xstate.stop',
    ...STEPS.flatMap((step) => [`xstate.done.actor.${step}`, `xstate.error.actor.${step}`]),
    'xstate.after.RUN_LIMIT.event',
    'xstate.after.QUEUE_DELAY.event.received',
  ];

  it.each([
    ['validating', 0],
    ['storing', 1],
    ['counting', 2],
    ['delivering', 3],
    ['delivered', 4],
  ])('in %s', async (state, steps) => {
    const live = await service();
    const id = await realisation(null).start(live);
    for (const step of STEPS.slice(0, steps)) await live.run(id, step);
    expect((await live.read(id)).state).toBe(state);
    const before = await live.fingerprint(id);
    for (const type of FORGED) {
      const payload = { output: valid, error };
      const { status } = await live.call('POST', `/api/instances/${id}/events`, { type, payload });
      expect([type, status]).toEqual([type, status === 409 ? 409 : 400]);
    }
    expect(await live.fingerprint(id)).toEqual(before);
  });
});
