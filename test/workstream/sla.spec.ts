import { TimerWorker } from '../../src/engine/workers/timer.worker.js';
import { SlaSweep } from '../../src/workstream/sla/sla.sweep.js';
import { workstream } from '../support/workstream.js';

const pipe = workstream();

interface Clock {
  clock_id: number;
  state: string;
  metric: string;
  due_at: Date;
  started_at: Date;
  reason: string | null;
}

const clocks = (type: string, id: number, metric?: string) =>
  pipe.rows<Clock>(
    `select clock_id, state, metric, due_at, started_at, reason from workstream.sla_clocks
      where tenant = 'demo' and item_type = $1 and item_id = $2 and ($3::text is null or metric = $3) order by clock_id`,
    type,
    id,
    metric ?? null,
  );
const breaches = (type: string, id: number) =>
  pipe.rows<{ reason_code: string; resolved: boolean; resolution: string | null }>(
    `select reason_code, resolved_at is not null as resolved, resolution from workstream.sla_breaches where tenant = 'demo' and item_type = $1 and item_id = $2 order by breach_id`,
    type,
    id,
  );
/** Moves business time while every worker stands still. */
const sleep = (by: string) => pipe.done('POST', '/admin/clock', { advance: by }, 'admin');
/** Starts the workers again: whatever is due fires. */
const wake = async () => {
  const worker = pipe.live.app.get(TimerWorker);
  while (await worker.turn());
};
const pass = async (by: string) => {
  await sleep(by);
  await wake();
};
const sweep = async () => {
  await pipe.rows(`update workstream.sla_sweeps set swept_at = '-infinity'`);
  while (await pipe.live.app.get(SlaSweep).turn());
};
const rule = (body: object) => pipe.done<{ rule_id: number; job_id: string }>('POST', '/api/sla/rules', body, 'admin');
const TRIAGE = { item_type: 'signal', metric: 'triage_sla', threshold_hrs: 24 };

afterEach(async () => {
  await pipe.done(
    'PUT',
    '/api/sla/calendar',
    { zone: null, monday: null, saturday: null, holidays: null, closedDays: null },
    'admin',
  );
  await rule(TRIAGE);
  await pipe.work();
});

