import { Module, type ModuleMetadata, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AuthModule } from '../../src/auth/auth.module.js';
import { ROLES } from '../../src/auth/caller.js';
import { readConfig, type Config } from '../../src/platform/config.js';
import { HttpModule } from '../../src/platform/http.module.js';
import { serverOptions, setUpHttp } from '../../src/platform/http.server.js';
import { FrameworkLog, Log } from '../../src/platform/logger.js';
import { PlatformModule } from '../../src/platform/platform.module.js';

/** The HTTP edge with some controllers behind it, on a port of its own. */
export interface Api {
  app: NestFastifyApplication;
  url: string;
  config: Config;
  /** Asks as the given role of the sandbox, or with the given credential. */
  ask(method: string, path: string, options?: Ask): Promise<Answer>;
  stop(): Promise<void>;
}

export interface Ask {
  as?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  // Tests read whatever came back and compare it as a whole.
  json: Record<string, unknown>;
}

/** What is put together besides the controllers of a test. */
export type Modules = (config: Config) => NonNullable<ModuleMetadata['imports']>;

/** The edge and nothing behind it. */
export const edge: Modules = (config) => [PlatformModule.with(config), HttpModule, AuthModule];

export async function startApi(
  databaseUrl: string,
  options: { dataDir: string; controllers?: Type[]; modules?: Modules; env?: Record<string, string> },
): Promise<Api> {
  const config = readConfig(
    {
      DATABASE_URL: databaseUrl,
      STATEWRIGHT_MODE: 'sandbox',
      STATEWRIGHT_DATA_DIR: options.dataDir,
      LOG_LEVEL: 'silent',
      PORT: '0',
      ...options.env,
    },
    ROLES,
  );

  @Module({ imports: (options.modules ?? edge)(config), controllers: options.controllers ?? [] })
  class TestApp {}

  const app = await NestFactory.create<NestFastifyApplication>(TestApp, new FastifyAdapter(serverOptions()), {
    rawBody: true,
    logger: new FrameworkLog(new Log('silent')),
  });
  setUpHttp(app, config);
  await app.listen(0, '127.0.0.1');
  const url = (await app.getUrl()).replace('[::1]', '127.0.0.1');
  const ask = async (method: string, path: string, { as, body, headers = {} }: Ask = {}): Promise<Answer> => {
    const credential = as === undefined ? undefined : (config.sandboxKeys[as] ?? as);
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(credential !== undefined && { authorization: `Bearer ${credential}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && {
        body:
          typeof body === 'string' ? body : body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body),
      }),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: isJson ? (JSON.parse(text) as Record<string, unknown>) : {},
    };
  };
  return { app, url, config, ask, stop: () => app.close() };
}
