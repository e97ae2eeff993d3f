/**
 * `npm run verify`: the one gate. Stops at the first step that fails, exit code 1.
 * With --no-test it leaves the tests out, for whoever has just run them.
 */
import { spawnSync } from 'node:child_process';

const NODE = process.execPath;
const bin = (path) => [NODE, `node_modules/${path}`];

const STEPS = [
  ['format', ...bin('prettier/bin/prettier.cjs'), '--check', '--log-level', 'warn', '.'],
  ['lint', ...bin('eslint/bin/eslint.js'), '--max-warnings', '0', '.'],
  [
    'imports',
    ...bin('dependency-cruiser/bin/dependency-cruise.mjs'),
    '--output-type',
    'err',
    'src',
    'machines',
    'migrations',
  ],
  ['types', ...bin('typescript/bin/tsc'), '--noEmit', '-p', 'tsconfig.json'],
  ['types of the console', ...bin('typescript/bin/tsc'), '-p', 'console/tsconfig.json'],
  // Not the bare compiler: Nest's build also turns classes and comments into the OpenAPI document.
  ['build', ...bin('@nestjs/cli/bin/nest.js'), 'build'],
  ['console', ...bin('vite/bin/vite.js'), 'build', 'console'],
  ['tests', NODE, '--experimental-vm-modules', ...bin('jest/bin/jest.js').slice(1)],
  ['diagrams', NODE, 'dist/src/diagrams/write.js', '--check'],
  ['openapi', NODE, 'scripts/openapi.mjs', '--check'],
  ['types of the API', NODE, 'scripts/console-types.mjs', '--check'],
  ['errors', NODE, 'scripts/errors.mjs', '--check'],
  ['requirements', NODE, 'scripts/requirements.mjs', '--check'],
];

const steps = STEPS.filter(([name]) => name !== 'tests' || !process.argv.includes('--no-test'));
const failed = steps.findIndex(([name, command, ...args]) => !passes(name, command, args));
const passed = failed < 0 ? steps.length : failed;

console.log(`verify: ${passed} passed, ${failed < 0 ? 0 : 1} failed, ${steps.length} steps`);
process.exitCode = failed < 0 ? 0 : 1;

function passes(name, command, args) {
  const startedAt = performance.now();
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${status === 0 ? '✓' : '✗'} ${name} ${seconds} s`);
  return status === 0;
}
