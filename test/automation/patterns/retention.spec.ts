import { PatternsRetention } from '../../../src/automation/patterns/patterns.retention.js';
import { Patterns } from '../../support/patterns.js';
import { workstream } from '../../support/workstream.js';

const service = workstream({ EVENT_RETENTION_DAYS: '30' });
const patterns = new Patterns(service);

it('what patterns have seen, found and remembered goes when it is old (R002-22)', async () => {
  const id = await patterns.make({
    type: 'threshold',
    eventType: 'a',
    metric: 'COUNT(*)',
    operator: '>',
    value: 0,
    window: '1h',
  });
  await patterns.happens('a');
  const left = async () => {
    const [row] = await service.rows<object>(
      `select (select count(*)::int from automation.pattern_events) as events, (select count(*)::int from automation.pattern_matches) as matches,
              (select count(*)::int from automation.pattern_states) as states`,
    );
    return row;
  };
  const retention = service.live.app.get(PatternsRetention);
  await service.done('POST', '/admin/clock', { advance: '29d' }, 'admin');
  await retention.turn();
  expect(await left()).toEqual({ events: 1, matches: 1, states: 1 });
  await service.done('POST', '/admin/clock', { advance: '2d' }, 'admin');
  await retention.turn();
  expect(await left()).toEqual({ events: 0, matches: 0, states: 0 });
  expect((await patterns.read(id)).triggeredCount).toBe(1);
});
