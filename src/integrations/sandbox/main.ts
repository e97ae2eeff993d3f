/** The stand-ins as a process of their own, beside any number of processes of the service that share its data directory. */
import { ROLES } from '../../auth/caller.js';
import { readConfig } from '../../platform/config.js';
import { sandboxSecrets } from '../../platform/sandbox.secrets.js';
import { startSandbox } from './server.js';

const DEFAULT_URL = 'http://127.0.0.1:4010';

const {
  dataDir,
  publicUrl,
  sandboxUrl = DEFAULT_URL,
  smtpUrl,
} = readConfig({ ...process.env, STATEWRIGHT_MODE: 'sandbox' }, ROLES);
const sandbox = await startSandbox({
  dataDir,
  port: Number(new URL(sandboxUrl).port),
  smtpPort: smtpUrl === undefined ? 0 : Number(new URL(smtpUrl).port),
  webhookTarget: publicUrl,
  secrets: sandboxSecrets(dataDir, ROLES),
});
process.stdout.write(`Start the service with SANDBOX_URL=${sandbox.url} SMTP_URL=${sandbox.smtpUrl}\n`);
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void sandbox.stop());
