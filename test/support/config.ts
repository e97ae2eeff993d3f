/** A configuration for one test: the sandbox's providers on free ports, files in a folder of its own, workers worked by hand. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROLES } from '../../src/auth/caller.js';
import { startSandbox, type Sandbox } from '../../src/integrations/sandbox/server.js';
import { readConfig, type Config } from '../../src/platform/config.js';
import { freePort } from '../../src/platform/free.port.js';
import { sandboxSecrets } from '../../src/platform/sandbox.secrets.js';

/** @param databaseUrl a migrated database @param more other variables */
export async function testConfig(
  databaseUrl: string,
  more: Readonly<Record<string, string>> = {},
): Promise<{ config: Config; sandbox: Sandbox }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'statewright-live-'));
  const port = await freePort();
  const sandbox = await startSandbox({
    dataDir,
    webhookTarget: `http://127.0.0.1:${port}`,
    secrets: sandboxSecrets(dataDir, ROLES),
  });
  const config = readConfig(
    {
      DATABASE_URL: databaseUrl,
      STATEWRIGHT_MODE: 'sandbox',
      STATEWRIGHT_ROLE: 'api',
      STATEWRIGHT_DATA_DIR: dataDir,
      SANDBOX_URL: sandbox.url,
      SMTP_URL: sandbox.smtpUrl,
      PORT: String(port),
      LOG_LEVEL: 'silent',
      ...more,
    },
    ROLES,
  );
  return { config, sandbox };
}