describe('a signal that is left alone (R001-54 to R001-60)', () => {
  it('breaches its triage SLA at 24 hours, not earlier, and exactly once (R001-15, R001-57, R001-58)', async () => {
    const id = await pipe.signal();
    await pass('1439m');
    expect(await breaches('signal', id)).toEqual([]);
    await pass('1m');
    expect(await breaches('signal', id)).toEqual([{ reason_code: 'untouched', resolved: false, resolution: null }]);
    await pass('48h');
    await sweep();
    expect(await breaches('signal', id)).toHaveLength(1);
    expect(await clocks('signal', id)).toMatchObject([{ state: 'breached' }]);
  });

  it('breaches exactly once also when nobody worked at that moment, and several come back at once (R001-15, R001-58)', async () => {
    const id = await pipe.signal();
    await sleep('30h');
    expect(await breaches('signal', id)).toEqual([]);
    // Several workers come back at once, and the hourly look beside them.
    await Promise.all([wake(), wake(), sweep()]);
    expect(await breaches('signal', id)).toEqual([{ reason_code: 'untouched', resolved: false, resolution: null }]);
    // The warning lay before the breach and is no news after it.
    const events = await pipe.rows<{ type: string }>(
      `select o.type from engine.outbox o join workstream.sla_clocks k on k.tenant = o.tenant and k.workflow_instance_id = o.instance_id where k.item_type = 'signal' and k.item_id = $1 order by o.id`,
      id,
    );
    expect(events.map(({ type }) => type)).toEqual(['emit:sla.breached', 'workstream.slaAlert']);
  });

  it('is warned of before', async () => {
    const id = await pipe.signal();
    await pass('20h');
    const told = await pipe.rows(
      `select 1 from engine.outbox where type = 'emit:sla.warned' and (params ->> 'item_id')::bigint = $1`,
      id,
    );
    expect(told).toHaveLength(1);
    await pipe.work();
    expect(await pipe.done('GET', '/api/notifications', undefined, 'sales')).toMatchObject({
      data: expect.arrayContaining([expect.objectContaining({ type: 'sla_warned' })]),
    });
  });

  it('has its breach resolved by the first touch: an owner', async () => {
    const id = await pipe.signal();
    await pass('25h');
    await pipe.done('PUT', `/api/signals/${id}`, { owner_user_id: 'sally' });
    expect(await breaches('signal', id)).toEqual([
      { reason_code: 'untouched', resolved: true, resolution: expect.any(String) },
    ]);
    expect((await pipe.events('signal', id)).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['sla.breached', 'sla.resolved']),
    );
  });

  it('has its breach resolved by a candidate it is linked to, and by being put away', async () => {
    const [linked, archived, deleted] = [await pipe.signal(), await pipe.signal(), await pipe.signal()];
    await pass('25h');
    await pipe.candidate({ signal_ids: [linked] });
    await pipe.done('POST', `/api/signals/${archived}/archive`, {});
    await pipe.done('DELETE', `/api/signals/${deleted}`);
    for (const id of [linked, archived, deleted])
      expect(await breaches('signal', id)).toMatchObject([{ resolved: true }]);
  });

  it('that is touched in time breaches never', async () => {
    const id = await pipe.signal();
    await pass('5h');
    await pipe.done('PUT', `/api/signals/${id}`, { owner_user_id: 'sally' });
    await pass('100h');
    expect(await breaches('signal', id)).toEqual([]);
    expect(await clocks('signal', id)).toMatchObject([{ state: 'met' }]);
  });

  it('that comes in with an owner needs no clock', async () => {
    expect(await clocks('signal', await pipe.signal({ owner_user_id: 'sally' }))).toEqual([]);
  });
});

describe('working hours', () => {
  it('make 24 hours last three days, in the zone of the organisation (R001-58, R001-87)', async () => {
    await pipe.done('PUT', '/api/sla/calendar', { zone: 'America/New_York' }, 'admin');
    await rule({ ...TRIAGE, clock: 'business' });
    const id = await pipe.signal();
    const [clock] = await clocks('signal', id);
    const waited = Number(clock?.due_at) - Number(clock?.started_at);
    // Three working days of eight hours lie in at least two nights and at most two weekends.
    expect(waited).toBeGreaterThan(48 * 3_600_000);
    const due = new Intl.DateTimeFormat('en-US', {
      timeZone: 'America/New_York',
      weekday: 'short',
      hour: 'numeric',
      hourCycle: 'h23',
    });
    const parts = Object.fromEntries(due.formatToParts(Number(clock?.due_at)).map(({ type, value }) => [type, value]));
    expect(['Mon', 'Tue', 'Wed', 'Thu', 'Fri']).toContain(parts['weekday']);
    expect(Number(parts['hour'])).toBeGreaterThanOrEqual(9);
    expect(Number(parts['hour'])).toBeLessThanOrEqual(17);
    await pass('24h');
    expect(await breaches('signal', id)).toEqual([]);
    await pass('200h');
    expect(await breaches('signal', id)).toHaveLength(1);
  });

  it('that change move the clocks that count by them', async () => {
    await rule({ ...TRIAGE, clock: 'business' });
    const id = await pipe.signal();
    const [before] = await clocks('signal', id);
    const always = {
      monday: ['00:00-24:00'],
      tuesday: ['00:00-24:00'],
      wednesday: ['00:00-24:00'],
      thursday: ['00:00-24:00'],
      friday: ['00:00-24:00'],
      saturday: ['00:00-24:00'],
      sunday: ['00:00-24:00'],
    };
    await pipe.done('PUT', '/api/sla/calendar', always, 'admin');
    await pipe.work();
    const [after] = await clocks('signal', id);
    expect(Number(after?.due_at) - Number(after?.started_at)).toBe(24 * 3_600_000);
    expect(Number(before?.due_at)).toBeGreaterThan(Number(after?.due_at));
    await pipe.done(
      'PUT',
      '/api/sla/calendar',
      Object.fromEntries(Object.keys(always).map((day) => [day, null])),
      'admin',
    );
  });

  it.each([
    [{ zone: 'Mars/Olympus' }],
    [{ monday: ['17:00-09:00'] }],
    [{ monday: ['09:00-13:00', '12:00-17:00'] }],
    [{ holidays: 'XX' }],
    [{ closedDays: ['tomorrow'] }],
    [{ monday: [], tuesday: [], wednesday: [], thursday: [], friday: [], saturday: [], sunday: [] }],
    [{ nonsense: 1 }],
  ])('%j are refused', async (settings) =>
    expect(await pipe.ask('PUT', '/api/sla/calendar', settings, 'admin')).toMatchObject({
      status: 400,
      body: { code: 'WF006' },
    }),
  );
});

