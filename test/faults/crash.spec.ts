import { jest } from '@jest/globals';
import { brokenAt, cleanly, cutsAt } from './crash/cutting.js';
import { OPERATIONS } from './crash/operations.js';
import { Stage } from './crash/stage.js';

let stage: Stage;
/** Places of each operation, printed at the end. */
const covered: [name: string, places: number][] = [];
let runs = 0;

beforeAll(async () => {
  // Pauses between tries are as long as they can be spread: the same in each run.
  jest.spyOn(Math, 'random').mockReturnValue(0.5);
  stage = await Stage.open();
});
afterAll(async () => {
  await stage.close();
  const all = covered.reduce((sum, [, places]) => sum + places, 0);
  console.log(
    [
      ...covered.map(([name, places]) => `${String(places).padStart(4)}  ${name}`),
      `${String(all).padStart(4)}  places, cut in ${runs} runs`,
    ].join('\n'),
  );
});

describe('cut before every message to the database and to providers, and before every answer is heard', () => {
  it.each(OPERATIONS.map((operation) => [operation.name, operation] as const))(
    '%s is whole or not at all, and comes to the same in the end (R000-1, R000-5)',
    async (name, operation) => {
      const clean = await cleanly(stage, operation);
      expect(await stage.broken(true)).toEqual([]);
      expect(clean.places.length).toBeGreaterThan(0);
      covered.push([name, clean.places.length]);
      const problems: string[] = [];
      for (const [index, place] of clean.places.entries()) {
        const cuts = cutsAt(place);
        for (const cut of cuts) problems.push(...(await brokenAt(stage, index + 1, cut, operation, clean)));
        runs += cuts.length;
      }
      expect(problems).toEqual([]);
    },
    600_000,
  );
});
