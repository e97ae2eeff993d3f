import { LIBRARY } from '../../src/automation/library/about.js';
import type { BusinessObject } from '../../src/integrations/sandbox/business.js';
import type { ChannelMessage } from '../../src/integrations/sandbox/channels.js';
import type { Mail } from '../../src/integrations/sandbox/smtp.js';
import { step, Workflows } from '../support/workflows.js';
import { Workstream, workstream } from '../support/workstream.js';

const service = workstream();
const workflows = new Workflows(service);
const atSandbox = async <T>(path: string): Promise<T[]> =>
  (await fetch(`${service.live.sandbox.url}/_sandbox/${path}`)).json() as Promise<T[]>;

/** What came of one action. */
async function did(type: string, config: object, input: object = {}): Promise<unknown> {
  const { status, output, error } = await workflows.run([step.action('only', type, config)], input);
  if (status !== 'completed') throw new Error(`${type}: ${JSON.stringify(error)}`);
  return output?.['only'];
}
const failedAs = async (type: string, config: object) =>
  (await workflows.run([step.action('only', type, config)])).error;

describe('the catalogue of actions', () => {
  it('has 23 for workflows, each with what it takes, what comes of it and what it costs (R002-62, R002-63, R002-71)', async () => {
    const { data } = await service.done<{ data: { type: string; category: string }[] }>(
      'GET',
      '/api/automation/actions',
    );
    const known = data.filter(({ type }) => LIBRARY.includes(type));
    expect(known.map(({ type }) => type)).toEqual([...LIBRARY].sort());
    expect(known.find(({ type }) => type === 'send_email')).toMatchObject({
      name: 'Send an e-mail',
      category: 'communication',
      inputSchema: {
        type: 'object',
        properties: { to: { type: 'string', format: 'email' }, from: { format: 'email' } },
        required: ['body', 'subject', 'to'],
      },
      outputSchema: { properties: { messageId: { type: 'string' } } },
      config: { requiresAuth: true, supportsRetry: true, estimatedDuration: 500, costPerExecution: 0.01 },
    });
  });

  it('knows the other names, too (R002-63)', async () => {
    expect(await did('log', { message: 'hello' })).toEqual({ logged: true });
    expect(await did('store_in_kv', { key: 'by-alias', value: 1 })).toEqual({ key: 'by-alias', stored: true });
  });
});

describe('people are told', () => {
  it('by mail, with HTML, from whom it is said (R002-64)', async () => {
    const mail = {
      to: 'ines@example.com',
      subject: 'Welcome\n{{input.name}}',
      body: '<b>Hello</b>',
      from: 'us@example.com',
    };
    await did('send_email', mail, { name: 'Ines' });
    const [last] = (await atSandbox<Mail>('messages')).slice(-1);
    expect(JSON.stringify(last)).toContain('Welcome Ines');
    expect(JSON.stringify(last)).toContain('us@example.com');
  });

  it('by text message and in Slack, in the channel that is named (R002-64)', async () => {
    await did('send_sms', { to: '+15551234567', message: 'Hello' });
    expect(
      await did('send_slack_message', { channel: '#sales', text: 'New: {{input.mail}}' }, { mail: 'a@b.c' }),
    ).toEqual({
      ok: true,
    });
    const messages = await atSandbox<ChannelMessage>('channels');
    expect(messages.map(({ provider }) => provider).sort()).toEqual(['slack', 'twilio']);
    expect(messages.find(({ provider }) => provider === 'slack')).toMatchObject({ to: '#sales', text: 'New: a@b.c' });
  });
});

