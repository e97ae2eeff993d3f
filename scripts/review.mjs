/**
 * `npm run review -- [ref] [--out FILE] [--live]`: what the lifecycles of this working tree change against another commit (`main` when left
 * out), as Markdown for a review: risks, transitions, states, events, and how each looked before and after. With `--live` and DATABASE_URL
 * also how many running instances it concerns. Exit code 1 when something would keep the service from starting.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { affected, diffMarkdown } from '../src/diagrams/review.ts';
import { codeSide, published } from '../src/diff.command.ts';
import { compare, isSame } from '../src/engine/core/diff/compare.ts';
import { risksOf } from '../src/engine/core/diff/risks.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { out: { type: 'string' }, live: { type: 'boolean', default: false } },
});
const [ref = 'main'] = positionals;

const commit = git('rev-parse', '--verify', '--end-of-options', `${ref}^{commit}`).trim();
const before = await catalogueOf(commit);
const { catalogue: after } = await import('../machines/index.ts');

// A constant beside a function is part of no function: only the text of the file shows it.
const files = git('diff', '--name-only', commit, '--', 'machines').trim();

const sections = [];
let isBlocked = false;
for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
  if (!(name in before)) sections.push(`## ${name}\n\nNew.`);
  else if (!(name in after)) sections.push(`## ${name}\n\nGone: what runs cannot be loaded any more.`);
  else await one(name);
  isBlocked ||= !(name in after);
}

const text = [
  `# Lifecycles against ${ref} (${commit.slice(0, 12)})`,
  sections.length === 0 ? 'Nothing is different.' : `${sections.length} are different.`,
  ...(files === ''
    ? []
    : ['Files that differ (numbers and words outside functions show there only):', `\`\`\`\n${files}\n\`\`\``]),
  ...sections,
  '',
].join('\n\n');
if (values.out) writeFileSync(values.out, text);
else process.stdout.write(text);
process.exitCode = isBlocked ? 1 : 0;

async function one(name) {
  const [old, now] = [codeSide(before[name]), codeSide(after[name])];
  const diff = compare(old, now);
  if (isSame(diff) && diff.from.fingerprint === diff.to.fingerprint) return;
  const risks = risksOf(diff, old, now);
  isBlocked ||= risks.some(({ level }) => level === 'blocks');
  const url = process.env['DATABASE_URL'];
  const found = values.live && url ? await published(url, name) : undefined;
  sections.push(diffMarkdown(diff, risks, old, now, found && affected(diff, found.living)));
}

/** The lifecycles as they are in a commit, taken out beside the packages they import. */
async function catalogueOf(commit) {
  const cache = join('node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'review-'));
  try {
    const archive = join(folder, 'commit.tar');
    git('archive', '--format=tar', '-o', archive, commit, 'machines', 'src/engine');
    execFileSync('tar', ['-xf', archive, '-C', folder]);
    const { catalogue } = await import(pathToFileURL(join(folder, 'machines', 'index.ts')).href);
    return catalogue;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function git(...args) {
  return execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}
