import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

describe('npm run diagrams', () => {
  const folder = mkdtempSync(join(tmpdir(), 'diagrams-'));
  const file = (name: string) => join(folder, 'docs', 'diagrams', name);
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [resolve('dist/src/diagrams/write.js'), ...args], { cwd: folder, encoding: 'utf8' });

  afterAll(() => rmSync(folder, { recursive: true }));

  it('writes what --check accepts', () => {
    expect(run().status).toBe(0);
    expect(run('--check')).toMatchObject({ status: 0, stderr: '' });
  });

  it('names each stale file and each that belongs to no lifecycle', () => {
    appendFileSync(file('investment.svg'), '<!-- edited -->');
    writeFileSync(file('gone.svg'), '');
    const { status, stderr } = run('--check');
    expect(status).toBe(1);
    expect(stderr.split('\n').filter(Boolean)).toEqual([
      expect.stringContaining('investment.svg is stale'),
      expect.stringContaining('gone.svg is stale'),
    ]);
  });
});
