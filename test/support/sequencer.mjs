/** Which spec files begin first. A long one that begins last keeps one worker busy while the others have nothing to do. */
import { createRequire } from 'node:module';
import { relative, sep } from 'node:path';

// Jest's own order is CommonJS, and its default export is behind another one.
const Sequencer = createRequire(import.meta.url)('@jest/test-sequencer').default;

/** Those that take more than a minute, longest first. What Jest remembers of earlier runs is gone on a new machine. */
const LONG = [
  'test/faults/crash.spec.ts',
  'test/simulation/simulation.spec.ts',
  'test/faults/effects.spec.ts',
  'test/model/nda.model.spec.ts',
  'test/model/investment.model.spec.ts',
];

export default class LongestFirst extends Sequencer {
  sort(tests) {
    const place = ({ path, context }) => {
      const at = LONG.indexOf(relative(context.config.rootDir, path).split(sep).join('/'));
      return at < 0 ? LONG.length : at;
    };
    return super.sort(tests).toSorted((a, b) => place(a) - place(b));
  }
}
