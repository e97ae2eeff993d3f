/** Production, with a secret of ours in every place for one: wherever text comes out of the service, none of them does. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { startSandbox, type Sandbox } from '../../src/integrations/sandbox/server.js';
import { freePort } from '../../src/platform/free.port.js';
import { sandboxSecrets } from '../../src/platform/sandbox.secrets.js';
import { testDatabase, type TestDatabase } from '../support/database.js';

const canary = (prefix = 'canary-') => `${prefix}${randomBytes(24).toString('hex')}`;
/** What an operator has to keep to himself, by the variable that holds it; and what a tenant has given into safe keeping. */
const SECRETS = {
  JWT_SECRET: canary(),
  ENCRYPTION_KEY: randomBytes(32).toString('base64'),
  BOOTSTRAP_ADMIN_KEY: canary('sw_'),
  STRIPE_SECRET_KEY: canary('sk_test_'),
  STRIPE_WEBHOOK_SECRET: canary('whsec_'),
  DOCUSIGN_WEBHOOK_SECRET: canary(),
  TWILIO_AUTH_TOKEN: canary(),
  PUSH_TOKEN: canary(),
  SLACK_PATH: canary(),
  SMTP_PASSWORD: canary(),
  WORKFLOW_SECRET: canary(),
};
const { SLACK_PATH, SMTP_PASSWORD, WORKFLOW_SECRET, ...VARIABLES } = SECRETS;
const READY_MS = 30_000;
const REASON = 'to see whether anything leaks';

const dataDir = mkdtempSync(join(tmpdir(), 'statewright-canaries-'));
const theirs = sandboxSecrets(join(dataDir, 'providers'), []);
let database: TestDatabase;
let owner: pg.Client;
let sandbox: Sandbox;
let service: ChildProcess;
let url = '';
let output = '';
/** Everything that was answered, headers and all. */
const answers: string[] = [];

beforeAll(async () => {
  database = await testDatabase();
  owner = new pg.Client(database.url);
  await owner.connect();
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  const secrets = {
    ...theirs,
    stripeWebhookSecret: SECRETS.STRIPE_WEBHOOK_SECRET,
    docusignWebhookSecret: SECRETS.DOCUSIGN_WEBHOOK_SECRET,
  };
  sandbox = await startSandbox({ dataDir: join(dataDir, 'providers'), webhookTarget: url, secrets });
  const env = {
    ...variables(),
    PORT: String(port),
    STATEWRIGHT_DATA_DIR: join(dataDir, 'service'),
    LOG_LEVEL: 'debug',
  };
  service = spawn(process.execPath, ['dist/src/main.js'], { env: { PATH: process.env['PATH'], ...env } });
  service.stdout?.on('data', (text: Buffer) => (output += text.toString()));
  service.stderr?.on('data', (text: Buffer) => (output += text.toString()));
  for (let waited = 0; !(await isReady()); waited += 50) {
    if (waited > READY_MS || service.exitCode !== null) throw new Error(`the service did not get ready: ${output}`);
    await pause(50);
  }
});

afterAll(async () => {
  await stop();
  await sandbox.stop();
  await owner.end();
  await database.drop();
  rmSync(dataDir, { recursive: true, force: true });
});

describe('in production', () => {
  it('secrets are nowhere in the log, in answers, in the database and in files, whatever goes wrong (S8)', async () => {
    const id = await deal();
    await misbehave(id);
    await stop();
    expect(output).toMatch(/"level":"error"/);
    expect(answers.join()).toMatch(/"code":"INTERNAL"/);
    expect(leaks('the log', output)).toEqual([]);
    expect(leaks('an answer', answers.join('\n'))).toEqual([]);
    const stored = await dump();
    expect(stored).toContain('inv_1');
    expect(leaks('the database', stored)).toEqual([]);
    expect(leaks('a file', contentOf(join(dataDir, 'service')))).toEqual([]);
  });
});

