import { readdirSync, readFileSync } from 'node:fs';

const namesIn = (file: string, pattern: RegExp): string[] =>
  [...readFileSync(file, 'utf8').matchAll(pattern)].map(([, name = '']) => name);

describe('.env.example', () => {
  it('names every variable that the service reads, and no other', () => {
    const files = readdirSync('src/platform').filter((file) => file.startsWith('config'));
    const read = files.flatMap((file) => namesIn(`src/platform/${file}`, /'([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)'/g));
    const explained = namesIn('.env.example', /^#?([A-Z][A-Z0-9_]*)=/gm);
    const forCompose = 'POSTGRES_PASSWORD';
    expect(new Set([...read, forCompose])).toEqual(new Set(explained));
    expect(explained).toHaveLength(new Set(explained).size);
  });
});
