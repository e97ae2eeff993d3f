import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../../../dist/src/platform/free.port.js';

const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 5_000;
const LAST_WORDS = 2_000;

/** Runs Restate's server as it comes, on free ports and with its files in the folder. @returns addresses, and how to stop it */
export async function startRestate(folder) {
  const [ingress, admin, node] = [await freePort(), await freePort(), await freePort()];
  const child = spawn(program(), ['--base-dir', join(folder, 'restate'), '--no-logo'], {
    env: {
      ...process.env,
      RESTATE_BIND_ADDRESS: `127.0.0.1:${node}`,
      RESTATE_ADVERTISED_ADDRESS: `http://127.0.0.1:${node}`,
      RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
      RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
      RESTATE_LISTEN_MODE: 'tcp',
      RESTATE_LOG_FILTER: 'error',
      RESTATE_DISABLE_TELEMETRY: 'true',
    },
    stdio: ['ignore', 'ignore', 'pipe'],
    // Ctrl-C reaches the benchmark only, which stops the server.
    detached: true,
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (said = (said + text).slice(-LAST_WORDS)));
  child.on('error', (error) => (said += error.message));
  const stopAtExit = () => void child.kill('SIGKILL');
  process.once('exit', stopAtExit);
  const addresses = { ingress: `http://127.0.0.1:${ingress}`, admin: `http://127.0.0.1:${admin}` };
  const stop = async () => {
    process.removeListener('exit', stopAtExit);
    if (hasEnded(child)) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const impatience = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
    await ended;
    clearTimeout(impatience);
  };
  for (const until = performance.now() + START_LIMIT_MS; performance.now() < until; await pause(100)) {
    if (hasEnded(child)) break;
    if ((await isUp(`${addresses.admin}/health`)) && (await isUp(`${addresses.ingress}/restate/health`)))
      return { ...addresses, stop };
  }
  await stop();
  throw new Error(`Restate's server did not start: ${said.trim() || 'it said nothing'}`);
}

/** The binary in the package of this system. @throws when there is none */
function program() {
  const require = createRequire(import.meta.url);
  const name = `@restatedev/restate-server-${process.platform}-${process.arch}`;
  try {
    return require.resolve(`${name}/bin/restate-server`);
  } catch {
    throw new Error(`there is no package ${name} here`);
  }
}

const hasEnded = (child) => child.pid === undefined || child.exitCode !== null || child.signalCode !== null;

const isUp = (url) =>
  fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