function variables(): Record<string, string> {
  const { host } = new URL(sandbox.smtpUrl);
  return {
    STATEWRIGHT_MODE: 'production',
    DATABASE_URL: database.url,
    ...VARIABLES,
    STRIPE_API_BASE: sandbox.url,
    DOCUSIGN_BASE_PATH: `${sandbox.url}/restapi`,
    DOCUSIGN_OAUTH_BASE: sandbox.url,
    DOCUSIGN_INTEGRATION_KEY: theirs.docusignIntegrationKey,
    DOCUSIGN_USER_ID: theirs.docusignUserId,
    DOCUSIGN_ACCOUNT_ID: theirs.docusignAccountId,
    DOCUSIGN_PRIVATE_KEY: theirs.docusignPrivateKey,
    SMTP_URL: `smtp://mailer:${SMTP_PASSWORD}@${host}`,
    SLACK_WEBHOOK_URL: `${sandbox.url}/slack/services/T0/B0/${SLACK_PATH}`,
    TWILIO_API_BASE: `${sandbox.url}/twilio`,
    TWILIO_ACCOUNT_SID: 'AC1',
    TWILIO_FROM: '+15005550006',
    PUSH_URL: `${sandbox.url}/push`,
  };
}

async function stop(): Promise<void> {
  if (service.exitCode !== null) return;
  service.kill('SIGTERM');
  await once(service, 'exit');
}

/** Brings a deal as far as the payment, past providers that break down on the way. */
async function deal(): Promise<string> {
  await fault({ match: { provider: 'docusign', operation: 'oauth.token' }, kind: 'error-before' });
  await fault({ match: { provider: 'stripe' }, kind: 'error-before', times: 2 });
  await fault({ match: { provider: 'smtp' }, kind: 'error-before' });
  const admin = SECRETS.BOOTSTRAP_ADMIN_KEY;
  const person = (name: string) => ({ name, email: `${name.toLowerCase()}@example.com` });
  await ask(admin, 'PUT', '/admin/investors/inv_1', { ...person('Ines'), accreditationStatus: 'verified' });
  await ask(admin, 'PUT', '/admin/creators/creator_1', { ...person('Cleo'), stripeAccountId: 'acct_1' });
  await ask(admin, 'PUT', '/admin/pitches/pitch_1', { title: 'Canaries', creatorId: 'creator_1' });
  const [investor, creator, legal] = await Promise.all([
    token('inv_1', 'investor'),
    token('creator_1', 'creator'),
    token('legal_1', 'legal'),
  ]);
  const offer = {
    investorId: 'inv_1',
    creatorId: 'creator_1',
    pitchId: 'pitch_1',
    proposedAmount: 50_000,
    investmentType: 'equity',
    ndaAccepted: true,
  };
  const { instanceId } = await ask(investor, 'POST', '/api/workflows/investment/create', offer);
  const id = String(instanceId);
  const reach = (state: string) => ask(admin, 'GET', `/api/instances/${id}/wait?for=${state}&timeout=30s`);
  const send = (as: string, type: string, payload: object = {}) =>
    ask(as, 'POST', `/api/instances/${id}/events`, { type, payload });
  await reach('NEGOTIATION');
  await send(creator, 'creator-decision', { decision: 'approve' });
  await signed(id);
  await reach('DUE_DILIGENCE.reviewing');
  for (const item of ['dd_documents_provided', 'dd_review_complete'])
    await ask(legal, 'PUT', `/api/workflows/investment/${id}/checklist/${item}`, { done: true });
  await send(legal, 'due-diligence-complete');
  await send(investor, 'commitment-confirmed', { confirmed: true });
  await reach('ESCROW.awaitingPayment');
  expect(await ask(admin, 'GET', `/api/instances/${id}`)).toMatchObject({ state: 'ESCROW', phase: 'awaitingPayment' });
  return id;
}

async function signed(id: string): Promise<void> {
  for (let waited = 0; waited < READY_MS; waited += 100) {
    const { context } = await ask(SECRETS.BOOTSTRAP_ADMIN_KEY, 'GET', `/api/instances/${id}`);
    const { envelopeId } = context as { envelopeId: string | null };
    if (envelopeId !== null) {
      for (const role of ['investor', 'creator']) await atSandbox(`docusign/envelopes/${envelopeId}/sign`, { role });
      return;
    }
    await pause(100);
  }
  throw new Error('no envelope was sent');
}

