import type { Role } from '../../src/auth/caller.js';
import { isOwn } from '../../src/automation/events/event.names.js';
import { Automation, body } from '../support/automation.js';
import { workstream } from '../support/workstream.js';

const service = workstream();
const automation = new Automation(service);

describe('an event from outside', () => {
  it('sets off the rules that wait for it, whose actions are then done (R001-75, R001-77)', async () => {
    const id = await automation.rule({
      trigger: { event_types: ['order.*'] },
      conditions: { '==': [{ var: 'payload.kind' }, 'big'] },
      actions: [
        {
          type: 'comms.escalate',
          params: { to: 'sally', subject: 'Order {{ payload.no }}', body: 'By {{ event.actor }}' },
        },
        {
          type: 'engagements.create_task',
          params: { assignee_id: 'bob', title: 'Pack {{ payload.no }}', due_at: '2030-01-01' },
        },
      ],
    });
    const accepted = await automation.event('order.placed', { kind: 'big', no: 17 });
    expect(accepted).toMatchObject({
      status: 202,
      body: { event_type: 'order.placed', duplicate: false, fired: [{ rule_id: id }] },
    });
    expect((await automation.jobs(id)).map(({ status }) => status)).toEqual(['queued', 'queued']);
    await service.work();
    const jobs = await automation.jobs(id);
    expect(jobs).toEqual([
      expect.objectContaining({ action_type: 'comms.escalate', status: 'succeeded', attempts: 1, error: null }),
      expect.objectContaining({ action_type: 'engagements.create_task', kind: 'task', status: 'succeeded' }),
    ]);
    expect(jobs[0]?.idempotency_key).toMatch(new RegExp(`^${id}:${accepted.body.event_id}:[0-9a-f]{16}$`));
    expect((await automation.logs(id)).map(({ outcome }) => outcome)).toEqual(['fired', 'succeeded', 'succeeded']);
    const messages = await service.rows<{ user_id: string; subject: string }>(
      `select user_id, subject from notifications.messages where type in ('rule_escalation', 'task_assigned') order by user_id`,
    );
    expect(messages).toEqual([
      { user_id: 'bob', subject: 'Task: Pack 17' },
      { user_id: 'sally', subject: 'Order 17' },
    ]);
  });

  it('sets off nothing when the condition is not met, and the log says which part was not', async () => {
    const id = await automation.rule({ conditions: { or: [{ var: 'payload.a' }, { '!': { var: 'payload.b' } }] } });
    expect((await automation.event('demo.happened', { a: 0, b: true })).body.fired).toEqual([]);
    expect(await automation.logs(id)).toMatchObject([
      {
        outcome: 'unmatched',
        detail: { account: { op: 'or', result: false, parts: [{ given: { 'payload.a': 0 } }, { op: '!' }] } },
      },
    ]);
    await service.done('DELETE', `/api/automation/rules/${id}`);
  });

  it('is the same event within 24 hours under the same dedupe_key, and another one after (R001-76)', async () => {
    const first = await automation.event('dedupe.me', { n: 1 }, { dedupe_key: 'k-1' });
    const again = await automation.event('dedupe.me', { n: 2 }, { dedupe_key: 'k-1' });
    expect(again).toMatchObject({ status: 200, body: { event_id: first.body.event_id, duplicate: true, fired: [] } });
    const racing = await Promise.all(
      Array.from({ length: 6 }, () => automation.event('dedupe.me', {}, { dedupe_key: 'k-2' })),
    );
    expect(racing.filter(({ status }) => status === 202)).toHaveLength(1);
    expect(new Set(racing.map(({ body }) => body.event_id)).size).toBe(1);
    await automation.pass('24h');
    expect(await automation.event('dedupe.me', { n: 3 }, { dedupe_key: 'k-1' })).toMatchObject({
      status: 202,
      body: { duplicate: false },
    });
  });

  it('answers the same Idempotency-Key again, and refuses it for another body', async () => {
    const send = (payload: object) =>
      service.ask('POST', '/api/automation/events', { event_type: 'keyed.event', payload }, 'sales', {
        'idempotency-key': 'e-1',
      });
    const first = await send({ n: 1 });
    expect(await send({ n: 1 })).toMatchObject({
      status: 200,
      body: { event_id: first.body['event_id'], duplicate: true },
    });
    expect(await send({ n: 2 })).toMatchObject({ status: 422, body: { code: 'IDEMPOTENCY_KEY_REUSED' } });
  });

  it.each([
    ['no name', { payload: {} }],
    ['a name with a space', { event_type: 'won it' }],
    ['a name without a dot', { event_type: 'won' }],
    ['a name that is no text', { event_type: { $ne: 1 } }],
    ['a payload that is a list', { event_type: 'a.b', payload: [] }],
    ['a payload that is too large', { event_type: 'a.b', payload: { x: 'y'.repeat(40_000) } }],
    ['a tenant of its choice', { event_type: 'a.b', tenant: 'other' }],
    ['a key with a line break', { event_type: 'a.b', dedupe_key: 'a\nb' }],
    ['a moment that is none', { event_type: 'a.b', occurred_at: 'yesterday' }],
  ])('is refused with %s, and nothing is stored', async (_, given) => {
    const before = await service.rows('select count(*) as count from automation.events');
    expect(await service.ask('POST', '/api/automation/events', given)).toMatchObject({ status: 400 });
    expect(await service.rows('select count(*) as count from automation.events')).toEqual(before);
  });

  it('is taken under its canonical name, whatever its sender calls it (R001-79)', async () => {
    const id = await automation.rule({ trigger: { event_types: ['Pursuit.Won'] } });
    for (const name of ['pursuit.won', 'Pursuit.Won', 'Workstream.PursuitWon', 'PursuitWon'])
      expect(await automation.event(name)).toMatchObject({
        body: { event_type: 'pursuit.won', fired: [{ rule_id: id }] },
      });
    await service.done('DELETE', `/api/automation/rules/${id}`);
  });
});

