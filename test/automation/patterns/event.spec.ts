import { Matching } from '../../../src/automation/patterns/matching.js';
import { Patterns } from '../../support/patterns.js';
import { step, Workflows } from '../../support/workflows.js';
import { workstream } from '../../support/workstream.js';

const service = workstream();
const patterns = new Patterns(service);
const workflows = new Workflows(service);
const SIGNUP = { type: 'event', eventType: 'user.signup', conditions: { plan: 'enterprise' } };

describe('a pattern for one event', () => {
  it('starts its workflow with the data of the event that it matches, and keeps the event (R002-29, R002-36, R002-37)', async () => {
    const id = await patterns.make(SIGNUP);
    const data = { plan: 'enterprise', email: 'a@b.example' };
    const hit = await patterns.happens('user.signup', data, { user_id: 'u1' });
    await patterns.happens('user.signup', { plan: 'free' });
    await patterns.happens('user.login', { plan: 'enterprise' });
    const [match, ...others] = await patterns.matches(id);
    expect(others).toEqual([]);
    expect(match).toMatchObject({ version: 1, outcome: 'started', events: [{ id: hit, type: 'user.signup', data }] });
    expect(await patterns.executions(id)).toMatchObject([
      {
        id: match?.executionId,
        status: 'completed',
        input: data,
        triggeredBy: { type: 'pattern', id, event: { id: hit, type: 'user.signup', userId: 'u1', data } },
        output: { given: { event: { id: hit }, input: data } },
      },
    ]);
    expect(await patterns.read(id)).toMatchObject({ triggeredCount: 1, lastTriggered: expect.any(String) });
  });

  it('starts nothing twice, however often the delivery of an event is told (R002-17, R002-25)', async () => {
    const id = await patterns.make(SIGNUP);
    const count = await patterns.make({
      ...{ type: 'threshold', eventType: 'user.signup', metric: 'COUNT(*)', operator: '>=', value: 1, window: '1s' },
      groupBy: 'data.email',
    });
    const eventId = await patterns.happens('user.signup', { plan: 'enterprise', email: 'twice@b.example' });
    const run = { tenant: 'demo' } as Parameters<Matching['match']>[1];
    const matching = service.live.app.get(Matching);
    const ended = { lifecycle: 'event', ended: 'delivered', output: { event_id: eventId } };
    await Promise.all([1, 2, 3].map(() => matching.match(ended, run)));
    await patterns.events.post({ event_id: eventId, payload: { plan: 'enterprise' } });
    await service.work();
    expect((await patterns.read(id)).triggeredCount).toBe(1);
    expect((await patterns.read(count)).triggeredCount).toBe(1);
    const [rows] = await service.rows<{ n: number }>(
      `select count(*)::int as n from automation.executions where triggered_by ->> 'id' = $1`,
      id,
    );
    expect(rows?.n).toBe(1);
  });

  it('is not told of events of a tenant that has no pattern: no effect is written down', async () => {
    await service.rows(`update automation.patterns set is_enabled = false`);
    await patterns.happens('user.signup', { plan: 'enterprise', email: 'nobody@b.example' });
    const before = await effects();
    await patterns.happens('user.signup', { plan: 'enterprise' });
    expect(await effects()).toBe(before);
    const id = await patterns.make(SIGNUP);
    await patterns.happens('user.signup', { plan: 'enterprise' });
    expect(await effects()).toBe(before + 1);
    expect((await patterns.read(id)).triggeredCount).toBe(1);
  });

  it('starts nothing when it or its workflow is switched off, and is switched off when that is deleted (R002-36)', async () => {
    const workflowId = await workflows.made([step.delay('rest', '1h')]);
    const id = await patterns.make(SIGNUP, { workflowId });
    const signup = () => patterns.happens('user.signup', { plan: 'enterprise' });
    await patterns.change(id, { enabled: false });
    await signup();
    expect(await patterns.matches(id)).toEqual([]);
    await patterns.change(id, { enabled: true });
    await service.done('PATCH', `/api/automation/workflows/${workflowId}`, { enabled: false });
    await signup();
    expect(await patterns.matches(id)).toMatchObject([{ outcome: 'workflow_unavailable', executionId: null }]);
    await service.done('DELETE', `/api/automation/workflows/${workflowId}`);
    expect(await patterns.read(id)).toMatchObject({ enabled: false });
    expect((await service.ask('PATCH', `/api/automation/patterns/${id}`, { enabled: true })).status).toBe(400);
  });

  it('is another version when it looks for something else, and the same event is another match of it (R002-11, R002-25)', async () => {
    const id = await patterns.make(SIGNUP);
    await patterns.happens('user.signup', { plan: 'enterprise' });
    expect(await patterns.change(id, { name: 'Renamed' })).toMatchObject({ version: 1, name: 'Renamed' });
    expect(await patterns.change(id, { pattern: { type: 'event', eventType: 'user.*' } })).toMatchObject({
      version: 2,
    });
    await patterns.happens('user.left');
    expect((await patterns.matches(id)).map(({ version }) => version)).toEqual([1, 2]);
    const versions = await service.rows('select version from automation.pattern_versions where pattern_id = $1', id);
    expect(versions).toEqual([{ version: 1 }, { version: 2 }]);
  });

  it('that came of patterns and rules five deep sets nothing off, so that they do not set each other off for ever', async () => {
    const id = await patterns.make(SIGNUP);
    const eventId = await patterns.events.send({ plan: 'enterprise' }, { metadata: { type: 'user.signup' } });
    await service.rows(
      `update engine.instances set snapshot = replace(snapshot::text, '"correlation_id":"', '"correlation_id":"rule:5:')::json where keys ->> 'eventId' = '${eventId}'`,
    );
    await service.work();
    expect((await patterns.events.row(eventId))?.correlation_id).toMatch(/^rule:5:/);
    expect(await patterns.matches(id)).toEqual([]);
  });

  it('whose workflow cannot be started is noted, and holds up no other pattern', async () => {
    const broken = await patterns.make(SIGNUP, { id: 'a_broken_one' });
    const good = await patterns.make(SIGNUP, { id: 'b_good_one' });
    const workflowId = await workflows.made([step.delay('rest', '1h')]);
    await patterns.change(broken, { workflowId });
    await service.rows(
      `update automation.workflow_versions set plan = '{"steps":7}' where workflow_id = $1`,
      workflowId,
    );
    await patterns.happens('user.signup', { plan: 'enterprise' });
    expect(await patterns.read(broken)).toMatchObject({ triggeredCount: 0, lastError: expect.any(String) });
    expect((await patterns.read(good)).triggeredCount).toBe(1);
  });
});

const effects = async (): Promise<number> => {
  const [row] = await service.rows<{ n: number }>(
    `select count(*)::int as n from engine.outbox where type = 'patterns.match'`,
  );
  return row?.n ?? 0;
};
