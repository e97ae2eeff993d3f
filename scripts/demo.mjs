/**
 * `npm run demo`: drives deals over HTTP, against the running service or, when none runs, one of its own. Prints each transition as it
 * happens. Exits 0 only if every deal arrived and each effect took place exactly once. A demo that was interrupted is taken up where it
 * stopped. `npm run demo investment` tells that story only.
 */
import { event } from './demo/event.mjs';
import { say } from './demo/follow.mjs';
import { openWorld } from './demo/service.mjs';
import { investment } from './demo/investment.mjs';
import { nda } from './demo/nda.mjs';
import { production } from './demo/production.mjs';
import { pursuit } from './demo/pursuit.mjs';

const STORIES = { investment, nda, production, pursuit, event };

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in STORIES));
if (unknown.length > 0) {
  say(`There is no story ${unknown.join(', ')}; there are: ${Object.keys(STORIES).join(', ')}.`);
  process.exit(1);
}

const { world, close } = await openWorld();
try {
  const arrived = [];
  for (const name of wanted.length > 0 ? wanted : Object.keys(STORIES)) {
    say(`\n== ${name}`);
    arrived.push(await STORIES[name](world));
  }
  const all = arrived.every(Boolean);
  say(all ? '\nEverything arrived, everything exactly once.' : '\nThe demo did not arrive.');
  process.exitCode = all ? 0 : 1;
} finally {
  await close();
}
