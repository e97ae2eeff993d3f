import { setTimeout as pause } from 'node:timers/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp } from './app.js';
import { ROLES } from './auth/caller.js';
import { banner } from './banner.js';
import { startSandbox } from './integrations/sandbox/server.js';
import { CannotStart } from './platform/cannot.start.js';
import { databaseFolder, readConfig, type Config } from './platform/config.js';
import { migrate } from './platform/datasource.js';
import { freePort } from './platform/free.port.js';
import { Health } from './platform/health.js';
import { setUpHeap } from './platform/heap.js';
import { startPostgres } from './platform/postgres/launcher.js';
import { sandboxSecrets } from './platform/sandbox.secrets.js';

type Variables = Readonly<Record<string, string | undefined>>;

/** Beyond the time in which running work may finish: to give claims back and close connections. */
const CLOSE_MS = 1_000;

/** Runs the service until it is told to stop. Ends the process: 0 after a stop, 1 with one sentence when it cannot start or go on. */
export async function boot(variables: Variables): Promise<void> {
  setUpHeap();
  const running = new Running();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void running.stop(0));
  try {
    const asked = await settled(variables);
    const databaseUrl = asked.databaseUrl ?? (await embedded(asked, running));
    if (asked.databaseDirectUrl) await migrate(asked.databaseDirectUrl, 'DATABASE_DIRECT_URL');
    else await migrate(databaseUrl);
    const config = variables['SANDBOX_URL'] ? asked : await withStandIns(asked, running);
    await serve({ ...config, databaseUrl }, running);
  } catch (error) {
    await running.fail(error);
  }
}

/** What has been started, so that it can be stopped: last first, each once. */
class Running {
  private readonly parts: (() => Promise<unknown>)[] = [];
  private stopping = false;

  add(stop: () => Promise<unknown>): void {
    this.parts.unshift(stop);
  }

  /** Stops everything and ends the process. A second signal does not start a second stop. */
  async stop(exitCode: number): Promise<void> {
    if (this.stopping) return;
    this.stopping = true;
    for (const stop of this.parts) {
      await stop().catch((error: unknown) => {
        exitCode = 1;
        complain(error);
      });
    }
    process.exit(exitCode);
  }

  async fail(error: unknown): Promise<void> {
    // What breaks while everything is being stopped breaks because of that.
    if (this.stopping) return;
    complain(error);
    await this.stop(1);
  }
}

/** The configuration, with ports where the operator left them to us: the addresses made of them are part of it. */
async function settled(variables: Variables): Promise<Config> {
  const { mode, role, port, sandboxUrl } = readConfig(variables, ROLES);
  const needsStandIns = mode === 'sandbox' && role === 'all' && sandboxUrl === undefined;
  const chosen = {
    ...(port === 0 ? { PORT: String(await freePort()) } : {}),
    ...(needsStandIns ? { SANDBOX_URL: `http://127.0.0.1:${await freePort()}` } : {}),
  };
  return readConfig({ ...variables, ...chosen }, ROLES);
}

/** Starts the local stand-ins for the providers where the sandbox is to use them. */
async function withStandIns(config: Config, running: Running): Promise<Config> {
  const { dataDir, publicUrl, sandboxUrl } = config;
  if (sandboxUrl === undefined) return config;
  const made = sandboxSecrets(dataDir, ROLES);
  const standIns = await startSandbox({
    dataDir,
    port: Number(new URL(sandboxUrl).port),
    webhookTarget: publicUrl,
    secrets: {
      ...made,
      // The operator's own secrets come first; those made up may not be known to the service at all then.
      stripeWebhookSecret: config.stripe?.webhookSecrets[0] ?? made.stripeWebhookSecret,
      docusignWebhookSecret: config.docusign?.webhookSecrets.join(',') ?? made.docusignWebhookSecret,
    },
  });
  running.add(() => standIns.stop());
  return { ...config, smtpUrl: config.smtpUrl ?? standIns.smtpUrl };
}

async function embedded(config: Config, running: Running): Promise<string> {
  const database = await startPostgres({
    folder: databaseFolder(config),
    durable: true,
    log: say,
    onLost: (error) => void running.fail(error),
  });
  running.add(() => database.stop());
  return database.url;
}

async function serve(config: Config, running: Running): Promise<void> {
  const app = await createApp(config);
  running.add(() => stop(app, config));
  await app.init();
  say(config.role === 'worker' ? 'The worker is running.' : banner(config, await listen(app, config)));
}

/** Answers as long as others may not have noticed yet, then takes nothing new, and finishes the requests and effects under way. */
async function stop(app: NestFastifyApplication, { role, shutdownDelayMs, drainMs }: Config): Promise<void> {
  app.get(Health).stop();
  if (role !== 'worker') await pause(shutdownDelayMs);
  app.getHttpServer().close();
  await Promise.race([app.close(), pause(drainMs + CLOSE_MS)]);
}

/** Answers the address. Asks Fastify itself, because Nest writes a log line about a failure that is told in a sentence here. */
async function listen(app: NestFastifyApplication, { host, port }: Config): Promise<string> {
  try {
    return await app.getHttpAdapter().getInstance().listen({ host, port });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new CannotStart(
      code === 'EADDRINUSE'
        ? `Port ${port} on ${host} is in use. Stop what listens there, or set PORT to another.`
        : `Cannot listen on port ${port} of ${host}: ${message}. Set HOST and PORT to an address of this machine.`,
    );
  }
}

/** Faults of ours keep their stack; what the operator can mend is told in a sentence. */
function complain(error: unknown): void {
  const text =
    error instanceof CannotStart
      ? error.message
      : error instanceof Error
        ? (error.stack ?? error.message)
        : String(error);
  process.stderr.write(`${text}\n`);
}

const say = (text: string): void => void process.stdout.write(`${text}\n`);
