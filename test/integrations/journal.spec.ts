import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Journal } from '../../src/integrations/sandbox/journal.js';

describe('the memory of the stand-ins', () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'statewright-journal-'));
    file = join(folder, 'sandbox', 'journal.ndjson');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const written = () => readFileSync(file, 'utf8').split('\n').filter(Boolean);

  it('survives, with the newest version of everything in the order of the first', () => {
    const things = new Journal(file).collection<number>('things');
    const journal = new Journal(file);
    const kept = journal.collection<number>('things');
    kept.put('a', 1);
    kept.put('b', 2);
    kept.put('a', 3);
    journal.commit();
    expect(things.all()).toEqual([]);
    expect(new Journal(file).collection('things').all()).toEqual([3, 2]);
  });

  it('keeps what belongs together in one line', () => {
    const journal = new Journal(file);
    journal.collection('effects').put('pi_1', {});
    journal.collection('keys').put('k', 'pi_1');
    expect(written()).toEqual([]);
    journal.commit();
    journal.commit();
    expect(written()).toHaveLength(1);
  });

  it('drops a line that was being written when the process died', () => {
    const journal = new Journal(file);
    journal.collection('things').put('a', 1);
    journal.commit();
    appendFileSync(file, '[["things","b",');
    const after = new Journal(file);
    expect(after.collection('things').all()).toEqual([1]);
    after.collection('things').put('c', 3);
    after.commit();
    expect(new Journal(file).collection('things').all()).toEqual([1, 3]);
  });
});
