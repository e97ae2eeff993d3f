/** Files that are made from the sources: written anew, or with --check only compared. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Keeps one file. @param {string} file from the root @param {string} text @param {string} command that writes it */
export function keep(file, text, command) {
  const isCurrent = existsSync(file) && readFileSync(file, 'utf8') === text;
  if (isCurrent) return;
  if (process.argv.includes('--check')) {
    console.error(`${file} is stale; ${command} writes it anew.`);
    process.exitCode = 1;
    return;
  }
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  console.log(`${file} written.`);
}
