import { assign, createMachine, setup } from 'xstate';
import { rule } from '../../src/engine/authoring.js';
import { fingerprint } from '../../src/engine/core/fingerprint.js';

describe('the fingerprint', () => {
  const machine = (change: { target?: string; atMost?: number; delay?: number; sum?: (n: number) => number } = {}) => {
    const { target = 'B', atMost = 3, delay = 5, sum = (n) => n + 1 } = change;
    return setup({
      types: { context: {} as { n: number } },
      guards: {
        may: rule(({ context }: { context: { n: number } }, _: { atMost: number }) => context.n > 0 || { code: 'NO' }),
      },
      delays: { D: delay },
    }).createMachine({
      id: 'f',
      context: () => ({ n: 0 }),
      initial: 'A',
      states: {
        A: {
          on: { go: { guard: { type: 'may', params: { atMost } }, target } },
          after: { D: 'C' },
          exit: assign({ n: sum as never }),
        },
        B: {},
        C: {},
      },
    });
  };

  it('is the same for the same definition', () => expect(fingerprint(machine())).toBe(fingerprint(machine())));

  it.each<[string, Parameters<typeof machine>[0]]>([
    ['a target', { target: 'C' }],
    ["a guard's parameter", { atMost: 4 }],
    ['a delay', { delay: 6 }],
    ['the code of an assignment', { sum: (n) => n + 2 }],
  ])('differs when %s differs', (_, change) => expect(fingerprint(machine(change))).not.toBe(fingerprint(machine())));

  it('differs when a guard decides otherwise', () => {
    const guarded = (isEnough: ReturnType<typeof rule>) =>
      fingerprint(setup({ guards: { isEnough } }).createMachine({ id: 'f' }));
    expect(guarded(rule(() => true))).not.toBe(guarded(rule(() => ({ code: 'NO' }))));
  });

  it('does not depend on how the code is laid out', () => {
    const made = (source: string) =>
      fingerprint(createMachine({ id: 'f', context: new Function(`return ${source}`)() as () => object }));
    expect(made('({ input }) => { return { a: "x", b: input.b, }; }')).toBe(
      made("({input}) => {\n  // why\n  return { a: 'x', b: input.b }\n}"),
    );
  });
});
