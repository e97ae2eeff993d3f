/** An operation as it should go, and as it goes when it is cut off somewhere. */
import type { Operation } from './operations.js';
import type { Stage } from './stage.js';
import type { Cut } from './wire.js';

/**
 * What can break at a place. In the middle of a statement that the server has not begun the end of the connection is the same as before its
 * first message.
 */
export const cutsAt = (place: string): Cut[] => (/^[BDE] /.test(place) ? ['process'] : ['process', 'connection']);

/** The operation as it should go: what is stored at each place, and what it comes to. */
export interface Clean {
  places: string[];
  pictures: string[];
  outcome: string;
  done: Record<string, number>;
}

export async function cleanly(stage: Stage, { prepare, act, isConcurrent }: Operation): Promise<Clean> {
  await stage.clear();
  const id = await prepare(stage);
  const pictures: string[] = [];
  if (!isConcurrent) stage.wire.look = async () => void pictures.push(await stage.picture());
  stage.wire.watch();
  await act(stage, id);
  const places = [...stage.wire.passed];
  stage.wire.rest();
  stage.wire.look = async () => undefined;
  await stage.settle();
  return { places, pictures, outcome: await stage.outcome(), done: await stage.done() };
}

export async function brokenAt(
  stage: Stage,
  place: number,
  cut: Cut,
  { prepare, act, isConcurrent }: Operation,
  clean: Clean,
): Promise<string[]> {
  await stage.clear();
  const id = await prepare(stage);
  stage.wire.watch(place, cut);
  // What goes wrong in a worker's turn is its loop's to report; the next turn finds the work again.
  await act(stage, id).catch(() => undefined);
  const wasCut = stage.wire.hasBroken;
  await stage.recover(cut);
  const problems = await stage.broken(false);
  if (!wasCut && !isConcurrent) problems.push('was never reached');
  if (cut === 'process' && !isConcurrent) {
    const [is, was] = [await stage.picture(), clean.pictures[place - 1] ?? ''];
    if (is !== was) problems.push(`stored is not what was stored there before: ${difference(was, is)}`);
  }
  await stage.settle();
  problems.push(...(await stage.broken(true)));
  const outcome = await stage.outcome();
  if (!isConcurrent && outcome !== clean.outcome)
    problems.push(`comes to something else: ${difference(clean.outcome, outcome)}`);
  const done = await stage.done();
  if (JSON.stringify(done) !== JSON.stringify(clean.done))
    problems.push(`providers did ${JSON.stringify(done)}, not ${JSON.stringify(clean.done)}`);
  return problems.map((problem) => `${cut} cut at ${place} (${clean.places[place - 1]}): ${problem}`);
}

/** The lines of two texts that differ. */
function difference(was: string, is: string): string {
  const [before, after] = [was.split('\n'), is.split('\n')];
  const only = (mark: string, lines: string[], others: string[]) =>
    lines.filter((line) => !others.includes(line)).map((line) => `${mark}${line.trim()}`);
  return [...only('-', before, after), ...only('+', after, before)].slice(0, 12).join(' ');
}