describe('a rule that changes', () => {
  it('shortens the clocks that run already', async () => {
    const id = await pipe.signal();
    await pass('5h');
    const { job_id } = await rule({ ...TRIAGE, threshold_hrs: 4 });
    await pipe.work();
    expect(await pipe.done('GET', `/api/workstream/jobs/${job_id}`, undefined, 'admin')).toMatchObject({
      status: 'done',
      failed: 0,
      progress_pct: 100,
    });
    await wake();
    expect(await breaches('signal', id)).toHaveLength(1);
  });

  it('lengthens them even when nobody has told them yet', async () => {
    const id = await pipe.signal();
    await rule({ ...TRIAGE, threshold_hrs: 48 });
    await pass('25h');
    expect(await breaches('signal', id)).toEqual([]);
    await pass('24h');
    expect(await breaches('signal', id)).toHaveLength(1);
  });

  it('raises nothing once it is inactive, and what it has raised stays', async () => {
    const late = await pipe.signal();
    await pass('25h');
    const fresh = await pipe.signal();
    await rule({ ...TRIAGE, is_active: false });
    await pass('25h');
    expect(await breaches('signal', fresh)).toEqual([]);
    expect(await clocks('signal', fresh)).toMatchObject([{ state: 'withdrawn' }]);
    expect(await breaches('signal', late)).toMatchObject([{ resolved: false }]);
    expect(await clocks('signal', await pipe.signal())).toEqual([]);
  });

  it('reaches what it missed when it was written past the service (R001-58)', async () => {
    await rule({ ...TRIAGE, is_active: false });
    await pipe.work();
    const id = await pipe.signal();
    await pass('30h');
    await pipe.rows(
      `INSERT INTO app.sla_rule(org_id, item_type, metric, threshold_hrs, is_active) VALUES (1, 'signal', 'triage_sla', 24, 1)`,
    );
    await sweep();
    await wake();
    expect(await breaches('signal', id)).toEqual([{ reason_code: 'untouched', resolved: false, resolution: null }]);
  });
});

