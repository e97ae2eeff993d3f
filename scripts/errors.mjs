/** `npm run docs:errors [-- --check]`: docs/errors.md, the one table of errors, from the build. */
import { ERRORS } from '../dist/src/platform/errors.js';
import { keep } from './generated.mjs';

const rows = Object.entries(ERRORS).map(
  ([code, { status, title, sentence }]) => `| \`${code}\` | ${status} | ${title} | ${sentence} |`,
);
const text = [
  '# Errors',
  '',
  'Every error is `application/problem+json` (RFC 9457): `type`, `title`, `status`, `detail`, `code`, `instance`, `correlationId`,',
  'and where they help `errors` (one entry per field) and `explanation` (why a transition is not possible). Program against `code`.',
  '',
  '| code | status | title | meaning |',
  '|---|---|---|---|',
  ...rows,
  '',
];
keep('docs/errors.md', text.join('\n'), 'npm run docs:errors');
