import { readFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';

/** What the figures were measured on. */
export const machine = () => ({
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: cpus().length,
  memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
  system: `${type()} ${release()}`,
  node: process.version,
});

/** The versions of what is compared. */
export function peers() {
  const { dependencies } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const product = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const all = { ...product.dependencies, ...dependencies };
  const names = ['@nestjs/core', 'typeorm', '@dbos-inc/dbos-sdk', '@restatedev/restate-server', '@restatedev/xstate'];
  return [...names, 'pg-boss', 'graphile-worker'].map((name) => `${name} ${all[name].replace('^', '')}`).join(', ');
}