describe('a pause', () => {
  it('lets the clock stand still and go on with what was left', async () => {
    const id = await pipe.signal();
    await pass('10h');
    const [clock] = await clocks('signal', id);
    await pipe.done('POST', `/api/sla/clocks/${clock?.clock_id}/pause`, { reason: 'waiting for the customer' });
    await pass('100h');
    expect(await clocks('signal', id)).toMatchObject([{ state: 'paused', reason: 'waiting for the customer' }]);
    await pipe.done('POST', `/api/sla/clocks/${clock?.clock_id}/resume`);
    await pass('13h');
    expect(await breaches('signal', id)).toEqual([]);
    await pass('1h');
    expect(await breaches('signal', id)).toHaveLength(1);
  });

  it('comes and goes with the states that the rule names', async () => {
    await rule({
      item_type: 'candidate',
      metric: 'stage_sla',
      stage: 'triaged',
      threshold_hrs: 10,
      pause_stages: ['triaged'],
    });
    const id = await pipe.candidate();
    await pipe.done('POST', `/api/candidates/${id}/status`, { to: 'triaged' });
    expect(await clocks('candidate', id, 'stage_sla')).toMatchObject([{ state: 'paused', reason: 'stage: triaged' }]);
    await rule({ item_type: 'candidate', metric: 'stage_sla', stage: 'triaged', threshold_hrs: 10 });
    await pipe.work();
    expect(await clocks('candidate', id, 'stage_sla')).toMatchObject([{ state: 'running' }]);
    await pass('11h');
    expect(await breaches('candidate', id)).toMatchObject([{ reason_code: 'stage_overdue', resolved: false }]);
    await pipe.done('POST', `/api/candidates/${id}/status`, { to: 'nurture' });
    expect(await breaches('candidate', id)).toMatchObject([{ resolved: true }]);
    await rule({ item_type: 'candidate', metric: 'stage_sla', stage: 'triaged', threshold_hrs: 10, is_active: false });
  });
});

describe('promises of candidates and pursuits', () => {
  it('begin with the promotion and are kept by the submission', async () => {
    const id = await pipe.pursuit();
    expect(await clocks('candidate', id, 'proposal_sla')).toMatchObject([{ state: 'running' }]);
    await pass('73h');
    expect(await breaches('candidate', id)).toMatchObject([{ reason_code: 'unsubmitted', resolved: false }]);
    await pipe.advance(id, 'submit');
    expect(await breaches('candidate', id)).toMatchObject([{ resolved: true }]);
    expect(await clocks('pursuit', id, 'response_sla')).toMatchObject([{ state: 'running' }]);
  });

  it('to hear from the prospect are kept by an answer', async () => {
    const id = await pipe.pursuit();
    await pipe.advance(id, 'submit');
    await pass('97h');
    expect(await breaches('pursuit', id)).toMatchObject([{ reason_code: 'response_overdue', resolved: false }]);
    expect((await pipe.ask('POST', `/api/pursuits/${id}/responses`, { received_at: '2999-01-01' })).status).toBe(400);
    expect(await pipe.ask('POST', `/api/pursuits/${id}/responses`, { note: 'They will call back.' })).toMatchObject({
      status: 201,
      body: { pursuit_id: id, note: 'They will call back.' },
    });
    expect(await breaches('pursuit', id)).toMatchObject([{ resolved: true, resolution: 'response logged' }]);
    await sweep();
    expect(await clocks('pursuit', id, 'response_sla')).toHaveLength(1);
  });

  it('begin anew with a newer proposal', async () => {
    const id = await pipe.pursuit();
    await pipe.advance(id, 'submit');
    await pass('50h');
    const { proposal_id } = await pipe.done<{ proposal_id: number }>('POST', `/api/pursuits/${id}/proposals`, {});
    await pipe.done('POST', `/api/pursuits/proposals/${proposal_id}/send`);
    expect(await clocks('pursuit', id, 'response_sla')).toMatchObject([
      { state: 'withdrawn', reason: 'begun anew' },
      { state: 'running' },
    ]);
    await pass('90h');
    expect(await breaches('pursuit', id)).toEqual([]);
    await pass('7h');
    expect(await breaches('pursuit', id)).toHaveLength(1);
  });

  it('end with the pursuit', async () => {
    const id = await pipe.pursuit();
    await pipe.advance(id, 'submit');
    await pass('97h');
    await pipe.clear(id, 'submit_to_close');
    await pipe.done('POST', `/api/pursuits/${id}/won`);
    expect(await breaches('pursuit', id)).toMatchObject([{ resolved: true }]);
  });
});

