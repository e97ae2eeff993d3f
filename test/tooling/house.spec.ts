import { existsSync, readdirSync, readFileSync } from 'node:fs';

const DEALS = ['investment', 'production', 'nda'];
/** What the product's deals are about, in singular and plural. */
const OF_DEALS = /\b(deals?|invest(ors?|ments?)|pitch(es)?|ndas?|escrow|waitlists?|term sheets?)\b/i;

describe('the house', () => {
  it.each(DEALS)(
    'has five files for what happens to an %s: machine, how people ask, facts, effects, entity',
    (name) => {
      const folder = `src/deals/${name}`;
      for (const file of [
        `machines/${name}.ts`,
        `${folder}/${name}.controller.ts`,
        `${folder}/${name}.dto.ts`,
        `${folder}/${name}.facts.ts`,
        `${folder}/${name}.effects.ts`,
        `${folder}/${name}.entity.ts`,
      ])
        expect([file, existsSync(file)]).toEqual([file, true]);
      // The module joins them in one visible line, and nobody else does.
      const hosts = readdirSync(folder).filter((file) =>
        readFileSync(`${folder}/${file}`, 'utf8').includes('engine.host('),
      );
      expect(hosts).toEqual([`${name}.module.ts`]);
    },
  );

  it('has an engine that knows nothing of deals, not even in its examples', () => {
    const files = readdirSync('src/engine', { recursive: true })
      .map(String)
      .filter((file) => file.endsWith('.ts'));
    expect(files.length).toBeGreaterThan(30);
    const mentions = files.flatMap((file) =>
      readFileSync(`src/engine/${file}`, 'utf8')
        .split('\n')
        .flatMap((line, index) => (OF_DEALS.test(line) ? [`${file}:${index + 1} ${line.trim()}`] : [])),
    );
    expect(mentions).toEqual([]);
  });
});
