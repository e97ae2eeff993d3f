import type { Page } from 'playwright-core';
import { Config } from '../../src/platform/config.js';
import { VIEWS } from '../../src/console/pages.js';
import { Automation } from '../support/automation.js';
import { chromiumPath, Watched } from '../support/browser.js';
import { Functions, workflow } from '../support/functions.js';
import type { LiveService } from '../support/live.js';
import { FAINT, FLAWS } from '../support/looks.js';
import { step, Workflows } from '../support/workflows.js';
import { workstream } from '../support/workstream.js';

const pipeline = workstream();
const automation = new Automation(pipeline);
const workflows = new Workflows(pipeline);
const functions = new Functions(pipeline);
let live: LiveService;
beforeAll(() => {
  live = pipeline.live;
});

const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const ask = (path: string, headers: Record<string, string> = browser) => fetch(live.url + path, { headers });

describe('the console, as it is served', () => {
  it('is at the root for browsers, while programs still get JSON there', async () => {
    const page = await ask('/');
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const json = await ask('/', { accept: '*/*' });
    expect(await json.json()).toMatchObject({ service: 'statewright' });
    expect([page.headers.get('vary'), json.headers.get('vary')]).toEqual([expect.stringContaining('accept'), 'accept']);
  });

  it('answers links into every view with the same page', async () => {
    const page = await (await ask('/')).text();
    for (const view of VIEWS)
      for (const path of [`/${view}`, `/${view}/some-id_1`]) expect(await (await ask(path)).text()).toBe(page);
  });

  it('lets a page run its own scripts only, and keeps it out of frames', async () => {
    const policy = (await ask('/')).headers.get('content-security-policy') ?? '';
    const directives = Object.fromEntries(policy.split('; ').map((each) => [each.split(' ')[0], each]));
    expect(directives).toMatchObject({
      'default-src': "default-src 'none'",
      'script-src': "script-src 'self'",
      'style-src': "style-src 'self'",
      'frame-ancestors': "frame-ancestors 'none'",
    });
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
  });

  it('has files that may be kept for ever, and a page that may not', async () => {
    const page = await ask('/');
    expect(page.headers.get('cache-control')).toBe('no-cache');
    const names = [...(await page.text()).matchAll(/\/assets\/[\w.-]+/g)].map(([name]) => name);
    expect(names.length).toBeGreaterThan(2);
    for (const name of names) {
      const file = await ask(name, { 'accept-encoding': 'gzip' });
      expect([file.status, file.headers.get('cache-control')]).toEqual([200, 'public, max-age=31536000, immutable']);
      const etag = file.headers.get('etag') ?? '';
      expect((await ask(name, { 'if-none-match': etag })).status).toBe(304);
    }
  });

  it.each(['/api/nowhere', '/admin/nowhere', '/nowhere', '/assets/nowhere.js', '/instances/a/b'])(
    'leaves %s to the API, which says in problem+json that nothing is there',
    async (path) => {
      const answer = await ask(path);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([
        404,
        'application/problem+json; charset=utf-8',
      ]);
    },
  );

  it('tells nobody a key', async () => {
    const page = await (await ask('/')).text();
    const names = [...page.matchAll(/\/assets\/[\w.-]+/g)].map(([name]) => name);
    const served = [page, ...(await Promise.all(names.map(async (name) => (await ask(name)).text())))].join('');
    const { sandboxKeys } = live.app.get(Config);
    expect(Object.values(sandboxKeys).length).toBeGreaterThan(3);
    expect(Object.values(sandboxKeys).filter((key) => served.includes(key))).toEqual([]);
  });
});

