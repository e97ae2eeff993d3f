/** `npm run docs:errors [-- --check]`: docs/errors.md, the one table of errors, from the build. */
import { errorsMarkdown } from '../dist/src/platform/errors.js';
import { keep } from './generated.mjs';

keep('docs/errors.md', errorsMarkdown(), 'npm run docs:errors');
