import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../../src/platform/free.port.js';

/** Kills during one demo: after the first of these pauses, then after each next one. */
const PAUSES_MS = [400, 900, 300, 1_500, 700];

/** The service as an operator runs it: its own embedded database, its own stand-ins for the providers. */
async function startService(env: NodeJS.ProcessEnv): Promise<ChildProcess> {
  const service = spawn(process.execPath, ['dist/src/main.js'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  for (let waited = 0; waited < 30_000; waited += 50) {
    const ready = await fetch(`http://127.0.0.1:${env['PORT']}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ready) return service;
    if (service.exitCode !== null) throw new Error(`the service ended with ${service.exitCode}`);
    await pause(50);
  }
  throw new Error('the service did not get ready');
}

describe('kill -9 in the middle of a deal', () => {
  it('loses nothing and does nothing twice: the deal goes on after each start (R000-1, R000-5)', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'statewright-kill-'));
    const env = {
      ...process.env,
      PORT: String(await freePort()),
      STATEWRIGHT_DATA_DIR: dataDir,
      LOG_LEVEL: 'error',
      NODE_OPTIONS: '',
    };
    let service = await startService(env);
    let printed = '';
    const demo = spawn(process.execPath, ['scripts/demo.mjs'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    demo.stdout.on('data', (text: Buffer) => (printed += text.toString()));
    demo.stderr.on('data', (text: Buffer) => (printed += text.toString()));
    const ended = once(demo, 'exit') as Promise<[number | null]>;
    try {
      // A demo that finds no service starts one of its own: the first kill waits until it has found ours.
      for (let waited = 0; printed === '' && waited < 30_000; waited += 50) await pause(50);
      for (const ms of PAUSES_MS) {
        await Promise.race([ended, pause(ms)]);
        if (demo.exitCode !== null) break;
        service.kill('SIGKILL');
        await once(service, 'exit');
        service = await startService(env);
      }
      const [code] = await ended;
      expect({ code, printed }).toEqual({
        code: 0,
        printed: expect.stringContaining('Everything arrived, everything exactly once.'),
      });
    } finally {
      demo.kill('SIGKILL');
      service.kill('SIGTERM');
      await once(service, 'exit');
      rmSync(dataDir, { recursive: true, force: true });
    }
  }, 600_000);
});