/** Asks for everything that shows something, and for much that goes wrong. */
async function misbehave(id: string): Promise<void> {
  const admin = SECRETS.BOOTSTRAP_ADMIN_KEY;
  for (const path of ['', '/history', '/effects', '/timers', '/explain', '/failure', '/diagram.svg'])
    await ask(admin, 'GET', `/api/instances/${id}${path}`);
  for (const path of [
    'outbox',
    'dead-letters',
    'webhooks',
    'audit',
    'api-keys',
    'stuck',
    'sandbox',
    'settings/investment',
  ])
    await ask(admin, 'GET', `/admin/${path}`);
  for (const value of [WORKFLOW_SECRET, [WORKFLOW_SECRET]])
    await ask(admin, 'PUT', '/api/workflow-secrets/bank', { value });
  await ask(admin, 'GET', '/api/workflow-secrets');
  for (const path of ['/health', '/health/ready', '/metrics', '/api/docs-json', '/nowhere', '/%00'])
    await ask(undefined, 'GET', path);
  await ask(`${admin}x`, 'GET', '/api/instances');
  await ask(`${await token('viewer_1', 'viewer')}x`, 'GET', '/api/instances');
  await ask(admin, 'POST', `/api/instances/${id}/events`, {
    type: 'creator-decision',
    payload: { decision: 'approve' },
  });
  await ask(admin, 'POST', '/admin/clock', { advance: '1d' });
  await ask(undefined, 'POST', '/webhooks/stripe', { id: 'evt_1' }, { 'stripe-signature': 't=1,v1=00' });
  await ask(undefined, 'POST', '/webhooks/docusign', { event: 'x' }, { 'x-docusign-signature-1': 'AAAA' });
  // A stored state that no longer fits makes the next decision throw.
  await owner.query(`update engine.instances set snapshot = '{"value":"ESCROW"}' where id = $1`, [id]);
  const reason = { reason: REASON };
  await ask(admin, 'POST', `/api/instances/${id}/events`, { type: 'payment-retry', payload: {} });
  await ask(admin, 'POST', `/admin/workflows/${id}/compensate`, reason);
  await ask(admin, 'GET', `/admin/audit/replay/${id}`);
  // Half of the database is gone.
  await owner.query('alter table engine.audit rename to audit_away');
  await ask(admin, 'GET', '/admin/audit');
  await owner.query('alter table engine.audit_away rename to audit');
}

async function token(userId: string, role: string): Promise<string> {
  const headers = { authorization: `Bearer ${SECRETS.BOOTSTRAP_ADMIN_KEY}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ userId, roles: [role] });
  const response = await fetch(`${url}/admin/tokens`, { method: 'POST', headers, body });
  return ((await response.json()) as { token: string }).token;
}

async function ask(
  credential: string | undefined,
  method: string,
  path: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<Record<string, unknown>> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      ...(credential !== undefined && { authorization: `Bearer ${credential}` }),
      ...(body && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  answers.push(`${method} ${response.status} ${JSON.stringify([...response.headers])} ${text}`);
  return text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {};
}

const fault = (body: object) => atSandbox('faults', body);

async function atSandbox(path: string, body: object): Promise<void> {
  const response = await fetch(`${sandbox.url}/_sandbox/${path}`, { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok) throw new Error(await response.text());
}

const isReady = () =>
  fetch(`${url}/health/ready`).then(
    ({ ok }) => ok,
    () => false,
  );

/** Names of the secrets that a text has in it, plain or encoded. */
function leaks(where: string, text: string): string[] {
  const [, line = ''] = theirs.docusignPrivateKey.split('\n');
  return Object.entries({ ...SECRETS, DOCUSIGN_PRIVATE_KEY: line })
    .filter(([, secret]) => [secret, btoa(secret), encodeURIComponent(secret)].some((form) => text.includes(form)))
    .map(([name]) => `${name} in ${where}`);
}

/** Every row of every table as text. */
async function dump(): Promise<string> {
  const { rows } = await owner.query<{ content: string }>(
    `select query_to_xml(format('select * from %I.%I', schemaname, tablename), true, false, '')::text as content
       from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`,
  );
  return rows.map(({ content }) => content).join('\n');
}

const contentOf = (folder: string): string =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile())
    .map((file) => readFileSync(file, 'latin1'))
    .join('\n');
