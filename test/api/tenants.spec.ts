import { AppModule } from '../../src/app.module.js';
import { Documents } from '../../src/deals/documents.js';
import { Library } from '../../src/functions/library.js';
import type { WorkflowContext } from '../../src/functions/workflow.js';
import { builtApi, type Operation } from '../support/built.js';
import { engineApi, REASON } from './engine.app.js';

const running = engineApi((config) => [AppModule.with(config)]);

/** What a route of one thing needs to get past the checks of its shape. */
const BODIES: Readonly<Record<string, object>> = {
  '/api/instances/{id}/events': { type: 'note', payload: { text: 'hello' } },
  '/api/instances/{id}/simulate': { events: [{ type: 'cancel' }] },
  '/admin/workflows/{id}/force-transition': { fromState: 'PLACED', toState: 'SHIPPED', reason: REASON },
  '/admin/workflows/{id}/force-transition/preview': { fromState: 'PLACED', toState: 'SHIPPED', reason: REASON },
  '/api/workflows/{type}/{id}/event': { type: 'creator-decision', payload: { decision: 'approve' } },
  '/api/workflows/{type}/{id}/checklist/{item}': { done: true },
  '/api/notifications/{id}': { read: true },
  '/api/workflow-executions/{id}/events': { event_name: 'go' },
  '/api/workflow-executions/{id}/cancel': {},
  '/api/workflow-registrations/{id}/versions': { version: '2', module: 'waiting@1' },
  '/api/workflow-attachments/{id}': { is_active: false },
  '/api/tasks/{id}/claim': {},
  '/api/tasks/{id}/unclaim': {},
  '/api/tasks/{id}/draft': { formData: {} },
  '/api/tasks/{id}/complete': { formData: {} },
  '/api/automation/workflows/{id}': { name: 'Renamed' },
  '/api/automation/workflows/{id}/execute': {},
  '/api/automation/executions/{id}/cancel': {},
  '/api/automation/patterns/{id}': { enabled: false },
  '/api/automation/integrations/{id}': { enabled: false },
  '/api/webhooks/{id}': { status: 'inactive' },
  '/api/webhooks/{id}/redeliver': {},
  '/api/webhooks/{id}/ping': {},
  '/api/webhooks/{id}/deliveries/{eventId}/redeliver': {},
};

interface Known {
  order: string;
  deal: string;
  production: string;
  letter: string;
  timer: string;
  key: string;
  message: string;
  task: string;
  workflow: string;
  execution: string;
  event: string;
  deadEvent: string;
  deadMatch: string;
  run: string;
  pattern: string;
  registration: string;
  attachment: string;
  integration: string;
  webhook: string;
  delivery: string;
  forceRequest: string;
  bulk: string;
  trial: string;
}

let operations: Operation[];
let known: Known;

beforeAll(async () => {
  const { operations: all } = await builtApi(running().databaseUrl);
  operations = all.filter(({ path }) => path.includes('{id}'));
  const made = await workflow();
  known = {
    order: await running().order(),
    forceRequest: await forceRequest(),
    bulk: await bulk(),
    trial: String((await running().post('admin', '/admin/lifecycles/order/replay', {})).json['id']),
    deal: await deal(),
    production: await production(),
    letter: await letter(),
    timer: await deadTimer(),
    key: await key(),
    message: await message(),
    task: await task(),
    ...made,
    run: await run(),
    pattern: await pattern(made.workflow),
    ...(await attached()),
    ...(await events()),
    integration: await integration(),
    ...(await webhook()),
  };
  await paper(known.deal);
});

/** An investment between two users of the tenant. */
async function deal(): Promise<string> {
  const { json } = await running().post('investor', '/api/workflows/investment/create', {
    investorId: 'inv_123',
    pitchId: 'pitch_456',
    creatorId: 'creator_789',
    proposedAmount: 250_000,
    investmentType: 'equity',
    message: 'Interested',
    ndaAccepted: true,
  });
  return String(json['instanceId'] ?? json['workflowInstanceId']);
}

/** A company's interest in the same pitch. */
async function production(): Promise<string> {
  const { json } = await running().post('admin', '/api/workflows/production/create', {
    productionCompanyId: 'company_123',
    productionCompanyUserId: 'producer_1',
    pitchId: 'pitch_456',
    creatorId: 'creator_789',
    interestType: 'option',
  });
  return String(json['instanceId']);
}

/** A force that a second administrator has not agreed to yet. */
async function forceRequest(): Promise<string> {
  const body = {
    instanceId: await running().order(),
    fromState: 'PLACED',
    toState: 'SHIPPED',
    reason: REASON,
  };
  return String((await running().post('admin', '/admin/force-requests', body)).json['id']);
}

/** Something that would be done to many. */
async function bulk(): Promise<string> {
  const selection = { lifecycle: 'order', ids: [await running().order()] };
  const body = { selection, verb: 'force', toState: 'SHIPPED', reason: REASON };
  return String((await running().post('admin', '/admin/bulk', body)).json['id']);
}