describe("an event of the service's own name", () => {
  const told = (role: Role) =>
    service.ask<{ fired: { rule_id: number }[] }>(
      'POST',
      '/api/automation/events',
      { event_type: 'Workstream.PursuitWon', payload: { by: role } },
      role,
    );
  const ruleOf = async (role: Role, more: object = {}) => {
    const rule = body({ trigger: { event_types: ['pursuit.won'] }, ...more });
    return Number((await service.done('POST', '/api/automation/rules', rule, role))['rule_id']);
  };
  const firedBy = async (role: Role) => (await told(role)).body.fired.map(({ rule_id }) => rule_id);

  it('lends nobody who writes it by hand the rights of a rule that he does not have (R001-77, R001-79)', async () => {
    const [mine, admins] = [await ruleOf('sales'), await ruleOf('admin')];
    expect(await firedBy('sales')).toEqual([mine]);
    expect(await automation.logs(admins)).toMatchObject([
      { outcome: 'disbelieved', event_type: 'pursuit.won', detail: { teller: ['sales'], owner: ['admin'] } },
    ]);
    for (const role of ['admin', 'operator', 'service'] as const) expect(await firedBy(role)).toEqual([mine, admins]);
    for (const rule of [mine, admins])
      await service.done('DELETE', `/api/automation/rules/${rule}`, undefined, 'admin');
  });

  it('is no more when a rule makes it, at once or later', async () => {
    const admins = await ruleOf('admin');
    const event = { event_type: 'pursuit.won', payload: {} };
    const forging = await automation.rule({
      trigger: { event_types: ['forge.it'] },
      actions: [
        { type: 'automation.emit_event', params: event },
        { type: 'automation.schedule_followup', params: { in: '1h', ...event } },
      ],
    });
    await automation.event('forge.it');
    await service.work();
    await automation.pass('61m');
    expect(await automation.jobs(forging)).toMatchObject([{ status: 'succeeded' }, { status: 'succeeded' }]);
    expect((await automation.logs(admins)).map(({ outcome }) => outcome)).toEqual(['disbelieved', 'disbelieved']);
    await service.done('DELETE', `/api/automation/rules/${admins}`, undefined, 'admin');
  });

  it('is believed when the service tells of it, and any other name whoever tells of it', async () => {
    const admins = await ruleOf('admin', { trigger: { event_types: ['signal.created', 'order.placed'] } });
    await service.signal({ owner_user_id: 'bob' });
    await service.work();
    expect((await automation.event('order.placed')).body.fired).toEqual([{ rule_id: admins, name: 'A rule' }]);
    expect((await automation.logs(admins)).filter(({ outcome }) => outcome === 'fired')).toHaveLength(2);
    await service.done('DELETE', `/api/automation/rules/${admins}`, undefined, 'admin');
    // Every event that the service has told of so far in this file bears a name that is taken for its own.
    const names = await service.rows<{ type: string }>(
      `select distinct substr(type, 6) as type from engine.outbox where kind = 'emit'`,
    );
    expect(names.map(({ type }) => type).filter((type) => !isOwn(type) && type !== 'check.again')).toEqual([]);
  });
});

