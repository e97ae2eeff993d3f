import { setTimeout as pause } from 'node:timers/promises';

/** Transitions per second: everybody in turn, again and again, so that what drifts on the machine drifts for all. */

const SETTLE_MS = 150;
/** A peer that has not come to an end by then does not run here. */
const PATIENCE_MS = 30_000;

/** A process that lives through all rounds has its code compiled and its caches full before the first: a service runs for weeks. */
const WARM_UP_SECONDS = 4;

/** What these groups take, seconds. */
export const secondsOf = (groups, rounds, scale) =>
  groups.filter(({ warms }) => warms).length * (scaled(WARM_UP_SECONDS, scale) + 0.6) +
  rounds *
    groups
      .flatMap(({ contestants }) => contestants)
      .reduce((sum, { seconds }) => sum + scaled(seconds, scale) + 0.6, 0);

const scaled = (seconds, scale) => Math.max(1, Math.round(seconds * scale));

/** @param {readonly object[]} groups those with `optional` are left out, with the reason, when they cannot run here */
export async function throughput(bench, groups, rounds, scale) {
  const { book, progress } = bench;
  const open = [];
  for (const group of groups) {
    const opened = await progress.step(`preparing ${group.name}`, 0, () => opening(bench, group));
    if (opened) open.push({ group, ...opened });
  }
  for (const { group, run } of open) {
    const busiest = group.contestants.at(-1);
    if (!group.warms || book.reason(busiest.name)) continue;
    const length = scaled(WARM_UP_SECONDS, scale);
    await progress.step(`warming up: ${busiest.label}`, length + 0.6, () =>
      turn(bench, group, busiest, () => run(busiest, length)),
    );
  }
  for (let round = 1; round <= rounds; round++) {
    for (const { group, run } of open) {
      for (const contestant of group.contestants) {
        if (book.reason(contestant.name)) continue;
        const { name, label, seconds } = contestant;
        const length = scaled(seconds, scale);
        await progress.step(`round ${round} of ${rounds}: ${label}`, length + 0.6, async () => {
          const sample = await turn(bench, group, contestant, () => run(contestant, length));
          if (sample) book.add(name, sample);
        });
      }
    }
  }
  for (const { close } of open) await close?.();
}

/** What was measured, or undefined when a peer does not run here. */
async function turn({ book }, group, { name }, run) {
  await pause(SETTLE_MS);
  try {
    return await within(group, run());
  } catch (error) {
    if (!group.optional) throw error;
    book.miss(name, firstLine(error));
    return undefined;
  }
}

async function opening(bench, group) {
  try {
    return await within(group, group.open(bench));
  } catch (error) {
    if (!group.optional) throw error;
    bench.book.miss(group.name, firstLine(error));
    return undefined;
  }
}

/** Peers may hang; we may not. */
async function within({ optional }, work) {
  if (!optional) return work;
  const patience = new AbortController();
  const late = pause(PATIENCE_MS, undefined, { signal: patience.signal }).then(() => {
    throw new Error(`it did not come to an end within ${PATIENCE_MS / 1000} s`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    patience.abort();
    late.catch(() => undefined);
  }
}

const firstLine = (error) => String(error.message).trim().split('\n')[0].slice(0, 160);
