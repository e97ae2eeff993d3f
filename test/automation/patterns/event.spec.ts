import { Patterns } from '../../support/patterns.js';
import { workstream } from '../../support/workstream.js';

const service = workstream();
const patterns = new Patterns(service);

describe('a pattern for one event', () => {
  it('matches the events of its type that fit its conditions, each once, and keeps them (R002-29, R002-36)', async () => {
    const id = await patterns.make({ type: 'event', eventType: 'user.signup', conditions: { plan: 'enterprise' } });
    const hit = await patterns.happens('user.signup', { plan: 'enterprise', email: 'a@b.example' });
    await patterns.happens('user.signup', { plan: 'free' });
    await patterns.happens('user.login', { plan: 'enterprise' });
    expect(await patterns.matches(id)).toMatchObject([
      { version: 1, events: [{ id: hit, type: 'user.signup', data: { plan: 'enterprise', email: 'a@b.example' } }] },
    ]);
    expect(await patterns.read(id)).toMatchObject({ triggeredCount: 1, lastTriggered: expect.any(String) });
  });
});