describe('what a rule may cost', () => {
  it('fires as often as its limit says within the time it says, also when events come at once (R001-75)', async () => {
    const id = await automation.rule({ trigger: { event_types: ['often.now'] }, throttle: { per: 'hour', limit: 3 } });
    const answers = await Promise.all(Array.from({ length: 8 }, () => automation.event('often.now')));
    expect(answers.filter(({ body }) => body.fired.length > 0)).toHaveLength(3);
    expect((await automation.logs(id)).filter(({ outcome }) => outcome === 'throttled')).toHaveLength(5);
    await automation.pass('61m');
    expect((await automation.event('often.now')).body.fired).toHaveLength(1);
  });

  it('ends a condition that takes too many steps, and the rule is told to be faulty (R001-76)', async () => {
    const list = Array.from({ length: 900 }, (_, n) => n);
    const isNumber = { '>=': [{ var: '' }, 0] };
    const id = await automation.rule({
      trigger: { event_types: ['costly.event'] },
      conditions: { and: Array.from({ length: 4 }, () => ({ all: [{ var: 'payload.list' }, isNumber] })) },
    });
    expect((await automation.event('costly.event', { list })).body.fired).toEqual([]);
    expect(await automation.logs(id)).toMatchObject([
      { outcome: 'faulty', detail: { fault: 'it takes more than 5000 steps' } },
    ]);
  });

  it('ends a chain of rules that set each other off (R001-78)', async () => {
    const ping = await automation.rule({
      trigger: { event_types: ['chain.ping'] },
      actions: [
        { type: 'automation.emit_event', params: { event_type: 'chain.pong', payload: { n: '{{ payload.n }}' } } },
      ],
    });
    const pong = await automation.rule({
      trigger: { event_types: ['chain.pong'] },
      actions: [
        { type: 'automation.emit_event', params: { event_type: 'chain.ping', payload: { n: '{{ payload.n }}' } } },
      ],
    });
    await automation.event('chain.ping', { n: 5 });
    await service.work();
    const fired = async (id: number) => (await automation.logs(id)).filter(({ outcome }) => outcome === 'fired').length;
    expect((await fired(ping)) + (await fired(pong))).toBe(5);
    const { data } = await service.done<{ data: { event_type: string; detail: object }[] }>(
      'GET',
      '/api/automation/logs?outcome=too_deep',
    );
    expect(data).toEqual([expect.objectContaining({ event_type: 'chain.pong', detail: { depth: 5, most: 5 } })]);
    const last = await service.rows<{ payload: object; depth: number }>(
      `select payload, depth from automation.events where type like 'chain.%' order by depth desc limit 1`,
    );
    expect(last).toEqual([{ payload: { n: 5 }, depth: 5 }]);
  });

  it('is not told by a correlation id from outside how deep it is', async () => {
    const id = await automation.rule({ trigger: { event_types: ['deep.event'] } });
    const sent = await service.ask<{ fired: object[] }>(
      'POST',
      '/api/automation/events',
      { event_type: 'deep.event' },
      'sales',
      {
        'x-correlation-id': 'rule:99:mine',
      },
    );
    expect(sent.body.fired).toEqual([{ rule_id: id, name: 'A rule' }]);
  });
});