describe('SLA over HTTP', () => {
  it('lists the rules of the product, and takes the words of the quick start (R001-14)', async () => {
    const { data } = await pipe.done<{ data: object[] }>('GET', '/api/sla/rules');
    expect(data).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ item_type: 'signal', metric: 'triage_sla', threshold_hrs: 24, is_active: true }),
        expect.objectContaining({ item_type: 'candidate', metric: 'proposal_sla', threshold_hrs: 72 }),
        expect.objectContaining({ item_type: 'pursuit', metric: 'response_sla', threshold_hrs: 96 }),
      ]),
    );
    expect(await pipe.ask('POST', '/api/sla/rules', { org_id: 1, ...TRIAGE, is_active: true }, 'admin')).toMatchObject({
      status: 200,
    });
  });

  it.each([
    [{ ...TRIAGE, metric: 'proposal_sla' }],
    [{ ...TRIAGE, threshold_hrs: 0 }],
    [{ ...TRIAGE, stage: 'new' }],
    [{ item_type: 'candidate', metric: 'stage_sla', threshold_hrs: 1 }],
    [{ ...TRIAGE, active_from: '2026-02-01', active_to: '2026-01-01' }],
    [{ ...TRIAGE, is_active: 'yes' }],
  ])('refuses %j', async (body) => expect((await pipe.ask('POST', '/api/sla/rules', body, 'admin')).status).toBe(400));

  it('takes submit_sla for response_sla (R001-55), and rules of one organisation only', async () => {
    expect(await rule({ item_type: 'pursuit', metric: 'submit_sla', threshold_hrs: 96 })).toMatchObject({
      metric: 'response_sla',
    });
    expect((await pipe.ask('POST', '/api/sla/rules', { ...TRIAGE, org_id: 2 }, 'admin')).status).toBe(403);
    expect((await pipe.ask('POST', '/api/sla/rules', TRIAGE, 'viewer')).status).toBe(403);
    expect((await pipe.ask('GET', '/api/sla/rules/0')).status).toBe(400);
    expect((await pipe.ask('GET', '/api/sla/rules/999999')).status).toBe(404);
  });

  it('shows breaches newest first, and how many promises were kept', async () => {
    const id = await pipe.signal();
    const kept = await pipe.signal();
    await pipe.done('PUT', `/api/signals/${kept}`, { owner_user_id: 'sally' });
    await pass('25h');
    expect(await pipe.done('GET', '/api/sla/breaches?status=open&item_type=signal&limit=1')).toMatchObject({
      data: [{ item_id: id, metric: 'triage_sla', reason_code: 'untouched', resolved_at: null, org_id: 1 }],
      pagination: { page: 1, limit: 1, total: expect.any(Number) },
    });
    expect(await pipe.done('GET', `/api/sla/clocks?item_type=signal&item_id=${id}`)).toMatchObject({
      data: [{ state: 'breached' }],
      pagination: { total: 1 },
    });
    const { data, compliance_pct } = await pipe.done<{ data: Record<string, number>[]; compliance_pct: number }>(
      'GET',
      '/api/sla/compliance',
    );
    const triage = data.find((row) => String(row['metric']) === 'triage_sla');
    expect(triage?.['met']).toBeGreaterThan(0);
    expect(triage?.['breached']).toBeGreaterThan(0);
    expect(compliance_pct).toBeGreaterThan(0);
    expect(compliance_pct).toBeLessThan(100);
  });

  it("answers the operator's question as it is written (R001-84)", async () => {
    const id = await pipe.signal();
    await pass('25h');
    const rows = await pipe.rows<{ item_id: string; org_id: number }>(
      'SELECT * FROM app.sla_breach WHERE resolved_at IS NULL ORDER BY breached_at DESC',
    );
    expect(rows[0]).toMatchObject({ org_id: 1, item_type: 'signal', reason_code: 'untouched' });
    expect(rows.map((row) => Number(row.item_id))).toContain(id);
  });
});
