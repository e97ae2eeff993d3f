/** `npm start` builds only when a source is newer than the last build: the compiler takes seconds to find that nothing changed. */
import { execSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';

const BUILT = 'dist/.tsbuildinfo';
const SOURCES = [
  'src',
  'machines',
  'migrations',
  'console',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
];

const changedAt = (path) => {
  const { mtimeMs } = statSync(path);
  if (!statSync(path).isDirectory()) return mtimeMs;
  return Math.max(mtimeMs, ...readdirSync(path).map((name) => changedAt(join(path, name))));
};

const startedAt = new Date();
if (!existsSync(BUILT) || Math.max(...SOURCES.filter(existsSync).map(changedAt)) > statSync(BUILT).mtimeMs) {
  try {
    execSync('npm run --silent build', { stdio: 'inherit' });
  } catch {
    // The compiler has said what is wrong.
    process.exit(1);
  }
  // What changed while the compiler ran is newer than this build.
  utimesSync(BUILT, startedAt, startedAt);
}
