/** `node --import ./scripts/typescript.mjs FILE.ts`: runs TypeScript as it is, compiled file by file as the tests are. */
import { register } from 'node:module';

register('./typescript.hooks.mjs', import.meta.url);