describe('what the console asks the API', () => {
  it('tells a caller who he is', async () => {
    const token = await live.tokenFor('usr_9', ['sales', 'viewer']);
    const { body } = await live.call('GET', '/api/me', undefined, token);
    expect(body).toEqual({ tenant: 'demo', userId: 'usr_9', roles: ['sales', 'viewer'] });
  });

  it('publishes what the payload of each event has to be', async () => {
    const { body } = await live.call('GET', '/api/lifecycles/investment/payloads');
    const data = body['data'] as unknown as { type: string; schema: object }[];
    expect(data.find(({ type }) => type === 'creator-decision')?.schema).toMatchObject({
      type: 'object',
      required: ['decision'],
      additionalProperties: false,
      properties: {
        decision: { enum: ['approve', 'reject', 'counter'] },
        counterAmount: { type: 'number', minimum: 1_000 },
        message: { type: 'string', maxLength: 2_000 },
      },
    });
    expect((await live.call('GET', '/api/lifecycles/nothing/payloads')).status).toBe(404);
  });

  it('counts the instances of the tenant by state, for those who oversee it', async () => {
    const made = await live.call('POST', '/api/tasks', { taskType: 'to_do', title: 'Count me' });
    expect(made.status).toBe(201);
    const { body } = await live.call('GET', '/admin/overview');
    expect(body['instances']).toContainEqual({ lifecycle: 'task', state: 'open', status: 'active', count: 1 });
    expect(body['effects']).toMatchObject({ dead: 0 });
    const party = await live.tokenFor('inv_1', ['investor']);
    expect((await live.call('GET', '/admin/overview', undefined, party)).status).toBe(403);
  });
});

const chromium = chromiumPath();
if (chromium === undefined) console.log('There is no Chromium (CHROMIUM_PATH): the console is not tried in a browser.');
const inBrowser = chromium === undefined ? describe.skip : describe;

