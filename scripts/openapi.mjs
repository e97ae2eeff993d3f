/** `npm run docs:openapi [-- --check]`: docs/openapi.json, the API as data, from the build. Starts nothing. */
import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { AppModule } from '../dist/src/app.module.js';
import { readConfig } from '../dist/src/platform/config.js';
import { openApiDocument } from '../dist/src/platform/openapi.js';
import { keep } from './generated.mjs';

// The sandbox keeps its secrets somewhere.
const folder = mkdtempSync(join(tmpdir(), 'openapi-'));
const config = readConfig({ STATEWRIGHT_MODE: 'sandbox', STATEWRIGHT_DATA_DIR: folder }, []);
rmSync(folder, { recursive: true });

// A preview makes no object and opens no connection.
const service = AppModule.with({ ...config, databaseUrl: 'postgres://127.0.0.1/none' });
const app = await NestFactory.create(service, new FastifyAdapter(), { preview: true, logger: false });
keep('docs/openapi.json', `${JSON.stringify(openApiDocument(app), null, 2)}\n`, 'npm run docs:openapi');
