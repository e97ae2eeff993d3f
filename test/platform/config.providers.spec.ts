import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CannotStart } from '../../src/platform/cannot.start.js';
import { readConfig } from '../../src/platform/config.js';

const dataDir = mkdtempSync(join(tmpdir(), 'statewright-providers-'));
afterAll(() => rmSync(dataDir, { recursive: true }));

/** Production with every provider. */
const EVERYTHING: Readonly<Record<string, string>> = {
  STATEWRIGHT_MODE: 'production',
  DATABASE_URL: 'postgres://app:hunter2@db/app',
  JWT_SECRET: 'jwt-hunter2-jwt-hunter2-jwt-hunter2',
  ENCRYPTION_KEY: Buffer.alloc(32, 'hunter2').toString('hex'),
  STRIPE_SECRET_KEY: 'sk_live_hunter2',
  STRIPE_WEBHOOK_SECRET: 'whsec_hunter2',
  DOCUSIGN_BASE_PATH: 'https://docusign.example/restapi',
  DOCUSIGN_OAUTH_BASE: 'https://account.docusign.example',
  DOCUSIGN_INTEGRATION_KEY: 'integration',
  DOCUSIGN_USER_ID: 'user',
  DOCUSIGN_ACCOUNT_ID: 'account',
  DOCUSIGN_PRIVATE_KEY: 'hunter2',
  DOCUSIGN_WEBHOOK_SECRET: 'hunter2',
  SMTP_URL: 'smtps://mailer:hunter2@mail.example',
  TWILIO_ACCOUNT_SID: 'AC1',
  TWILIO_AUTH_TOKEN: 'hunter2',
  TWILIO_FROM: '+15005550006',
  PUSH_URL: 'https://push.example',
  PUSH_TOKEN: 'hunter2',
  S3_ENDPOINT: 'https://s3.example',
  S3_BUCKET: 'deals',
  S3_ACCESS_KEY: 'access',
  S3_SECRET_KEY: 'hunter2',
};
/** What production can do without. */
const OPTIONAL = ['STATEWRIGHT_MODE', 'DATABASE_URL', 'SMTP_URL'];

describe('production with every provider', () => {
  it('starts when nothing is missing', () => {
    expect(problemOf(EVERYTHING)).toBe('');
  });

  it.each(Object.keys(EVERYTHING).filter((name) => !OPTIONAL.includes(name)))(
    'does not start without %s, and says so in a sentence without secrets (R000-11)',
    (name) => {
      const problem = problemOf({ ...EVERYTHING, [name]: '' });
      expect(problem).toMatch(new RegExp(`^[^\\n]*\\b${name}\\b[^\\n]*$`));
      expect(problem).not.toContain('hunter2');
    },
  );

  it('names everything that is missing at once (R000-11)', () => {
    const problem = problemOf({ STATEWRIGHT_MODE: 'production', STRIPE_WEBHOOK_SECRET: 'a', DOCUSIGN_USER_ID: 'b' });
    for (const name of ['JWT_SECRET', 'ENCRYPTION_KEY', 'DATABASE_URL', 'STRIPE_SECRET_KEY', 'DOCUSIGN_PRIVATE_KEY'])
      expect(problem).toContain(name);
  });
});

function problemOf(env: Readonly<Record<string, string>>): string {
  try {
    readConfig({ ...env, STATEWRIGHT_DATA_DIR: dataDir }, []);
  } catch (error) {
    if (error instanceof CannotStart) return error.message;
    throw error;
  }
  return '';
}
