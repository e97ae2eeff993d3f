/** Follows deals until they have come where a story wants them: somebody does what the deal waits for, each transition is printed. */
import { setTimeout as pause } from 'node:timers/promises';

const LOOK_EVERY_MS = 150;
/** A deed whose effect comes back by webhook gets this long before it is done again. */
const PATIENCE_MS = 5_000;
const LONGEST_MS = 180_000;

/**
 * Does what the deal waits for until it has ended, or is at `goal`, and nothing is left to be done for it.
 * @param deeds by the state and the beginning of the phase in which somebody has to act; each is told the instance
 * @param isPast says that a deal is beyond the goal already
 * @param printed `{ seq }` of the last transition that was printed, for stories that come back to a deal
 * @returns the instance as it is then
 */
export async function follow(admin, id, deeds, { goal, isPast, printed = { seq: 0 } } = {}) {
  const until = Date.now() + LONGEST_MS;
  let did = { revision: 0, at: 0 };
  for (;;) {
    const deal = await admin('GET', `/api/instances/${id}`);
    await printNews(admin, id, printed);
    const where = [deal.state, deal.phase].filter(Boolean).join('.');
    const isThere =
      deal.status !== 'active' || (goal !== undefined && where.startsWith(goal)) || isPast?.(deal) === true;
    if (isThere && (await isQuiet(admin, id))) return deal;
    if (Date.now() > until) throw new Error(`the deal did not arrive; it is in ${where}`);
    const deed = isThere ? undefined : Object.entries(deeds).find(([place]) => where.startsWith(place))?.[1];
    if (deed && (did.revision !== deal.revision || Date.now() - did.at > PATIENCE_MS)) {
      did = { revision: deal.revision, at: Date.now() };
      await deed(deal);
    } else await pause(LOOK_EVERY_MS);
  }
}

/** Tells the reader something. */
export function say(text) {
  process.stdout.write(`${text}\n`);
}

/** Nothing is left to be done for the deal. */
async function isQuiet(admin, id) {
  const { data } = await admin('GET', `/api/instances/${id}/effects`);
  return data.every(({ status }) => status !== 'pending' && status !== 'claimed');
}

async function printNews(admin, id, printed) {
  const { data } = await admin('GET', `/api/instances/${id}/history?after=${printed.seq}`);
  for (const row of data) {
    printed.seq = row.seq;
    const to = [row.to_state, row.phase].filter(Boolean).join('.');
    say(
      `${String(row.seq).padStart(3)}  ${(row.from_state ?? '·').padEnd(14)} → ${to.padEnd(58)} ${row.type}  (${row.actor})`,
    );
  }
}