describe('business is kept', () => {
  const records = async (provider: string) =>
    (await atSandbox<BusinessObject>('business')).filter((object) => object.provider === provider);

  it('in the CRM: a record is made and changed (R002-67)', async () => {
    const data = { email: 'cleo@example.com', firstname: 'Cleo' };
    const made = (await did('create_crm_record', { type: 'contacts', data })) as { id: string };
    await did('update_crm_record', { type: 'contacts', id: made.id, data: { company: 'Acme' } });
    expect(await records('hubspot')).toMatchObject([{ kind: 'contacts', fields: { ...data, company: 'Acme' } }]);
    expect(await failedAs('update_crm_record', { type: 'contacts', id: '999', data: {} })).toMatchObject({
      code: 'HTTP_404',
    });
    expect(await failedAs('create_crm_record', { type: 'contacts', data })).toMatchObject({ code: 'HTTP_409' });
  });

  it('as a ticket, of normal priority unless said otherwise (R002-67)', async () => {
    expect(await did('create_ticket', { title: 'Look', description: 'At it' })).toMatchObject({
      identifier: expect.stringMatching(/^SAN-/),
      url: expect.stringContaining('linear.app'),
    });
    expect(await records('linear')).toMatchObject([{ fields: { title: 'Look', priority: 3, teamId: 'team_sandbox' } }]);
  });

  it('as a meeting, from its start for its minutes (R002-67)', async () => {
    const meeting = { attendees: ['a@example.com'], title: 'Talk', startTime: '2031-01-01T10:00:00Z', duration: 30 };
    expect(await did('schedule_meeting', meeting)).toMatchObject({
      link: expect.stringContaining('calendar.google.com'),
    });
    expect(await records('google')).toMatchObject([
      {
        fields: {
          summary: 'Talk',
          start: { dateTime: '2031-01-01T10:00:00.000Z' },
          end: { dateTime: '2031-01-01T10:30:00.000Z' },
          attendees: [{ email: 'a@example.com' }],
        },
      },
    ]);
  });

  it('once, though the answer to the first try was lost (R002-72)', async () => {
    for (const provider of ['hubspot', 'linear', 'google']) {
      const before = (await records(provider)).length;
      const body = { match: { provider }, kind: 'error-after', times: 1 };
      await fetch(`${service.live.sandbox.url}/_sandbox/faults`, { method: 'POST', body: JSON.stringify(body) });
      const steps = {
        hubspot: step.action('only', 'create_crm_record', { type: 'contacts', data: { email: 'twice@example.com' } }),
        linear: step.action('only', 'create_ticket', { title: 'Twice', description: '' }),
        google: step.action('only', 'schedule_meeting', {
          ...{ attendees: ['b@example.com'], title: 'Twice', startTime: '2031-02-01T10:00:00Z', duration: 5 },
        }),
      };
      const id = await workflows.started(await workflows.made([steps[provider as keyof typeof steps]]));
      await service.work();
      await workflows.pass('10s');
      expect(await workflows.execution(id)).toMatchObject({ status: 'completed' });
      expect((await records(provider)).length).toBe(before + 1);
    }
  });
});

describe('values are kept', () => {
  it('by key, for as long as it is said (R002-66)', async () => {
    expect(await did('kv_set', { key: 'colour', value: { is: 'red' } })).toEqual({ key: 'colour', stored: true });
    await did('kv_set', { key: 'brief', value: 1, expirationTtl: 60 });
    expect(await did('kv_get', { key: 'colour' })).toEqual({ key: 'colour', value: { is: 'red' } });
    expect(await did('kv_get', { key: 'brief' })).toEqual({ key: 'brief', value: 1 });
    await workflows.pass('61s');
    expect(await did('kv_get', { key: 'brief' })).toEqual({ key: 'brief', value: null });
  });

  it('as files, with what kind they are (R002-66)', async () => {
    expect(await did('r2_put', { key: 'notes/../one.txt', value: 'Hello', contentType: 'text/plain' })).toMatchObject({
      stored: true,
    });
    expect(await did('r2_get', { key: 'notes/../one.txt' })).toMatchObject({
      value: 'Hello',
      contentType: 'text/plain',
    });
    expect(await did('r2_get', { key: 'none' })).toEqual({ key: 'none', value: null, contentType: null });
  });

  it('as rows, which are changed where they fit (R002-63)', async () => {
    const { id } = (await did('db_insert', { table: 'leads', data: { name: 'Ines', open: true } })) as { id: string };
    const change = { table: 'leads', id, data: { open: false }, where: { open: true } };
    expect(await did('db_update', change)).toEqual({ updated: 1 });
    expect(await did('db_update', change)).toEqual({ updated: 0 });
    expect(await did('database_query', { table: 'leads', where: { name: 'Ines' } })).toEqual([
      { id, data: { name: 'Ines', open: false } },
    ]);
    expect(await did('db_query', { table: 'leads', where: { open: true } })).toEqual([]);
  });

  it('as events, which are asked about with parameters, and about nothing else (R002-65)', async () => {
    await service.done('POST', '/api/events', { payload: { type: 'demo.asked', note: "it's" } });
    await service.work();
    const query = "select count(*)::int as n, '$1' as text from events where type = $1 and data ->> 'note' = $2";
    expect(await did('db_query', { query, params: ['demo.asked', "it's"] })).toEqual([{ n: 1, text: '$1' }]);
    expect(await did('db_query', { query, params: ['demo.asked', "' or 1=1 --"] })).toEqual([{ n: 0, text: '$1' }]);
    for (const hostile of [
      'select * from auth.api_keys',
      'delete from events',
      'select pg_sleep(9)',
      'select 1; select 2',
    ])
      expect(await failedAs('db_query', { query: hostile })).toMatchObject({ code: 'QUERY_ERROR' });
  });
});

