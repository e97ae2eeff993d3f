/** `npm run diagrams [-- --check]`: keeps docs/diagrams the way the machines are. Exit code 1 names what is stale. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { catalogue } from '../../machines/index.js';
import { describe } from '../engine/core/describe.js';
import type { Description } from '../engine/core/driver.js';
import { mermaid } from './mermaid.js';
import { svgDiagram } from './svg.js';
import { headline } from './words.js';

const FOLDER = join('docs', 'diagrams');

const wanted = await filesOf(Object.values(catalogue).map(describe));
const stale = [...wanted.keys()].filter((name) => read(name) !== wanted.get(name));
const orphaned = existsSync(FOLDER) ? readdirSync(FOLDER).filter((name) => !wanted.has(name)) : [];

if (process.argv.includes('--check')) check();
else write();

/** Every file of the folder with its text. */
async function filesOf(lifecycles: readonly Description[]): Promise<Map<string, string>> {
  const files = new Map([['README.md', indexOf(lifecycles)]]);
  for (const description of lifecycles) {
    const { name } = description;
    files.set(`${name}.mmd`, mermaid(description));
    files.set(`${name}.svg`, await svgDiagram(description));
    files.set(`${name}.full.svg`, await svgDiagram(description, { detail: 'full' }));
  }
  return files;
}

function check(): void {
  for (const name of [...stale, ...orphaned])
    console.error(`${join(FOLDER, name)} is stale; npm run diagrams writes it anew.`);
  process.exitCode = stale.length + orphaned.length > 0 ? 1 : 0;
}

function write(): void {
  mkdirSync(FOLDER, { recursive: true });
  for (const name of stale) writeFileSync(join(FOLDER, name), wanted.get(name) ?? '');
  for (const name of orphaned) rmSync(join(FOLDER, basename(name)));
  console.log(`${FOLDER}: ${wanted.size} files, ${stale.length} written, ${orphaned.length} removed.`);
}

function read(name: string): string | undefined {
  const file = join(FOLDER, name);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

function indexOf(lifecycles: readonly Description[]): string {
  const sections = lifecycles.flatMap((description) => {
    const { name, states, transitions } = description;
    return [
      `## ${headline(description)}`,
      '',
      `${states.length} states, ${transitions.length} transitions.`,
      `[Everything in it](${name}.full.svg) · [Mermaid](${name}.mmd)`,
      '',
      `![Top-level states of ${name}](${name}.svg)`,
      '',
    ];
  });
  return [
    '# Diagrams',
    '',
    'Drawn from the machines by `npm run diagrams`; `npm run verify` fails when they are stale.',
    '',
    'A double border ends a lifecycle: green well, red badly. Dashed amber is a deadline. Brackets hold the condition,',
    'italics what is done on the way. «ext» marks what goes beyond the drawing of the requirements (R000-27).',
    '',
    ...sections,
  ].join('\n');
}
