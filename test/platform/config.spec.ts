import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CannotStart } from '../../src/platform/cannot.start.js';
import { readConfig } from '../../src/platform/config.js';

const ROLES = ['admin', 'viewer'];
const dataDir = mkdtempSync(join(tmpdir(), 'statewright-config-'));
const read = (variables: Record<string, string>) => readConfig({ STATEWRIGHT_DATA_DIR: dataDir, ...variables }, ROLES);
const production = {
  STATEWRIGHT_MODE: 'production',
  DATABASE_URL: 'postgres://app:secret@db/app',
  JWT_SECRET: 'x'.repeat(32),
  ENCRYPTION_KEY: Buffer.alloc(32, 1).toString('base64'),
};

afterAll(() => rmSync(dataDir, { recursive: true }));

describe('the configuration', () => {
  it('needs nothing at all in the sandbox', () => {
    const config = read({});
    expect(config).toMatchObject({
      mode: 'sandbox',
      role: 'all',
      host: '127.0.0.1',
      port: 3000,
      publicUrl: 'http://127.0.0.1:3000',
    });
    expect(Object.keys(config.sandboxKeys)).toEqual(ROLES);
    expect(config.sandboxKeys['admin']).toBe(config.bootstrapAdminKey);
    expect(config.encryptionKeys.map(({ key }) => key.length)).toEqual([32]);
  });

  it('keeps the secrets it made up over a restart, in a file for its owner only', () => {
    expect(read({})).toEqual(read({}));
    expect(statSync(join(dataDir, 'secrets.json')).mode & 0o777).toBe(0o600);
  });

  it('says how often a worker looks, for how long a claim lasts, and what it tells (R004-57)', () => {
    const usual = { role: 'all', outboxPollMs: 500, timerPollMs: 1_000, outboxLeaseMs: 5_000, logLevel: 'info' };
    expect(read({})).toMatchObject(usual);
    const given = {
      STATEWRIGHT_ROLE: 'worker',
      OUTBOX_POLL_MS: '1000',
      TIMER_POLL_MS: '2000',
      OUTBOX_LEASE_MS: '30000',
    };
    const other = { role: 'worker', outboxPollMs: 1_000, timerPollMs: 2_000, outboxLeaseMs: 30_000, logLevel: 'warn' };
    expect(read({ ...given, LOG_LEVEL: 'warn' })).toMatchObject(other);
    expect(() => read({ OUTBOX_POLL_MS: '0' })).toThrow('OUTBOX_POLL_MS');
  });

  it('cannot be changed', () => {
    expect(Object.isFrozen(read({}))).toBe(true);
  });

  it('is for production as soon as a database is given', () => {
    const { STATEWRIGHT_MODE, ...rest } = production;
    expect(STATEWRIGHT_MODE).toBe(read(rest).mode);
  });

  it('makes up no secret and no key in production', () => {
    const config = read(production);
    expect(config).toMatchObject({
      sandboxKeys: {},
      bootstrapAdminKey: undefined,
      stripe: undefined,
      docusign: undefined,
    });
  });

  it('lists every problem at once', () => {
    const problems = problemsOf({ STATEWRIGHT_MODE: 'production', PORT: 'http', LOG_LEVEL: 'loud', DB_POOL_SIZE: '0' });
    expect(problems).toEqual([
      'PORT must be a whole number from 0 to 65535, not "http".',
      'DB_POOL_SIZE must be a whole number from 2 to 1000, not "0".',
      'LOG_LEVEL must be debug or info or warn or error or silent, not "loud".',
      'Neither JWT_SECRET nor JWT_JWKS_URL is set; production needs one of them to verify bearer tokens.',
      'ENCRYPTION_KEY is not set; production needs it for the secrets it stores.',
      'DATABASE_URL is not set; production does not keep its data in the embedded database unless STATEWRIGHT_ALLOW_EMBEDDED=1 says so.',
    ]);
  });

  it('has the numbers of events from the requirement, and takes others of the operator (R003-32)', () => {
    expect(read({})).toMatchObject({
      events: { batch: 100, maxConcurrency: 10, maxRetries: 3, deadLetters: 'event-dlq' },
    });
    const others = {
      EVENT_BATCH: '20',
      EVENT_MAX_CONCURRENCY: '2',
      EVENT_MAX_RETRIES: '0',
      EVENT_DLQ: 'events.failed',
    };
    expect(read(others).events).toEqual({ batch: 20, maxConcurrency: 2, maxRetries: 0, deadLetters: 'events.failed' });
    expect(read({}).outboxPollMs).toBeLessThanOrEqual(1_000);
    expect(problemsOf({ EVENT_MAX_RETRIES: '5' })).toEqual([
      'EVENT_MAX_RETRIES must be a whole number from 0 to 4, not "5".',
    ]);
  });

  it('does not accept half a provider in production (R000-11)', () => {
    expect(problemsOf({ ...production, STRIPE_SECRET_KEY: 'sk_live_1' })).toEqual([
      'STRIPE_WEBHOOK_SECRET is not set; it is needed to tell Stripe’s webhooks from others.',
    ]);
  });

  it('sends nothing to real providers with made-up keys', () => {
    expect(read({})).toMatchObject({ stripe: undefined, docusign: undefined });
    expect(read({ SANDBOX_URL: 'http://127.0.0.1:9/' })).toMatchObject({
      stripe: { apiBase: 'http://127.0.0.1:9' },
      docusign: { basePath: 'http://127.0.0.1:9/restapi', oauthBase: 'http://127.0.0.1:9' },
    });
  });

  it('takes WEBHOOK_SECRET for DocuSign where DOCUSIGN_WEBHOOK_SECRET is not set (R000-11)', () => {
    const standIn = { SANDBOX_URL: 'http://127.0.0.1:9' };
    expect(read({ ...standIn, WEBHOOK_SECRET: 'old' }).docusign?.webhookSecrets).toEqual(['old', expect.any(String)]);
    expect(
      read({ ...standIn, WEBHOOK_SECRET: 'old', DOCUSIGN_WEBHOOK_SECRET: 'new, newer' }).docusign?.webhookSecrets,
    ).toEqual(['new', 'newer', expect.any(String)]);
  });

  it('reads encryption keys with their versions, the current one first', () => {
    const [current, old] = [Buffer.alloc(32, 2), Buffer.alloc(32, 1)];
    const { encryptionKeys } = read({ ENCRYPTION_KEY: `2:${current.toString('hex')},1:${old.toString('base64')}` });
    expect(encryptionKeys).toEqual([
      { version: 2, key: current },
      { version: 1, key: old },
    ]);
  });

  it('never repeats an address, which may hold a password', () => {
    expect(problemsOf({ DATABASE_URL: 'mysql://app:secret@db/app', STATEWRIGHT_MODE: 'sandbox' }).join()).not.toContain(
      'secret',
    );
  });
});

function problemsOf(variables: Record<string, string>): string[] {
  try {
    read(variables);
  } catch (error) {
    if (!(error instanceof CannotStart)) throw error;
    return error.message
      .split('\n')
      .filter((line) => !line.startsWith('The configuration'))
      .map((line) => line.replace(/^ {2}- /, ''));
  }
  return [];
}
