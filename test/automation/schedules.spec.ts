import { Automation, body } from '../support/automation.js';
import { TimerWorker } from '../../src/engine/workers/timer.worker.js';
import { workstream } from '../support/workstream.js';

const service = workstream();
const automation = new Automation(service);

interface View {
  rule_id: number;
  trigger: { schedule: { next_at: string | null; last_due_at: string | null } | null };
}

const scheduled = (schedule: object, more: object = {}) =>
  service.done<View>('POST', '/api/automation/rules', body({ trigger: { schedule }, ...more }));
const view = (id: number) => service.done<View>('GET', `/api/automation/rules/${id}`);
const fired = async (id: number) => (await automation.logs(id)).filter(({ outcome }) => outcome === 'fired').length;

describe('a rule with a schedule', () => {
  it('is set off when it is time, once each time, by a durable timer (R001-75)', async () => {
    const { rule_id: id, trigger } = await scheduled({ cron: '0 9 * * *', timezone: 'UTC' });
    expect(Date.parse(trigger.schedule?.next_at ?? '')).toBeGreaterThan(Date.now() - 60_000);
    await automation.pass('24h');
    expect(await fired(id)).toBe(1);
    const [event] = await service.rows<{ source: string; type: string; due: string }>(
      `select source, type, payload ->> 'due_at' as due from automation.events where source = 'schedule'`,
    );
    expect(event).toEqual({
      source: 'schedule',
      type: 'automation.scheduled',
      due: new Date(trigger.schedule?.next_at ?? 0).toISOString(),
    });
    await automation.pass('24h');
    expect(await fired(id)).toBe(2);
    await service.done('DELETE', `/api/automation/rules/${id}`);
  });

  it('that was due many times while nobody worked is set off once, and then goes on (R001-75)', async () => {
    const { rule_id: id } = await scheduled({ rrule: 'FREQ=DAILY;BYHOUR=6;BYMINUTE=0' });
    await automation.pass('10d');
    expect(await fired(id)).toBe(1);
    expect(Date.parse((await view(id)).trigger.schedule?.next_at ?? '')).toBeGreaterThan(
      Date.parse((await view(id)).trigger.schedule?.last_due_at ?? ''),
    );
    await automation.pass('1d');
    expect(await fired(id)).toBe(2);
    await service.done('DELETE', `/api/automation/rules/${id}`);
  });

  it('is set off once though two workers take its timer at the same moment', async () => {
    const { rule_id: id } = await scheduled({ cron: '*/5 * * * *' });
    await service.done('POST', '/admin/clock', { advance: '5m' }, 'admin');
    const timers = service.live.app.get(TimerWorker);
    await Promise.all([timers.turn(), timers.turn(), timers.turn()]);
    await service.work();
    expect(await fired(id)).toBe(1);
    await service.done('DELETE', `/api/automation/rules/${id}`);
  });

  it('is set off for a time that went by while nobody worked, though the rule was renamed since', async () => {
    const { rule_id: id } = await scheduled({ cron: '*/5 * * * *' });
    await service.done('POST', '/admin/clock', { advance: '6m' }, 'admin');
    await service.done('PATCH', `/api/automation/rules/${id}`, { name: 'Renamed' });
    await automation.pass('0s');
    expect(await fired(id)).toBe(1);
    await service.done('DELETE', `/api/automation/rules/${id}`);
  });

  it('follows its rule: changed, switched off and on, taken away', async () => {
    const { rule_id: id } = await scheduled({ cron: '0 * * * *' });
    const path = `/api/automation/rules/${id}`;
    const before = (await view(id)).trigger.schedule?.next_at;
    await service.done('PATCH', path, { trigger: { schedule: { cron: '0 0 1 1 *' } } });
    expect((await view(id)).trigger.schedule?.next_at).toMatch(/-01-01T00:00:00/);
    expect((await view(id)).trigger.schedule?.next_at).not.toBe(before);
    await service.done('PATCH', path, { is_enabled: false });
    expect((await view(id)).trigger.schedule?.next_at).toBeNull();
    await service.done('PATCH', path, { is_enabled: true, trigger: { schedule: { cron: '0 * * * *' } } });
    await automation.pass('1h');
    expect(await fired(id)).toBe(1);
    await service.done('DELETE', path);
    await automation.pass('3h');
    expect(await fired(id)).toBe(1);
    const left = await service.rows(
      `select 1 from engine.timers t join engine.instances i on i.id = t.instance_id where i.lifecycle = 'schedule' and t.fired_at is null`,
    );
    expect(left).toEqual([]);
  });

  it('does not set off other rules that wait for everything', async () => {
    const other = await automation.rule({ trigger: { event_types: ['*'] } });
    const { rule_id: id } = await scheduled({ cron: '*/10 * * * *' });
    await automation.pass('10m');
    expect(await fired(id)).toBe(1);
    expect((await automation.logs(other)).filter(({ event_type }) => event_type === 'automation.scheduled')).toEqual(
      [],
    );
  });
});
