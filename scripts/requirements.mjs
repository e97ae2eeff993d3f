/** `npm run docs:requirements [-- --check]`: docs/requirements.md, which tests prove which numbered requirement. */
import { readdirSync, readFileSync } from 'node:fs';
import ts from 'typescript';
import { keep } from './generated.mjs';

const NUMBER = /\b(?:R\d{3}|X)-\d+\b/g;
const SAYS = new Set(['it', 'test', 'describe']);

/** @type {Map<string, { sentence: string, file: string }[]>} */
const proofs = new Map();
const specs = readdirSync('test', { recursive: true })
  .filter((name) => name.endsWith('.spec.ts'))
  .map((name) => `test/${name.replaceAll('\\', '/')}`);

for (const file of specs.sort()) {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest);
  for (const { own, whole } of titlesIn(source)) {
    for (const number of new Set(own.match(NUMBER))) {
      proofs.set(number, [...(proofs.get(number) ?? []), { sentence: whole, file }]);
    }
  }
}

const rows = [...proofs].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true })).map(row);
const text = [
  '# Requirements and their tests',
  '',
  `${rows.length} numbered requirements are cited by the tests that prove them. Written by \`npm run docs:requirements\`.`,
  '',
  '| requirement | proved by |',
  '|---|---|',
  ...rows,
  '',
];
keep('docs/requirements.md', text.join('\n'), 'npm run docs:requirements');

/** What each test and group in a file says, behind what the groups around it say; also of `it.each(…)(title)`. */
function titlesIn(node, group = '') {
  const [first] = ts.isCallExpression(node) && SAYS.has(calleeOf(node.expression)) ? node.arguments : [];
  const own =
    first && ts.isStringLiteralLike(first)
      ? { own: first.text, whole: `${bare(group)} ${first.text}`.trim() }
      : undefined;
  const below = [];
  ts.forEachChild(node, (child) => void below.push(...titlesIn(child, own?.whole ?? group)));
  return own ? [own, ...below] : below;
}

function calleeOf(expression) {
  if (ts.isIdentifier(expression)) return expression.text;
  if (ts.isCallExpression(expression) || ts.isPropertyAccessExpression(expression))
    return calleeOf(expression.expression);
  return ts.isTaggedTemplateExpression(expression) ? calleeOf(expression.tag) : '';
}

function row([number, cited]) {
  const sentences = cited.map(
    ({ sentence, file }) => `${inTable(bare(sentence))} ([${file.split('/').at(-1)}](../${file}))`,
  );
  return `| ${number} | ${sentences.join('<br>')} |`;
}

/** The sentence without the numbers it cites in brackets. */
function bare(sentence) {
  return sentence.replace(/\s*\((?:(?:R\d{3}|X)-\d+(?:\.\.\d+)?[,;\s]*)+\)/g, '');
}

function inTable(sentence) {
  return sentence.replace(/[|<]/g, '\\$&');
}
