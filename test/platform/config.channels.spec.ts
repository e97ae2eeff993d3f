import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../src/platform/config.js';

const dataDir = mkdtempSync(join(tmpdir(), 'statewright-config-'));
const read = (variables: Record<string, string>) => readConfig({ STATEWRIGHT_DATA_DIR: dataDir, ...variables }, []);
const production = {
  STATEWRIGHT_MODE: 'production',
  DATABASE_URL: 'postgres://app:secret@db/app',
  JWT_SECRET: 'x'.repeat(32),
  ENCRYPTION_KEY: Buffer.alloc(32, 1).toString('base64'),
};
const standIn = 'http://127.0.0.1:9';

afterAll(() => rmSync(dataDir, { recursive: true }));

describe('the configuration of channels and of the document store', () => {
  it('is not needed anywhere', () => {
    const nothing = { slackWebhook: undefined, sms: undefined, push: undefined, s3: undefined };
    expect(read({})).toMatchObject(nothing);
    expect(read(production)).toMatchObject(nothing);
  });

  it('leads to the stand-ins in the sandbox, and never in production', () => {
    expect(read({ SANDBOX_URL: standIn })).toMatchObject({
      slackWebhook: expect.stringContaining(standIn),
      sms: { apiBase: `${standIn}/twilio` },
      push: { url: `${standIn}/push` },
      s3: undefined,
    });
    expect(read({ ...production, SANDBOX_URL: standIn })).toMatchObject({ slackWebhook: undefined, sms: undefined });
  });

  it.each([
    ['TWILIO_AUTH_TOKEN', ['TWILIO_ACCOUNT_SID', 'TWILIO_FROM'], 'to send text messages'],
    ['PUSH_TOKEN', ['PUSH_URL'], 'to send push messages'],
    ['S3_SECRET_KEY', ['S3_ENDPOINT', 'S3_BUCKET', 'S3_ACCESS_KEY'], 'to keep documents in S3'],
  ])('is complete or a problem: %s alone is named with all that is missing', (given, missing, because) => {
    for (const name of missing)
      expect(() => read({ ...production, [given]: 'half' })).toThrow(`${name} is not set; it is needed ${because}.`);
  });

  it('has no passwords in addresses, which fetch would repeat', () => {
    expect(() => read({ PUSH_URL: 'https://user:hunter2@push.example', PUSH_TOKEN: 't' })).toThrow(
      /^PUSH_URL must not have a user and password in it\.$/,
    );
  });

  it('takes Twilio itself unless another address is given', () => {
    const twilio = { TWILIO_ACCOUNT_SID: 'AC1', TWILIO_AUTH_TOKEN: 't', TWILIO_FROM: '+15551234567' };
    expect(read({ ...production, ...twilio }).sms?.apiBase).toBe('https://api.twilio.com');
  });
});
