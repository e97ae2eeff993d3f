import { readFileSync } from 'node:fs';

const namesIn = (file: string, pattern: RegExp): string[] =>
  [...readFileSync(file, 'utf8').matchAll(pattern)].map(([, name = '']) => name);

describe('.env.example', () => {
  it('names every variable that the service reads, and no other', () => {
    const read = ['src/platform/config.ts', 'src/platform/config.providers.ts'].flatMap((file) =>
      namesIn(file, /'([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)'/g),
    );
    const explained = namesIn('.env.example', /^#?([A-Z][A-Z0-9_]*)=/gm);
    const forCompose = 'POSTGRES_PASSWORD';
    expect(new Set([...read, forCompose])).toEqual(new Set(explained));
    expect(explained).toHaveLength(new Set(explained).size);
  });
});
