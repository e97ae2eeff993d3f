import { Automation, body } from '../support/automation.js';
import { workstream } from '../support/workstream.js';

const service = workstream();
const automation = new Automation(service);

describe('a rule', () => {
  it('is written, read, changed and taken away (R001-75, R001-77)', async () => {
    const made = await service.ask('POST', '/api/automation/rules', {
      name: 'Celebrate',
      trigger: { event_types: ['Workstream.PursuitWon', 'candidate.*', '*'] },
      conditions: { '>': [{ var: 'payload.value' }, 1_000] },
      throttle: { per: 'hour', limit: 5 },
      actions: [
        { type: 'comms.escalate', params: { to: 'sally', subject: 'Won {{ payload.title }}', body: 'Well done' } },
      ],
    });
    expect(made).toMatchObject({
      status: 201,
      body: {
        name: 'Celebrate',
        is_enabled: true,
        trigger: { event_types: ['pursuit.won', 'candidate.*', '*'], schedule: null },
        throttle: { per: 'hour', limit: 5 },
        revision: 1,
      },
    });
    const path = `/api/automation/rules/${String(made.body['rule_id'])}`;
    expect(await service.ask('PATCH', path, { is_enabled: false, throttle: null })).toMatchObject({
      status: 200,
      body: { is_enabled: false, throttle: null, conditions: { '>': [{ var: 'payload.value' }, 1_000] }, revision: 2 },
    });
    expect(await service.ask('GET', path)).toMatchObject({
      status: 200,
      body: { name: 'Celebrate', is_enabled: false },
    });
    expect(await service.ask('DELETE', path)).toEqual({ status: 200, body: { deleted: 1 } });
    expect((await service.ask('GET', path)).status).toBe(404);
    expect((await service.ask('DELETE', path)).status).toBe(404);
  });

  it('is made once for each Idempotency-Key, also when both requests come at once', async () => {
    const make = (name: string) =>
      service.ask('POST', '/api/automation/rules', body({ name }), 'sales', { 'idempotency-key': 'rule-1' });
    const [first, second] = await Promise.all([make('Once'), make('Once')]);
    expect([first?.status, second?.status]).toEqual([201, 201]);
    expect(first?.body['rule_id']).toBe(second?.body['rule_id']);
    expect(await make('Other')).toMatchObject({ status: 422, body: { code: 'IDEMPOTENCY_KEY_REUSED' } });
  });

  it('pages, and finds those that wait for an event', async () => {
    const ids = [
      await automation.rule({ trigger: { event_types: ['paged.one'] } }),
      await automation.rule({ trigger: { event_types: ['paged.one'] } }),
    ];
    const first = await service.done<{ data: { rule_id: number }[]; nextCursor: string }>(
      'GET',
      '/api/automation/rules?limit=1&event_type=paged.one',
    );
    const second = await service.done<{ data: { rule_id: number }[]; nextCursor: string | null }>(
      'GET',
      `/api/automation/rules?limit=1&event_type=paged.one&cursor=${first.nextCursor}`,
    );
    expect([...first.data, ...second.data].map(({ rule_id }) => rule_id)).toEqual(ids);
  });

  it.each([
    ['an operator that is none', { conditions: { system: ['rm'] } }, 'conditions'],
    ['two operators in one', { conditions: { '==': [1, 1], '!=': [1, 2] } }, 'conditions'],
    ['a pattern that is none', { conditions: { regex: [{ var: 'payload.x' }, '('] } }, 'conditions'],
    ['a pattern that is worked out', { conditions: { regex: ['x', { var: 'payload.x' }] } }, 'conditions'],
    ['a pattern that repeats too much', { conditions: { regex: ['x', '((a{0,30}){0,30})'] } }, 'conditions'],
    [
      'more parts than anybody needs',
      { conditions: { and: Array.from({ length: 300 }, () => ({ var: 'x' })) } },
      'conditions',
    ],
    ['a name that is none', { trigger: { event_types: ['no name'] } }, 'trigger.event_types.0'],
    ['nothing to wait for', { trigger: { event_types: [] } }, 'trigger'],
    ['an action that nobody knows', { actions: [{ type: 'billing.create_invoice', params: {} }] }, 'actions.0.type'],
    [
      'a parameter that is missing',
      { actions: [{ type: 'comms.send_email', params: { to: 'a@example.com', subject: 's' } }] },
      'actions.0.params.body',
    ],
    [
      'a parameter too many',
      { actions: [{ type: 'automation.emit_event', params: { event_type: 'a.b', more: 1 } }] },
      'actions.0.params.more',
    ],
    [
      'a parameter of the wrong kind',
      { actions: [{ type: 'workstream.promote_to_pursuit', params: { candidate_id: 'one' } }] },
      'actions.0.params.candidate_id',
    ],
    [
      'a tag in a template',
      {
        actions: [
          {
            type: 'automation.emit_event',
            params: { event_type: 'a.b', payload: { x: '{% for i in (1..9) %}{% endfor %}' } },
          },
        ],
      },
      'actions.0.params',
    ],
    [
      'a filter that is not offered',
      {
        actions: [
          { type: 'automation.emit_event', params: { event_type: 'a.b', payload: { x: '{{ payload.x | sort }}' } } },
        ],
      },
      'actions.0.params',
    ],
    [
      'an action twice',
      {
        actions: [
          { type: 'automation.emit_event', params: { event_type: 'a.b' } },
          { type: 'automation.emit_event', params: { event_type: 'a.b' } },
        ],
      },
      'actions.1',
    ],
    ['a limit of none', { throttle: { per: 'hour', limit: 0 } }, 'throttle.limit'],
    ['a field of no rule', { owner_roles: ['admin'] }, 'owner_roles'],
    ['six parts of cron', { trigger: { schedule: { cron: '* * * * * *' } } }, 'trigger.schedule'],
    [
      'a zone that is none',
      { trigger: { schedule: { cron: '0 9 * * *', timezone: 'Mars/Olympus' } } },
      'trigger.schedule',
    ],
    ['a recurrence every second', { trigger: { schedule: { rrule: 'FREQ=SECONDLY' } } }, 'trigger.schedule'],
    [
      'both cron and recurrence',
      { trigger: { schedule: { cron: '0 9 * * *', rrule: 'FREQ=DAILY' } } },
      'trigger.schedule',
    ],
    [
      'a day that never comes',
      { trigger: { schedule: { rrule: 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30' } } },
      'trigger.schedule',
    ],
  ])('is refused with %s, and the field is named (R001-75)', async (_, more, field) => {
    const before = await service.rows('select count(*) as count from automation.rules');
    const answer = await service.ask<{ errors: { field: string }[] }>('POST', '/api/automation/rules', body(more));
    expect(answer).toMatchObject({ status: 400, body: { code: 'WF006' } });
    expect(answer.body.errors.map((error) => error.field)).toContain(field);
    expect(await service.rows('select count(*) as count from automation.rules')).toEqual(before);
  });

  it('has holes where a number is wanted, and is taken', async () => {
    const actions = [{ type: 'workstream.promote_to_pursuit', params: { candidate_id: '{{ payload.item_id }}' } }];
    expect((await service.ask('POST', '/api/automation/rules', body({ actions }))).status).toBe(201);
  });

  it('does nothing that its writer may not do (R001-78)', async () => {
    const webhook = body({
      actions: [{ type: 'automation.call_webhook', params: { url: 'https://example.com/hook' } }],
    });
    expect(await service.ask('POST', '/api/automation/rules', webhook, 'sales')).toMatchObject({
      status: 403,
      body: { code: 'WF005' },
    });
    expect((await service.ask('POST', '/api/automation/rules', webhook, 'operator')).status).toBe(201);
    for (const role of ['viewer', 'investor', 'creator'] as const)
      expect((await service.ask('POST', '/api/automation/rules', body(), role)).status).toBe(403);
    expect((await service.ask('GET', '/api/automation/rules', undefined, 'viewer')).status).toBe(200);
    expect((await service.ask('GET', '/api/automation/logs', undefined, 'investor')).status).toBe(403);
  });
});

describe('a trial', () => {
  const trial = (more: object, event: object) =>
    service.ask('POST', '/api/automation/test', { rule: body(more), event: { event_type: 'Demo.Happened', ...event } });

  it('says what would happen and why, and stores nothing (R001-77)', async () => {
    const tables = ['rules', 'events', 'jobs', 'logs'];
    const counts = () =>
      service.rows(`select ${tables.map((name) => `(select count(*) from automation.${name}) as ${name}`).join(', ')}`);
    const before = await counts();
    const rule = {
      conditions: {
        and: [{ '>=': [{ var: 'payload.amount' }, 100] }, { regex: [{ var: 'payload.mail' }, '@example\\.com$'] }],
      },
      actions: [
        {
          type: 'comms.escalate',
          params: { to: 'sally', subject: '{{ payload.amount }} €', body: 'From {{ payload.mail }}' },
        },
      ],
      throttle: { per: 'day', limit: 3 },
    };
    expect(await trial(rule, { payload: { amount: 250, mail: 'ann@example.com' } })).toMatchObject({
      status: 200,
      body: {
        would_fire: true,
        event_type: 'demo.happened',
        matched_pattern: 'demo.happened',
        throttle: { per: 'day', limit: 3, used: 0 },
        actions: [
          {
            action_type: 'comms.escalate',
            params: { to: 'sally', subject: '250 €', body: 'From ann@example.com' },
            objections: [],
          },
        ],
      },
    });
    expect(await trial(rule, { payload: { amount: 250, mail: 'ann@elsewhere.com' } })).toMatchObject({
      status: 200,
      body: {
        would_fire: false,
        conditions: {
          result: false,
          account: {
            op: 'and',
            result: false,
            parts: [
              { result: true, given: { 'payload.amount': 250 } },
              { result: false, given: { 'payload.mail': 'ann@elsewhere.com' } },
            ],
          },
        },
      },
    });
    expect(await counts()).toEqual(before);
  });

  it('tells of a rule that is there: switched off, or waiting for something else', async () => {
    const id = await automation.rule({ is_enabled: false, trigger: { event_types: ['pursuit.*'] } });
    const ask = (event_type: string) =>
      service.ask('POST', '/api/automation/test', { rule_id: id, event: { event_type } });
    expect(await ask('pursuit.won')).toMatchObject({
      body: { would_fire: false, is_enabled: false, matched_pattern: 'pursuit.*' },
    });
    await service.done('PATCH', `/api/automation/rules/${id}`, { is_enabled: true });
    expect(await ask('signal.created')).toMatchObject({ body: { would_fire: false, matched_pattern: null } });
    expect(await ask('pursuit.won')).toMatchObject({ body: { would_fire: true } });
    expect(
      (await service.ask('POST', '/api/automation/test', { rule_id: 987_654, event: { event_type: 'a.b' } })).status,
    ).toBe(404);
    expect((await service.ask('POST', '/api/automation/test', { event: { event_type: 'a.b' } })).status).toBe(400);
  });

  it('says what an action would refuse', async () => {
    const actions = [{ type: 'workstream.promote_to_pursuit', params: { candidate_id: '{{ payload.id }}' } }];
    expect(await trial({ actions }, { payload: { id: 7 } })).toMatchObject({
      body: { actions: [{ params: { candidate_id: 7 }, objections: [] }] },
    });
    const { body: answer } = await trial({ actions }, { payload: { id: 'seven' } });
    expect(answer['actions']).toEqual([
      expect.objectContaining({ objections: expect.arrayContaining([expect.stringContaining('candidate_id')]) }),
    ]);
  });
});
