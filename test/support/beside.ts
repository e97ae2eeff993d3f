/** Processes of the built service beside the live one, on its database and with its secrets, that a test can kill. */
import { Config } from '../../src/platform/config.js';
import { freePort } from '../../src/platform/free.port.js';
import { Member } from './fleet.js';
import type { LiveService } from './live.js';

/** A process that has not been started yet. */
export async function beside(
  { app, sandbox }: LiveService,
  role: Member['role'],
  env: Record<string, string> = {},
): Promise<Member> {
  const { databaseUrl, dataDir } = app.get(Config);
  return new Member(role, await freePort(), {
    DATABASE_URL: databaseUrl ?? '',
    STATEWRIGHT_MODE: 'sandbox',
    STATEWRIGHT_DATA_DIR: dataDir,
    SANDBOX_URL: sandbox.url,
    SMTP_URL: sandbox.smtpUrl,
    LOG_LEVEL: 'silent',
    ...env,
  });
}
