import { Retention } from '../../src/automation/retention.js';
import { Automation } from '../support/automation.js';
import { workstream } from '../support/workstream.js';

const service = workstream({ EVENT_RETENTION_DAYS: '30' });
const automation = new Automation(service);

it('events go with their jobs and their log when they are old, unless something is still under way', async () => {
  const id = await automation.rule({ trigger: { event_types: ['old.*'] } });
  await automation.event('old.done');
  await service.work();
  await automation.event('old.waiting');
  const left = async () =>
    (
      await service.rows<{ type: string; jobs: number; logs: number }>(
        `select e.type, (select count(*)::int from automation.jobs j where j.event_id = e.event_id) as jobs,
                (select count(*)::int from automation.logs l where l.event_id = e.event_id) as logs
           from automation.events e order by e.received_at`,
      )
    ).map(({ type, jobs, logs }) => [type, jobs, logs]);
  await service.done('POST', '/admin/clock', { advance: '29d' }, 'admin');
  const retention = service.live.app.get(Retention);
  await retention.turn();
  expect(await left()).toEqual([
    ['old.done', 1, 2],
    ['old.waiting', 1, 1],
  ]);
  await service.done('POST', '/admin/clock', { advance: '2d' }, 'admin');
  await retention.turn();
  expect(await left()).toEqual([['old.waiting', 1, 1]]);
  expect((await automation.jobs(id)).map(({ status }) => status)).toEqual(['queued']);
  const histories = await service.rows(`select 1 from engine.instances where lifecycle = 'firing'`);
  expect(histories).toHaveLength(2);
});
