import { AppModule } from '../../src/app.module.js';
import { engineApi } from '../api/engine.app.js';

const running = engineApi((config) => [AppModule.with(config)]);

describe('events of two tenants', () => {
  it('do not see each other, whatever their ids and keys are', async () => {
    const event_id = 'order:same';
    const batch = { events: [{ event_id, payload: [] }] };
    await running().post('admin', '/api/events/batch', batch);
    await running().work();
    const { json } = await running().get('admin', '/admin/dlq');
    const [letter] = json['data'] as { id: number; event_id: string }[];
    expect(letter).toMatchObject({ event_id });
    for (const [method, path] of [
      ['GET', `/api/inbox/${event_id}`],
      ['POST', `/api/inbox/${event_id}/ack`],
      ['POST', `/api/inbox/${event_id}/retry`],
      ['GET', `/admin/dlq/${letter?.id}`],
      ['POST', `/admin/dlq/${letter?.id}/replay`],
    ] as const)
      expect([path, (await running().ask(method, path, { as: 'stranger' })).status]).toEqual([path, 404]);
    for (const list of ['/api/inbox', '/admin/dlq', '/api/metrics/history'])
      expect((await running().get('stranger', list)).json['data']).toEqual([]);
    expect((await running().get('stranger', '/api/events/metrics')).json).toMatchObject({
      total_events: 0,
      dlq_count: 0,
      last_failure_at: null,
    });

    // The same id and the same keys are theirs as well.
    const body = { payload: { ours: false }, metadata: { idempotency_key: 'same' } };
    const [ours, theirs] = [
      await running().post('admin', '/api/events', body, { 'idempotency-key': 'k' }),
      await running().post('stranger', '/api/events', body, { 'idempotency-key': 'k' }),
    ];
    expect((theirs.json['data'] as { event_id: string }).event_id).not.toBe(
      (ours.json['data'] as { event_id: string }).event_id,
    );
    await running().post('stranger', '/api/events/batch', { events: [{ event_id, payload: { theirs: true } }] });
    await running().work();
    expect((await running().get('stranger', `/api/inbox/${event_id}`)).json).toMatchObject({
      status: 'delivered',
      payload: { theirs: true },
    });
    expect((await running().get('admin', `/api/inbox/${event_id}`)).json).toMatchObject({
      status: 'failed',
      payload: [],
    });
  });
});
