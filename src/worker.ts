import { boot } from './boot.js';

await boot({ ...process.env, STATEWRIGHT_ROLE: 'worker' });