/** Something that was drawn up for the deal. */
const paper = (deal: string) =>
  running()
    .service(Documents)
    .keep('demo', deal, {
      key: `${deal}/term-sheet.json`,
      title: 'INTEREST',
      contentType: 'application/json',
      bytes: Buffer.from('{}'),
    });

/** An effect that was given up. */
async function letter(): Promise<string> {
  await running().send('buyer_1', await running().order(), 'pay');
  const [row] = await running().rows<{ id: number }>(
    `update engine.outbox set status = 'dead' where type = 'shop.charge' returning id`,
  );
  return String(row?.id);
}

/** A deadline that was given up. */
async function deadTimer(): Promise<string> {
  const [row] = await running().rows<{ id: number }>(
    `update engine.timers set dead_at = engine.now() where instance_id = $1 returning id`,
    [await running().order()],
  );
  return String(row?.id);
}

async function key(): Promise<string> {
  return String((await running().post('admin', '/admin/api-keys', { userId: 'u_1', roles: ['viewer'] })).json['id']);
}

/** Something that a user was told. */
async function message(): Promise<string> {
  await running().owner.query(
    `insert into notifications.messages (tenant, id, user_id, type, priority, subject, body, data, created_at)
     values ('demo', 'message_1', 'admin_1', 'test', 'normal', 'subject', 'body', '{}', now())`,
  );
  return 'message_1';
}

async function task(): Promise<string> {
  const body = { taskType: 'to_do', title: 'Look', assignTo: { roles: 'admin' } };
  return String((await running().post('admin', '/api/tasks', body)).json['taskId']);
}

/** A workflow, and an execution of it that waits. */
async function workflow(): Promise<{ workflow: string; execution: string }> {
  const steps = [{ id: 'rest', type: 'delay', delay: { duration: '7d' } }];
  const body = { name: 'shop_1 rests', steps, startStep: 'rest' };
  const { json } = await running().post('admin', '/api/automation/workflows', body);
  const { id } = json['data'] as { id: string };
  const started = await running().post('admin', `/api/automation/workflows/${id}/execute`, {});
  return { workflow: id, execution: (started.json['data'] as { executionId: string }).executionId };
}

/** A run of a function that waits. */
async function run(): Promise<string> {
  const execute = async ({ events }: WorkflowContext) => void (await events.waitFor('go'));
  running()
    .service(Library)
    .registerWorkflow({ metadata: { name: 'waiting', version: '1' }, execute });
  const body = { workflowName: 'waiting', initialData: { shop: 'shop_1' } };
  return String((await running().post('admin', '/api/workflow-executions', body)).json['executionId']);
}

/** A pattern that has found nothing yet. */
async function pattern(workflowId: string): Promise<string> {
  const body = { name: 'shop_1', workflowId, pattern: { type: 'event', eventType: 'shop_1' } };
  const { json } = await running().post('admin', '/api/automation/patterns', body);
  return (json['data'] as { id: string }).id;
}

/** A service outside that requests go to. */
async function integration(): Promise<string> {
  const config = { endpoint: 'https://api.example.com/shop_1' };
  const body = { name: 'shop_1', type: 'api', config };
  const { json } = await running().post('admin', '/api/automation/integrations', body);
  return (json['data'] as { id: string }).id;
}

/** Somebody outside who hears of events. */
async function webhook(): Promise<{ webhook: string; delivery: string }> {
  const { json } = await running().post('admin', '/api/webhooks', { url: 'https://hooks.example/shop_1' });
  const ping = await running().post('admin', `/api/webhooks/${String(json['webhook_id'])}/ping`, {});
  return { webhook: String(json['webhook_id']), delivery: String(ping.json['event_id']) };
}

/** A workflow of the tenant's own, attached to a kind of event. */
async function attached(): Promise<{ registration: string; attachment: string }> {
  const body = { name: 'shop_1', version: '1', module: 'waiting@1' };
  const { json } = await running().post('admin', '/api/workflow-registrations', body);
  const registration = String(json['registration_id']);
  const made = await running().post('admin', '/api/workflow-attachments', {
    event_type: 'USER_SUBMITTED',
    workflow_id: registration,
  });
  return { registration, attachment: String(made.json['attachment_id']) };
}

/** An event that was delivered, and the letter of one that was not. */
async function events(): Promise<{ event: string; deadEvent: string; deadMatch: string }> {
  const sent = await running().post('admin', '/api/events', { payload: { kind: 'shop_1' } });
  await running().post('admin', '/api/events/batch', { events: [{ event_id: 'shop_1', payload: [] }] });
  await running().work();
  const [row] = await running().rows<{ id: number }>('select id from events.dead_letters');
  const [match] = await running().rows<{ id: number }>(
    `update engine.outbox set status = 'dead' where type = 'patterns.match' returning id`,
  );
  const { event_id: event } = sent.json['data'] as { event_id: string };
  return { event, deadEvent: String(row?.id), deadMatch: String(match?.id) };
}

