import { Injectable } from '@nestjs/common';
import { Config } from '../../platform/config.js';
import { Database } from '../../platform/database.js';
import type { RequestAuth } from '../library/request.dto.js';
import { openConfig } from '../workflows/secrets.js';
import { findIntegration, noteUse } from './integrations.store.js';
import { INTEGRATION_SECRETS, placeOf } from './sealing.js';

/** A request's address, and what shows who sends it. */
export interface Opened {
  url: string;
  auth?: RequestAuth;
  headers: { [name: string]: string };
}

/** Integrations as requests use them: opened, for this one request. */
@Injectable()
export class UsingIntegrations {
  constructor(
    private readonly config: Config,
    private readonly database: Database,
  ) {}

  /** @param path below the endpoint. Answers why not when it is not there, switched off, or the path leads elsewhere */
  async open(tenant: string, id: string, path: string): Promise<Opened | string> {
    const row = await this.database.transaction(tenant, (tx) => findIntegration(tx, id));
    if (!row) return `there is no integration ${id}`;
    if (!row.is_enabled) return `the integration ${id} is switched off`;
    const { endpoint, auth, headers } = openConfig(
      this.config.encryptionKeys,
      placeOf(tenant, id),
      INTEGRATION_SECRETS,
      row.config,
    ) as unknown as { endpoint: string; auth?: RequestAuth; headers?: { [name: string]: string } };
    const url = below(endpoint, path);
    if (url === undefined) return 'the url leads out of the endpoint of the integration';
    return { url, headers: headers ?? {}, ...(auth && { auth }) };
  }

  /** @param error null when the answer was a success */
  async note(tenant: string, id: string, error: string | null): Promise<void> {
    await this.database.transaction(tenant, (tx) => noteUse(tx, id, error));
  }
}

/** An address below an endpoint, whatever `..` there is in the path; undefined when it is not. */
export function below(endpoint: string, path: string): string | undefined {
  const base = new URL(endpoint.endsWith('/') ? endpoint : `${endpoint}/`);
  const joined = `${base.href}${path.replace(/^\/+/, '')}`;
  if (!URL.canParse(joined)) return undefined;
  const url = new URL(joined);
  // What a server decodes may climb too.
  const climbs = /(^|\/)\.\.(\/|$)/.test(decoded(url.pathname));
  return url.origin === base.origin && url.pathname.startsWith(base.pathname) && !climbs ? url.href : undefined;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path).replaceAll('\\', '/');
  } catch {
    return path;
  }
}
