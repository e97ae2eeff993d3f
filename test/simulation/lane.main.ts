/** A lane as a process of its own: it is told seeds, one at a time, and answers what came of each. */
import { Lane } from './lane.js';

interface Order {
  seed: number;
  /** Tell every step. */
  isTold: boolean;
}

const lane = await Lane.open(process.argv[2] ?? '');

process.on('message', ({ seed, isTold }: Order) => {
  const onLine = isTold ? (line: string) => void process.send?.({ line }) : undefined;
  lane.run(seed, onLine).then(
    (verdict) => process.send?.({ verdict }),
    (error: unknown) => {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      process.send?.({
        verdict: { seed, problems: [`the simulation itself failed: ${text}`], steps: 0, hash: '', seen: {} },
      });
    },
  );
});
process.on('disconnect', () => process.exit());
process.send?.({ ready: true });
