/** The service that the demo talks to: the one that runs, or one of its own. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { say } from './follow.mjs';

const API = process.env.STATEWRIGHT_URL ?? `http://127.0.0.1:${process.env.PORT ?? 3000}`;
const SECRETS = join(process.env.STATEWRIGHT_DATA_DIR ?? '.statewright', 'secrets.json');

/**
 * Who there is to act in a story: `as(role)` and `asUser(id, roles)` answer a function (method, path, body) that asks the service in
 * their name; `sandbox(path, body)` reaches the stand-ins for the providers, with null instead of a body to look only.
 */
export async function openWorld() {
  const own = (await isReady()) ? undefined : await startService();
  const { apiKeys } = JSON.parse(readFileSync(SECRETS, 'utf8'));
  const as = (role) => (method, path, body) => call(apiKeys[role], method, path, body);
  const admin = as('admin');
  const world = {
    as,
    admin,
    asUser: async (userId, roles) => {
      const { token } = await admin('POST', '/admin/tokens', { userId, roles, ttl: 3_600 });
      return (method, path, body) => call(token, method, path, body);
    },
    sandbox: async (path, body = {}) => {
      const { url } = await admin('GET', '/admin/sandbox');
      const response = await fetch(
        `${url}/_sandbox/${path}`,
        body === null ? {} : { method: 'POST', body: JSON.stringify(body) },
      );
      return response.json();
    },
  };
  const close = async () => {
    if (!own) return;
    own.kill('SIGTERM');
    await once(own, 'exit');
  };
  return { world, close };
}

/** Asks the service; while it is away (somebody may be restarting it) the same request is tried again under the same key. */
async function call(key, method, path, body) {
  const headers = {
    authorization: `Bearer ${key}`,
    'idempotency-key': randomUUID(),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  for (let waited = 0; ; waited += 500) {
    try {
      const response = await fetch(`${API}${path}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const answer = await response.json();
      // The state may have moved on between looking and acting, and what is asked for may not be there: the story looks again.
      if (response.ok || response.status === 409 || (method === 'GET' && response.status === 404)) return answer;
      if (response.status < 500 && response.status !== 429)
        throw Object.assign(new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`), {
          final: true,
        });
    } catch (error) {
      if (error.final || waited > 60_000) throw error;
    }
    await pause(500);
  }
}

async function isReady() {
  try {
    return (await fetch(`${API}/health/ready`)).ok;
  } catch {
    return false;
  }
}

async function startService() {
  say('no service is running: starting one');
  if (!existsSync('dist/src/main.js')) await import('../build-if-stale.mjs');
  const { port } = new URL(API);
  const service = spawn(process.execPath, ['dist/src/main.js'], {
    env: { ...process.env, PORT: port, LOG_LEVEL: process.env.LOG_LEVEL ?? 'warn' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  for (let waited = 0; waited < 60_000; waited += 250) {
    if (service.exitCode !== null) process.exit(service.exitCode);
    if (await isReady()) return service;
    await pause(250);
  }
  throw new Error('the service did not get ready');
}