function addressOf({ path }: Operation): string {
  const id = [
    ['/dead-letters/', known.letter],
    ['/dead-timers/', known.timer],
    ['/force-requests/', known.forceRequest],
    ['/bulk/', known.bulk],
    ['/replays/', known.trial],
    ['/monitoring/dlq/', known.deadMatch],
    ['/dlq/', known.deadEvent],
    ['/inbox/', known.event],
    ['/tasks/', known.task],
    ['/automation/workflows/', known.workflow],
    ['/automation/executions/', known.execution],
    ['/workflow-executions/', known.run],
    ['/workflow-registrations/', known.registration],
    ['/workflow-attachments/', known.attachment],
    ['/api-keys/', known.key],
    ['/patterns/', known.pattern],
    ['/automation/integrations/', known.integration],
    ['/api/webhooks/', known.webhook],
    ['/api/notifications/', known.message],
    ['/api/workflows/production/', known.production],
    ['/api/workflows/', known.deal],
    ['/investors/', 'inv_123'],
    ['/requesters/', 'inv_123'],
    ['/creators/', 'creator_789'],
    ['/pitches/', 'pitch_456'],
    ['/companies/', 'company_123'],
  ].find(([part]) => part !== undefined && path.includes(part))?.[1];
  const query = path.endsWith('/wait')
    ? '?for=PLACED'
    : path.endsWith('/plan')
      ? '?goal=PLACED'
      : path.endsWith('/changes')
        ? '?since=1'
        : '';
  return (
    path
      .replace('{id}', id ?? known.order)
      .replace('{eventId}', known.delivery)
      .replace('{type}', 'investment')
      .replace('{item}', 'dd_review_complete')
      .replace('{name}', 'term-sheet.json')
      .replace('{provider}', 'stripe') + query
  );
}

const ask = (operation: Operation, as: string) => {
  const { method, path } = operation;
  const body = method === 'GET' || method === 'DELETE' ? undefined : (BODIES[path] ?? { reason: REASON });
  return running().ask(method, addressOf(operation), { as, ...(body && { body }) });
};
/** A PUT of a record of one's own makes it; there is nothing of the other's to be refused. */
const makes = ({ method, path }: Operation) => method === 'PUT' && path.startsWith('/admin/');

describe('the administrator of another tenant', () => {
  it('is told of every thing by its id that there is none, and not a byte of it', async () => {
    const before = await running().everything();
    const wrong: unknown[] = [];
    for (const operation of operations.filter((operation) => !makes(operation))) {
      const { status, text } = await ask(operation, 'stranger');
      const shows = /buyer_1|seller_1|Ines|Cleo|Last Reel|shop_1|PLACED|INTEREST/.exec(text)?.[0];
      if (status !== 404 || shows !== undefined) wrong.push([operation.name, status, shows, text]);
    }
    expect(wrong).toEqual([]);
    expect(await running().everything()).toEqual(before);
  });

  it('makes records of his own under the ids of others, which stay as they are', async () => {
    const pitch = { title: 'Another Reel', creatorId: 'creator_789' };
    expect((await running().ask('PUT', '/admin/pitches/pitch_456', { as: 'stranger', body: pitch })).status).toBe(200);
    expect((await running().get('stranger', '/admin/pitches/pitch_456')).json).toMatchObject({ title: 'Another Reel' });
    expect((await running().get('admin', '/admin/pitches/pitch_456')).json).toMatchObject({ title: 'The Last Reel' });
  });

  it('finds nothing in any list', async () => {
    for (const path of [
      '/api/instances',
      '/admin/outbox',
      '/admin/dead-letters',
      '/admin/dead-timers',
      '/admin/stuck',
      '/admin/bulk',
      '/api/notifications',
      '/api/tasks?scope=all',
      '/api/workflow-executions',
      '/api/workflow-attachments',
      '/api/inbox',
      '/api/webhooks',
      '/admin/dlq',
      '/api/automation/monitoring/dlq',
      '/api/automation/account/usage',
      '/api/automation/workflows',
      '/api/automation/executions',
      '/api/automation/monitoring/executions',
      '/api/automation/monitoring/audit',
      '/api/automation/patterns',
      '/api/automation/integrations',
    ]) {
      expect((await running().get('stranger', path)).json).toMatchObject({ data: [] });
    }
    expect((await running().get('stranger', '/api/workflows/list?userId=inv_123')).json).toMatchObject({
      workflows: [],
    });
    expect((await running().get('stranger', '/admin/api-keys')).json).toMatchObject({
      data: [{ userId: 'admin_of_elsewhere' }],
    });
  });
});

describe('the administrator of the tenant', () => {
  it('finds all of it, by the same addresses', async () => {
    const reading = operations.filter(({ method, path }) => method === 'GET' && !path.endsWith('/stream'));
    const missing: unknown[] = [];
    for (const operation of reading) {
      const { status } = await ask(operation, 'admin');
      // What is only for the parties is there all the same.
      if (status !== 200 && status !== 403) missing.push([operation.name, status]);
    }
    expect(missing).toEqual([]);
  });
});