describe('a model', () => {
  it('is asked with the words, the model and the coolness that the step says, zero too (R002-50, R002-68)', async () => {
    const { output } = await workflows.run(
      [{ id: 'only', type: 'ai', ai: { prompt: 'Greet {{input.name}}.', input: 'In one line', temperature: 0 } }],
      { name: 'Ines' },
    );
    expect(output).toEqual({ only: { text: 'Greet Ines. In one line' } });
  });

  it('is told what its input says where the prompt has a key, or where the execution does (R002-50)', async () => {
    const ask = (id: string, prompt: string, input: unknown, next?: string) => ({
      id,
      type: 'ai',
      ai: { prompt, ...(input !== undefined && { input }) },
      ...(next !== undefined && { next }),
    });
    const { output } = await workflows.run(
      [
        ask('written', 'To {{name}} of {{house.city}}', { name: '{{input.name}}', house: { city: 'Rome' } }, 'given'),
        ask('given', 'For {{name}}, {{age | default: 40}}', undefined, 'step'),
        ask('step', 'It is {{written.text}}', 'Say it'),
      ],
      { name: 'Ines' },
    );
    expect(output).toEqual({
      written: { text: 'To Ines of Rome {"name":"Ines","house":{"city":"Rome"}}' },
      given: { text: 'For Ines, 40 {"name":"Ines"}' },
      step: { text: 'It is To Ines of Rome {"name":"Ines","house":{"city":"Rome"}} Say it' },
    });
    const body = { name: 'x', startStep: 'only', steps: [ask('only', 'Greet {{nobody}}', { name: 'Ines' })] };
    expect(await service.ask('POST', '/api/automation/workflows', body)).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'steps.0.ai.prompt', message: 'nothing is called nobody' }] },
    });
  });

  it('says how a text feels, whom it names, and what it is about (R002-68)', async () => {
    expect(await did('ai_sentiment_analysis', { text: 'I love it, great' })).toEqual({
      sentiment: 'positive',
      score: 1,
      confidence: 0.9,
    });
    expect(await did('ai_named_entity_recognition', { text: 'Dr. Smith of Acme Inc is in Berlin' })).toEqual([
      { type: 'organization', value: 'Acme Inc', confidence: 0.9 },
      { type: 'location', value: 'Berlin', confidence: 0.9 },
      { type: 'person', value: 'Dr. Smith', confidence: 0.9 },
    ]);
    expect(await did('classify_text', { text: 'A billing question', categories: ['sales', 'billing'] })).toMatchObject({
      category: 'billing',
    });
  });

  it('that answers in no shape is asked again, and then it is a failure (R002-68)', async () => {
    const retries = { limit: 1, delay: '1s' };
    const id = await workflows.started(
      await workflows.made([step.action('only', 'ai_sentiment_analysis', { text: '[[no json]]' }, { retries })]),
    );
    await service.work();
    expect(await workflows.execution(id)).toMatchObject({ status: 'running' });
    await workflows.pass('2s');
    expect(await workflows.execution(id)).toMatchObject({ status: 'failed', error: { code: 'TEMPORARY_FAILURE' } });
  });
});

describe('data', () => {
  it('is made into something else by an expression (R002-69)', async () => {
    const transformation = '{ names: map(data.people, upper(item.name)), first: people[0].name }';
    expect(await did('transform_data', { data: { people: [{ name: 'a' }, { name: 'b' }] }, transformation })).toEqual({
      names: ['A', 'B'],
      first: 'a',
    });
    expect(await failedAs('transform_data', { data: {}, transformation: 'x =' })).toMatchObject({
      code: 'EXPRESSION_FAILED',
    });
  });

  it('is checked against rules, for which zero and false are there (R002-69)', async () => {
    const schema = {
      name: { required: true },
      age: { required: true, type: 'number', min: 1 },
      open: { required: true, type: 'boolean' },
      code: { max: 3, type: 'string' },
      kind: { type: 'number' },
    };
    expect(
      await did('validate_data', { data: { name: '', age: 0, open: false, code: 'abcd', kind: 'x' }, schema }),
    ).toEqual({
      valid: false,
      errors: ['name is required', 'age must be at least 1', 'code must be at most 3', 'kind must be of type number'],
    });
    expect(await did('validate_data', { data: { name: 'x', age: 1, open: false }, schema })).toEqual({
      valid: true,
      errors: [],
    });
  });
});

it('an action whose provider has no key here fails at once, and says so (R002-73)', async () => {
  const bare = new Workstream({ SANDBOX_URL: '', SMTP_URL: '' });
  await bare.start();
  try {
    const there = new Workflows(bare);
    const actions: [string, object][] = [
      ['send_email', { to: 'a@example.com', subject: 'x', body: 'x' }],
      ['send_sms', { to: '+15551234567', message: 'x' }],
      ['send_slack_message', { channel: '#x', text: 'x' }],
      ['create_crm_record', { type: 'contacts', data: {} }],
      ['create_ticket', { title: 'x', description: 'x' }],
      [
        'schedule_meeting',
        { attendees: ['a@example.com'], title: 'x', startTime: '2031-01-01T10:00:00Z', duration: 5 },
      ],
      ['ai_text_generation', { prompt: 'x' }],
    ];
    for (const [type, config] of actions)
      expect(await there.run([step.action('only', type, config)])).toMatchObject({
        status: 'failed',
        error: { code: 'NOT_CONFIGURED' },
      });
  } finally {
    await bare.stop();
  }
}, 600_000);
