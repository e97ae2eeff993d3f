import 'reflect-metadata';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.js';
import { ROLES } from './auth/caller.js';
import { builtConsole } from './console/files.js';
import { serveConsole } from './console/pages.js';
import { keptAddress } from './integrations/sandbox/address.js';
import { databaseFolder, readConfig, type Config } from './platform/config.js';
import { migrate } from './platform/datasource.js';
import { serverOptions, setUpHttp } from './platform/http.server.js';
import { FrameworkLog, Log } from './platform/logger.js';
import { runningPostgres, startPostgres } from './platform/postgres/launcher.js';

/** The service on a migrated database, ready to `listen`, or to `init` when it is only to work. Whoever made it closes it. */
export async function createApp(config: Config): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.with(config),
    new FastifyAdapter(serverOptions()),
    {
      rawBody: true,
      logger: frameworkLog(config),
      abortOnError: false,
    },
  );
  setUpHttp(app, config);
  const console = builtConsole();
  if (console) serveConsole(app.getHttpAdapter().getInstance(), console);
  return app;
}

/** Lends the service to a command, without HTTP and workers: on the database configured, or the embedded one, running or not. */
export async function withApp(work: (app: INestApplicationContext) => Promise<void>): Promise<void> {
  const asked = configOfCommand({ LOG_LEVEL: 'warn', ...process.env });
  await lendDatabase(asked, async (databaseUrl) => {
    const config: Config = { ...asked, role: 'api', databaseUrl };
    const app = await NestFactory.createApplicationContext(AppModule.with(config), {
      logger: frameworkLog(config),
      abortOnError: false,
    });
    await work(app).finally(() => app.close());
  });
}

/** Lends the database alone to a command, so that nothing is published into it. */
export const withDatabase = <T>(work: (url: string) => Promise<T>): Promise<T> =>
  lendDatabase(configOfCommand({ LOG_LEVEL: 'warn', ...process.env }), work);

async function lendDatabase<T>(asked: Config, work: (url: string) => Promise<T>): Promise<T> {
  const folder = databaseFolder(asked);
  const known = asked.databaseUrl ?? runningPostgres(folder);
  const own =
    known === undefined
      ? await startPostgres({ folder, durable: true, log: () => undefined, onLost: () => undefined })
      : undefined;
  try {
    if (own) await migrate(own.url);
    const url = known ?? own?.url;
    if (url === undefined) throw new Error('there is no database');
    return await work(url);
  } finally {
    await own?.stop();
  }
}

const frameworkLog = (config: Config): FrameworkLog => new FrameworkLog(new Log(config.logLevel));

/** In the sandbox the stand-ins are where the service has started them. */
function configOfCommand(variables: Readonly<Record<string, string | undefined>>): Config {
  const config = readConfig(variables, ROLES);
  const standIns = config.mode === 'sandbox' ? keptAddress(config.dataDir) : undefined;
  return standIns === undefined ? config : readConfig({ SANDBOX_URL: standIns, ...variables }, ROLES);
}
