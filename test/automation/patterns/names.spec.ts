import { Patterns } from '../../support/patterns.js';
import { workstream } from '../../support/workstream.js';

const service = workstream();
const patterns = new Patterns(service);

describe('an event says what it is beside its payload (R002-16)', () => {
  it('and patterns and queries see it so', async () => {
    const id = await patterns.make({ type: 'event', eventType: 'cart.updated' });
    const names = { type: 'cart.updated', source: 'web', userId: 'ann@shop.example', sessionId: 's:1' };
    const eventId = await patterns.events.send({ total: 3 }, { ...names, metadata: { tags: ['a'], user_id: 'bob' } });
    await service.work();
    expect(await patterns.matches(id)).toMatchObject([{ events: [{ id: eventId, ...names, data: { total: 3 } }] }]);
    const { body } = await patterns.query('select type, source, user_id, session_id, metadata from events');
    expect(body.data).toEqual([
      {
        ...{ type: 'cart.updated', source: 'web', user_id: 'ann@shop.example', session_id: 's:1' },
        metadata: {
          ...{ type: 'cart.updated', source: 'web', tags: ['a'] },
          user_id: 'ann@shop.example',
          session_id: 's:1',
        },
      },
    ]);
  });

  it('in names of up to 200 characters, or is refused', async () => {
    for (const names of [{ type: '' }, { source: 'a b' }, { userId: 'x'.repeat(201) }, { sessionId: 7 }])
      expect((await patterns.events.post({ payload: {}, ...names })).status).toBe(400);
    expect((await patterns.events.post({ payload: {}, type: 'a.b', metadata: [] })).body.code).toBe(
      'INVALID_METADATA_TYPE',
    );
  });
});