inBrowser('the console in a browser', () => {
  let watched: Watched;
  let page: Page;
  beforeAll(async () => {
    watched = await Watched.start(chromium ?? '', live.url);
    page = await watched.page();
  });
  afterAll(() => watched.stop());
  afterEach(() => expect(watched.complaints).toEqual([]));

  it('says in words that a key is wrong, and stays where it is', async () => {
    await page.goto(live.url);
    await page.getByLabel('API key').fill('sw_wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').getByText('The API key or token is not valid').waitFor();
  });

  it('shows whom the key belongs to, and the lifecycles with what is in them', async () => {
    await page.getByLabel('API key').fill(await live.tokenFor('usr_console', ['admin']));
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('usr_console').waitFor();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.getByRole('button', { name: /Human task/ }).click();
    await page.getByRole('region', { name: 'State diagram of Human task' }).locator('.heat-badge').waitFor();
  });

  it('finds a deal by its party, with the filters in the address', async () => {
    const id = await deal();
    const operator = await signedIn('operator_console', ['operator'], '/');
    await operator.getByRole('link', { name: 'Instances', exact: true }).click();
    await operator.getByLabel('Lifecycle').selectOption('Investment deal');
    await operator.getByLabel('Party').fill('inv_123');
    await operator.getByRole('link', { name: id }).waitFor();
    await operator.waitForURL(/lifecycle=investment&party=inv_123/);
    await operator.getByRole('link', { name: id }).click();
    await operator.getByRole('heading', { name: id }).waitFor();
    await operator.locator('.diagram g.active[data-state="NEGOTIATION"]').waitFor();
  });

  it('sends an event with the form of its payload, and shows a wrong field beside it', async () => {
    const id = await deal();
    const creator = await signedIn('creator_789', ['creator'], `/instances/${id}`);
    await creator.getByRole('button', { name: /Decide/ }).click();
    const dialog = creator.getByRole('dialog', { name: 'Decide' });
    await dialog.getByLabel('Decision').selectOption('counter');
    await dialog.getByLabel('Counter amount').fill('1');
    await dialog.getByRole('button', { name: 'Send creator-decision' }).click();
    await dialog.getByText('Minimum investment amount is $1,000').waitFor();
    expect(await dialog.getByLabel('Counter amount').getAttribute('aria-invalid')).toBe('true');
    await dialog.getByLabel('Counter amount').fill('60000');
    await dialog.getByRole('button', { name: 'Send creator-decision' }).click();
    await creator.getByText('creator-decision was taken: NEGOTIATION').waitFor();
    await creator.getByRole('listitem').filter({ hasText: 'by creator_789 as creator' }).waitFor();
    expect((await live.read(id)).phase).toBe('awaitingInvestor');
  });

  it('shows each step of an instance as it happens elsewhere', async () => {
    const id = await deal();
    const creator = await signedIn('creator_789', ['creator'], `/instances/${id}`);
    await creator.getByText('live', { exact: true }).waitFor();
    const investor = await live.tokenFor('inv_123', ['investor']);
    await live.call('POST', `/api/instances/${id}/events`, { type: 'investor-withdraw', payload: {} }, investor);
    await creator.locator('h1 + .row').getByText('WITHDRAWN').waitFor();
  });

  it('explains why an event was refused: what is missing, and who can clear it', async () => {
    const id = await pursuit();
    const sales = await signedIn('sales_console', ['sales'], `/instances/${id}`);
    await sales.getByRole('button', { name: /Start the red team/ }).click();
    const dialog = sales.getByRole('dialog', { name: 'Start the red team' });
    await dialog.getByRole('button', { name: 'Send start-red' }).click();
    const trouble = dialog.getByRole('alert');
    await trouble.getByText('Still missing').waitFor();
    await trouble.getByRole('img', { name: 'does not hold' }).first().waitFor();
    await sales.keyboard.press('Escape');
    await sales.getByRole('tab', { name: 'Why can’t it move?' }).click();
    await sales.getByText('start-red is answered in', { exact: false }).waitFor();
  });

  it('shows what a force would do before it can be done, and asks for a reason', async () => {
    const id = await deal();
    const admin = await signedIn('admin_console', ['admin'], `/instances/${id}`);
    await admin.getByRole('button', { name: 'Force…' }).click();
    const dialog = admin.getByRole('dialog', { name: 'Force a transition' });
    await dialog.getByLabel('To state').selectOption('WITHDRAWN');
    expect(await dialog.getByRole('button', { name: 'Preview' }).isDisabled()).toBe(true);
    await dialog.getByLabel('Reason').fill('The investor has asked by telephone.');
    expect(await dialog.getByRole('button', { name: 'Force it' }).isDisabled()).toBe(true);
    await dialog.getByRole('button', { name: 'Preview' }).click();
    await dialog.getByRole('status').getByText('WITHDRAWN').waitFor();
    expect((await live.read(id)).state).toBe('NEGOTIATION');
    await dialog.getByRole('button', { name: 'Force it' }).click();
    await admin.locator('h1 + .row').getByText('WITHDRAWN').waitFor();
    const { body } = await live.call('GET', '/admin/audit?limit=1');
    expect(body['data']).toMatchObject([
      { actor: 'admin_console', target: id, reason: 'The investor has asked by telephone.' },
    ]);
  });

  it('plays time against an instance without writing anything', async () => {
    const id = await deal();
    const admin = await signedIn('admin_console', ['admin'], `/instances/${id}?part=simulate`);
    await admin.getByLabel('Time passes').fill('30d');
    await admin.getByRole('button', { name: 'Add the time' }).click();
    await admin.getByText('It would be in').getByText('EXPIRED').waitFor();
    expect((await live.read(id)).state).toBe('NEGOTIATION');
  });

  it('completes a task with its form, after saying which fields do not fit yet', async () => {
    const { body } = await live.call('POST', '/api/tasks', {
      taskType: 'workflow_execution_error',
      title: 'The import has stopped',
      assignTo: { roles: ['operator'] },
      contextData: { errorCode: 'E-42' },
    });
    const operator = await signedIn('operator_console', ['operator'], '/tasks');
    await operator.getByRole('link', { name: 'The import has stopped' }).click();
    await operator.getByRole('button', { name: 'Claim' }).click();
    await operator.getByText('taken by operator_console').waitFor();
    expect(await operator.getByLabel('What happened').inputValue()).toContain('Error: E-42');
    await operator.getByRole('button', { name: 'Submit' }).click();
    await operator.getByText('is required').waitFor();
    await operator.getByLabel('What became of it').selectOption('resolved');
    await operator.getByLabel('Notes').fill('The client was created.');
    await operator.getByRole('button', { name: 'Submit' }).click();
    await operator.getByText('Completed by operator_console').waitFor();
    const task = await live.call('GET', `/api/tasks/${String(body['taskId'])}`);
    expect(task.body).toMatchObject({
      status: 'completed',
      response_data: { resolutionStatus: 'resolved', resolutionNotes: 'The client was created.' },
    });
  });

  it('shows a field only where another is filled in so', async () => {
    await live.call('POST', '/api/forms', {
      name: 'console-form',
      version: '1.0',
      status: 'active',
      json_schema: {
        type: 'object',
        properties: { ok: { type: 'boolean', title: 'Is it well?' }, why: { type: 'string', title: 'Why not?' } },
        required: ['ok', 'why'],
      },
      ui_schema: { why: { 'ui:displayIf': { field: 'ok', value: false } } },
    });
    await live.call('PUT', '/api/task-definitions/console_kind', { name: 'A kind', form_name: 'console-form' });
    const { body } = await live.call('POST', '/api/tasks', { taskType: 'console_kind', title: 'Look at it' });
    const admin = await signedIn('admin_console', ['admin'], `/tasks/${String(body['taskId'])}`);
    await admin.getByRole('radio', { name: 'No' }).check();
    await admin.getByLabel('Why not?').fill('It is not.');
    await admin.getByRole('radio', { name: 'Yes' }).check();
    await admin.getByLabel('Why not?').waitFor({ state: 'detached' });
    await admin.getByRole('button', { name: 'Submit' }).click();
    await admin.getByText('Completed by admin_console').waitFor();
    const task = await live.call('GET', `/api/tasks/${String(body['taskId'])}`);
    expect(task.body['response_data']).toEqual({ ok: true });
  });

  it('replays dead letters of one error together, with a reason that the audit keeps', async () => {
    const actions = [{ type: 'comms.send_email', params: { to: 'down@example.com', subject: 'News', body: '…' } }];
    await automation.rule({ trigger: { event_types: ['console.news'] }, actions });
    await live.breakDown('smtp');
    for (const which of [1, 2]) await automation.event('console.news', { which });
    await pipeline.work();
    for (const pause of ['5m', '5m']) await automation.pass(pause);
    await live.repair();
    const operator = await signedIn('operator_console', ['operator'], '/dead-letters');
    await operator.getByRole('button', { name: / 2$/ }).click();
    await operator.getByLabel('All 2 shown').check();
    await operator.getByRole('button', { name: 'Replay 2' }).click();
    const dialog = operator.getByRole('dialog', { name: 'Replay 2' });
    await dialog.getByLabel('Reason').fill('The mailboxes exist again by now.');
    await dialog.getByRole('button', { name: 'Replay' }).click();
    await operator.getByText('2 will be tried again.').waitFor();
    await operator.getByText('No dead letters').waitFor();
    const { body } = await live.call('GET', '/admin/audit?limit=2');
    const entry = {
      actor: 'operator_console',
      action: 'dead-letter.replay',
      reason: 'The mailboxes exist again by now.',
    };
    expect(body['data']).toMatchObject([entry, entry]);
  });

  it('tells the way to a goal: who has to do what, and what has to be so', async () => {
    const id = await deal();
    const creator = await signedIn('creator_789', ['creator'], `/instances/${id}`);
    await creator.getByRole('tab', { name: 'How do I get there?' }).click();
    await creator.getByLabel('Where should it get to?').selectOption('WITHDRAWN');
    await creator.getByText('One step leads from').waitFor();
    await creator.getByLabel('Where should it get to?').selectOption('COMPLETED');
    await creator.getByText(/\d+ steps lead from .* to COMPLETED/).waitFor();
    await creator.getByRole('listitem').filter({ hasText: 'you may send it' }).first().waitFor();
  });

  it('shows an instance as it was after any of its steps, and what has changed since', async () => {
    const id = await deal();
    const creator = await live.tokenFor('creator_789', ['creator']);
    const payload = { decision: 'counter', counterAmount: 70_000 };
    await live.call('POST', `/api/instances/${id}/events`, { type: 'creator-decision', payload }, creator);
    const { revision } = await live.read(id);
    const admin = await signedIn('admin_console', ['admin'], `/instances/${id}?part=past`);
    await admin.getByRole('heading', { name: 'As it is' }).waitFor();
    await admin.getByRole('button', { name: 'Earlier' }).click();
    await admin.getByRole('heading', { name: `As it was at revision ${revision - 1}` }).waitFor();
    await admin.getByRole('region', { name: 'What has changed since' }).getByText('creator-decision').waitFor();
    await admin.getByRole('region', { name: 'What has changed since' }).getByText('70000').first().waitFor();
  });

  it('lays over a definition what is really lived, and says how its instances would fare on the newest version', async () => {
    await deal();
    const admin = await signedIn('admin_console', ['admin'], '/lifecycles/investment');
    await admin.getByLabel('Show what is really lived').check();
    await admin.getByRole('region', { name: 'with what is lived' }).waitFor();
    await admin.getByText('transitions were never taken', { exact: false }).waitFor();
    await admin.getByRole('button', { name: 'Dry run' }).click();
    await admin.getByText('All running instances live on version', { exact: false }).waitFor();
  });

  it('follows an execution from its workflow, with what came of each step, and runs it once more', async () => {
    const id = await workflows.made([step.transform('double', 'input.n * 2')], { name: 'Double it', enabled: true });
    const executionId = await workflows.started(id, { n: 21 });
    await pipeline.work();
    const admin = await signedIn('admin_console', ['admin'], '/workflows');
    await admin.getByRole('link', { name: 'Double it' }).click();
    await admin.getByRole('link', { name: 'Its executions' }).click();
    await admin.getByRole('link', { name: executionId }).click();
    const steps = admin.getByRole('region', { name: 'Steps' });
    await steps.getByText('What came of it').click();
    await steps.getByText('42').waitFor();
    await admin.getByRole('button', { name: 'Run again with this input' }).click();
    await admin.getByRole('heading', { level: 1 }).filter({ hasNotText: executionId }).waitFor();
    await pipeline.work();
    await admin.locator('h1 + .row').getByText('completed').waitFor();
  });

  it('shows a pattern with its matches, and what each has started', async () => {
    const workflowId = await workflows.made([step.delay('rest', '1h')], { enabled: true });
    const body = { name: 'Sign-ups', workflowId, pattern: { type: 'event', eventType: 'console.signup' } };
    const made = await pipeline.done<{ data: { id: string } }>('POST', '/api/automation/patterns', body, 'admin');
    await pipeline.done('POST', '/api/events', { payload: { type: 'console.signup', user_id: 'usr_1' } });
    await pipeline.work();
    const viewer = await signedIn('viewer_console', ['viewer'], '/patterns');
    await viewer.getByRole('link', { name: 'Sign-ups' }).click();
    await viewer.waitForURL(new RegExp(made.data.id));
    await viewer.getByText('1 event', { exact: true }).click();
    await viewer.getByRole('region', { name: 'Matches' }).getByText('console.signup').waitFor();
    await viewer.getByRole('region', { name: 'Matches' }).getByRole('link').click();
    await viewer.getByRole('link', { name: 'History, timers and diagram' }).waitFor();
  });

  it('shows a run of a function: what it remembers, and what came in', async () => {
    functions.register(
      workflow('console_approval', async ({ events, setState, data }) => {
        setState('AWAITING_DECISION');
        const { payload } = await events.waitFor(['Approve'], { timeoutMs: 86_400_000 });
        data.set('decision', payload);
        setState('DECIDED');
      }),
    );
    const id = await functions.start('console_approval');
    await functions.work();
    await functions.tell(id, 'Approve', { by: 'the board' });
    await functions.work();
    const admin = await signedIn('admin_console', ['admin'], '/runs');
    await admin.getByRole('link', { name: id }).click();
    await admin.locator('h1 + .row').getByText('DECIDED').waitFor();
    await admin.getByRole('region', { name: 'What it remembers' }).getByText('the board').waitFor();
    await admin.getByRole('region', { name: 'What came in' }).getByText('Approve', { exact: true }).waitFor();
  });

  it('has a second administrator agree to a force, where the tenant wants that', async () => {
    const admin = await signedIn('admin_console', ['admin'], '/settings');
    const area = admin.getByRole('region', { name: 'Forces that need two administrators' });
    await area.getByRole('heading').click();
    await area.getByLabel('Second approver for', { exact: true }).fill('investment');
    await area.getByRole('button', { name: 'Save' }).click();
    await area.getByText('It is kept.').waitFor();
    const id = await deal();
    const first = await signedIn('admin_first', ['admin'], `/instances/${id}`);
    await first.getByRole('button', { name: 'Force…' }).click();
    await first.getByLabel('To state').selectOption('WITHDRAWN');
    await first.getByLabel('Reason').fill('The investor has asked by telephone.');
    await first.getByRole('button', { name: 'Preview' }).click();
    await first.getByRole('button', { name: 'Force it' }).click();
    await first.getByRole('button', { name: 'Ask another administrator' }).click();
    await first.getByText('It is asked for', { exact: false }).waitFor();
    await admin.getByRole('button', { name: /^Agree to .* WITHDRAWN$/ }).click();
    const dialog = admin.getByRole('dialog', { name: 'Agree to it' });
    await dialog.getByLabel('Reason').fill('I have heard the same from the investor.');
    await dialog.getByRole('button', { name: 'Agree and do it' }).click();
    await admin.getByText('approved by admin_console', { exact: false }).waitFor();
    expect((await live.read(id)).state).toBe('WITHDRAWN');
    // That one is enough again, one cannot decide alone.
    await area.getByLabel('Second approver for', { exact: true }).fill('');
    await area.getByRole('button', { name: 'Save' }).click();
    await area.getByRole('button', { name: 'Ask another administrator' }).click();
    await admin.getByRole('dialog').getByLabel('Reason').fill('We are too few administrators for that.');
    await admin.getByRole('button', { name: 'Ask', exact: true }).click();
    await first.goto(`${live.url}/settings`);
    await first.getByRole('button', { name: /^Agree to Settings/ }).click();
    await first.getByLabel('Reason').fill('I see that in the same way.');
    await first.getByRole('button', { name: 'Agree and do it' }).click();
    await first.getByText('approved by admin_first', { exact: false }).waitFor();
  });

  it.each([1_280, 390])(
    'has a name for every control, nothing beside the page, and text that stands out in light and dark, %i pixels wide',
    async (width) => {
      const id = await deal();
      const admin = await signedIn('admin_console', ['admin'], '/', width);
      const parts = ['history', 'plan&goal=COMPLETED', 'effects', 'past', 'simulate', 'version'];
      const instance = parts.map((part) => `/instances/${id}?part=${part}`);
      for (const view of ['/', ...VIEWS.map((each) => `/${each}`), ...instance, '/lifecycles/nda']) {
        await admin.goto(live.url + view);
        await admin.locator('main:not(:has(.skeleton)) h1').waitFor();
        expect([view, await admin.evaluate<string[]>(FLAWS)]).toEqual([view, []]);
        for (const colorScheme of ['light', 'dark'] as const) {
          await admin.emulateMedia({ colorScheme });
          expect([view, colorScheme, await admin.evaluate<string[]>(FAINT)]).toEqual([view, colorScheme, []]);
        }
      }
    },
  );

  it('asks for a key again once the key is worth nothing', async () => {
    const made = await live.call('POST', '/admin/api-keys', {
      userId: 'usr_leaving',
      roles: ['viewer'],
      label: 'console',
    });
    const leaving = await watched.page();
    await leaving.goto(live.url);
    await leaving.getByLabel('API key').fill(String(made.body['key']));
    await leaving.getByRole('button', { name: 'Sign in' }).click();
    await leaving.getByText('usr_leaving').waitFor();
    await leaving.getByRole('button', { name: 'Sign out' }).click();
    await leaving.getByLabel('API key').waitFor();
    await leaving.evaluate(`sessionStorage.setItem('statewright.key', 'sw_revoked')`);
    await leaving.reload();
    await leaving.getByLabel('API key').waitFor();
    expect(await leaving.evaluate(`sessionStorage.getItem('statewright.key')`)).toBeNull();
  });

  /** A page of somebody who has signed in already. */
  async function signedIn(userId: string, roles: string[], path: string, width?: number): Promise<Page> {
    const opened = await watched.page(width);
    const key = await live.tokenFor(userId, roles);
    await opened.addInitScript(`sessionStorage.setItem('statewright.key', ${JSON.stringify(key)})`);
    await opened.goto(live.url + path);
    return opened;
  }
});

let pitches = 0;

/** A deal that waits for its creator. */
async function deal(): Promise<string> {
  pitches += 1;
  const [pitchId, creatorId] = [`pitch_console_${pitches}`, 'creator_789'];
  await live.call('PUT', `/admin/pitches/${pitchId}`, { title: 'Console', creatorId });
  const investor = await live.tokenFor('inv_123', ['investor']);
  const { body } = await live.call(
    'POST',
    '/api/workflows/investment/create',
    {
      investorId: 'inv_123',
      creatorId,
      pitchId,
      proposedAmount: 50_000,
      investmentType: 'equity',
      ndaAccepted: true,
    },
    investor,
  );
  const id = String(body['instanceId']);
  await live.settle(id);
  expect((await live.read(id)).state).toBe('NEGOTIATION');
  return id;
}

/** A pursuit before a gate that nobody has done anything for. */
async function pursuit(): Promise<string> {
  const id = await pipeline.pursuit();
  await pipeline.advance(id, 'pink');
  const body = await pipeline.done<{ workflow_instance_id: string }>('GET', `/api/pursuits/${id}`);
  return body.workflow_instance_id;
}