describe('the pipeline', () => {
  it('tells rules what happens, in the transaction in which it happens (R001-79)', async () => {
    const id = await automation.rule({
      name: 'Welcome',
      trigger: { event_types: ['signal.created'] },
      conditions: { '==': [{ var: 'payload.item_type' }, 'signal'] },
      actions: [
        {
          type: 'people.create_assignment',
          params: { item_type: 'signal', item_id: '{{ payload.item_id }}', user_id: 'bob' },
        },
      ],
    });
    const signal = await service.signal();
    const told = await service.rows<{ key: string }>(
      `select o.key from engine.outbox o join workstream.signals s on s.workflow_instance_id = o.instance_id
        where o.type = 'automation.hear' and s.signal_id = $1`,
      signal,
    );
    expect(told).toHaveLength(1);
    await service.work();
    expect(await automation.jobs(id)).toMatchObject([
      { event_id: told[0]?.key, status: 'succeeded', result: { item_id: signal } },
    ]);
    expect(await service.done('GET', `/api/signals/${signal}`)).toMatchObject({
      status: 'touched',
      owner_user_id: 'bob',
    });
    await service.done('DELETE', `/api/automation/rules/${id}`);
  });

  it('tells nobody what no rule waits for, and every rule what happens once it is there', async () => {
    const told = async (signal: number) =>
      (
        await service.rows(
          `select 1 from engine.outbox where type = 'automation.hear' and params -> 'event' ->> 'type' = 'signal.created'
              and (params -> 'event' ->> 'item_id')::bigint = $1`,
          signal,
        )
      ).length;
    const { data } = await service.done<{ data: { rule_id: number }[] }>('GET', '/api/automation/rules?limit=200');
    for (const { rule_id } of data) await service.done('DELETE', `/api/automation/rules/${rule_id}`);
    expect(await told(await service.signal({ owner_user_id: 'bob' }))).toBe(0);
    const off = await automation.rule({ trigger: { event_types: ['signal.*'] }, is_enabled: false });
    expect(await told(await service.signal({ owner_user_id: 'bob' }))).toBe(0);
    await service.done('PATCH', `/api/automation/rules/${off}`, { is_enabled: true });
    expect(await told(await service.signal({ owner_user_id: 'bob' }))).toBe(1);
    await service.done('DELETE', `/api/automation/rules/${off}`);
    expect(await told(await service.signal({ owner_user_id: 'bob' }))).toBe(0);
    const all = await automation.rule({ trigger: { event_types: ['*'] } });
    const signal = await service.signal({ owner_user_id: 'bob' });
    expect(await told(signal)).toBe(1);
    await service.work();
    expect(await automation.jobs(all)).toContainEqual(expect.objectContaining({ status: 'succeeded' }));
    await service.done('DELETE', `/api/automation/rules/${all}`);
  });

  it('sets a rule off once for each event, however often it is told of it', async () => {
    const id = await automation.rule({ trigger: { event_types: ['candidate.created'] } });
    const candidate = await service.candidate();
    await service.work();
    await service.rows(
      `update engine.outbox set status = 'pending', finished_at = null, next_attempt_at = engine.now()
        where type = 'automation.hear' and params -> 'event' ->> 'type' = 'candidate.created' and (params -> 'event' ->> 'item_id')::bigint = $1`,
      candidate,
    );
    await service.work();
    expect(await automation.jobs(id)).toHaveLength(1);
  });

  it('tells rules of a signal that has waited too long (R001-80)', async () => {
    const id = await automation.rule({
      trigger: { event_types: ['sla.breached'] },
      conditions: { '==': [{ var: 'payload.metric' }, 'triage_sla'] },
      actions: [
        {
          type: 'comms.escalate',
          params: { to: 'bob', subject: 'Signal {{ payload.item_id }} waits', body: '{{ payload.reason_code }}' },
        },
      ],
    });
    const signal = await service.signal();
    await service.work();
    await automation.pass('23h');
    expect(await automation.jobs(id)).toEqual([]);
    await automation.pass('2h');
    expect(await automation.jobs(id)).toContainEqual(expect.objectContaining({ status: 'succeeded', kind: 'task' }));
    const messages = await service.rows<{ body: string }>(
      'select body from notifications.messages where subject = $1',
      `Signal ${signal} waits`,
    );
    expect(messages).toEqual([{ body: 'untouched' }]);
  });

  it('tells rules of letters to candidates', async () => {
    const id = await automation.rule({ trigger: { event_types: ['drip.started'] } });
    const candidate = await service.candidate({ contact_email: 'ann@example.com' });
    await service.done('POST', `/api/candidates/${candidate}/drips`, { template_id: 'check_in', cadence_days: 7 });
    await service.work();
    expect(await automation.jobs(id)).toMatchObject([{ status: 'succeeded' }]);
  });

  it('shows everything under the names of the original service (R001-76)', async () => {
    for (const view of ['event', 'rule', 'job', 'log'])
      expect(await service.rows(`select org_id from app.automation_${view} where org_id = 1 limit 1`)).toHaveLength(1);
    expect(await service.rows('select org_id, rule_id, next_at, last_due_at from app.automation_schedule')).toEqual([]);
    const statuses = await service.rows<{ status: string }>('select distinct status from app.automation_job');
    expect(statuses.length).toBeGreaterThan(0);
    for (const { status } of statuses) expect(['queued', 'running', 'succeeded', 'failed', 'dead']).toContain(status);
  });

  it('keeps its events to the tenant they belong to', async () => {
    const rows = await service.rows<{ tenant: string }>('select distinct tenant from automation.events');
    expect(rows).toEqual([{ tenant: 'demo' }]);
  });
});
