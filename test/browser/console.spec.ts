import type { Page } from 'playwright-core';
import { Config } from '../../src/platform/config.js';
import { VIEWS } from '../../src/console/pages.js';
import { chromiumPath, Watched } from '../support/browser.js';
import { liveService, type LiveService } from '../support/live.js';

const get = liveService();
let live: LiveService;
beforeAll(async () => {
  live = await get();
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
});
