/** `npm run bench`: fetches what the product does not carry, once, then measures. `npm run bench -- --help` tells the options. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));

if (!existsSync(`${here}node_modules/.package-lock.json`)) {
  console.log('Fetching what the benchmark compares with (once) …');
  execFileSync('npm', ['ci', '--prefix', here, '--no-audit', '--no-fund'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    // On Windows npm is a script that only a shell can start.
    shell: process.platform === 'win32',
  });
}
const { main } = await import('./src/main.mjs');
await main(process.argv);
