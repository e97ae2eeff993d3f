import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Verdict } from './run.js';

/** Some minutes on two busy cores; `npm run simulate` runs as many as one likes. */
const SEEDS = 2_000;

/** Runs seeds in lanes of their own, as `npm run simulate` does, on the database server of these tests. */
async function simulate(...options: string[]): Promise<Verdict[]> {
  const run = promisify(execFile)(process.execPath, ['scripts/simulate.mjs', '--json', ...options], {
    env: { ...process.env, NODE_OPTIONS: '' },
    maxBuffer: 2 ** 28,
  });
  // What is on the output says more than the exit code.
  const { stdout } = await run.catch((error: unknown) => error as { stdout: string });
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Verdict);
}

const total = (verdicts: readonly Verdict[]): Record<string, number> => {
  const sums: Record<string, number> = {};
  for (const { seen } of verdicts)
    for (const [what, times] of Object.entries(seen)) sums[what] = (sums[what] ?? 0) + times;
  return sums;
};

describe('the engine under a scheduler that one number decides', () => {
  it('breaks no promise, whatever is interleaved, lost, repeated or dies (R000-1, R000-5, R000-9)', async () => {
    const verdicts = await simulate('--seeds', String(SEEDS));
    expect(
      verdicts.filter(({ problems }) => problems.length > 0).map(({ seed, problems }) => ({ seed, problems })),
    ).toEqual([]);
    expect(verdicts).toHaveLength(SEEDS);
    const sums = total(verdicts);
    console.log(sums);
    // Everything it is to try has come up often.
    expect(Object.entries(sums).filter(([, times]) => times < SEEDS / 50)).toEqual([]);
    expect(Object.keys(sums)).toHaveLength(14);
  }, 1_800_000);

  it('tells the same story again for the same seed, whatever ran before it', async () => {
    const story = ({ seed, steps, hash }: Verdict) => ({ seed, steps, hash });
    const bySeed = (a: { seed: number }, b: { seed: number }) => a.seed - b.seed;
    const together = await simulate('--seeds', '16', '--lanes', '2');
    const apart = await simulate('--from', '5', '--seeds', '12', '--lanes', '1');
    expect(apart.map(story).sort(bySeed)).toEqual(together.map(story).sort(bySeed).slice(4));
    expect(new Set(together.map(({ hash }) => hash)).size).toBe(16);
  });
});
