import { BusinessTime } from '../../src/engine/optimistic/business.time.js';
import { Gathering } from '../../src/engine/optimistic/gathering.js';
import type { Config } from '../../src/platform/config.js';
import { KnownInstances } from '../../src/engine/optimistic/known.js';
import { Turns } from '../../src/engine/optimistic/turns.js';
import type { Seen } from '../../src/engine/store/advance.js';

/** Calls that end when they are told to. */
function calls() {
  const made: { tenant: string; items: readonly number[]; end: (error?: Error) => void }[] = [];
  const gathering = new Gathering<number, number>(
    (tenant, items) =>
      new Promise((resolve, reject) =>
        made.push({ tenant, items, end: (error) => (error ? reject(error) : resolve(items.map((item) => item * 10))) }),
      ),
  );
  return { made, gathering };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('gathering', () => {
  it('asks together what is ready together, two calls at a time, and lets the rest go with the next', async () => {
    const { made, gathering } = calls();
    const first = [1, 2].map((item) => gathering.add('acme', item));
    await turn();
    const second = [3, 4, 5].map((item) => gathering.add('acme', item));
    await turn();
    const third = [6, 7, 8].map((item) => gathering.add('acme', item));
    await turn();
    expect(made.map(({ items }) => items)).toEqual([
      [1, 2],
      [3, 4, 5],
    ]);
    made[0]?.end();
    expect(await Promise.all(first)).toEqual([10, 20]);
    await turn();
    expect(made.map(({ items }) => items)).toEqual([
      [1, 2],
      [3, 4, 5],
      [6, 7, 8],
    ]);
    made[1]?.end();
    made[2]?.end();
    expect(await Promise.all([...second, ...third])).toEqual([30, 40, 50, 60, 70, 80]);
  });

  it('lets what is enough set out in the middle of a turn', async () => {
    const { made, gathering } = calls();
    const all = Array.from({ length: 40 }, (_, item) => gathering.add('acme', item));
    expect(made.map(({ items }) => items.length)).toEqual([16, 16]);
    made[0]?.end();
    await all[0];
    await turn();
    expect(made.map(({ items }) => items.length)).toEqual([16, 16]);
    made[1]?.end();
    await all[16];
    await turn();
    expect(made.map(({ items }) => items.length)).toEqual([16, 16, 8]);
    made[2]?.end();
    expect(await Promise.all(all)).toHaveLength(40);
  });

  it('lets what is little wait for more, or for the call under way', async () => {
    const { made, gathering } = calls();
    const first = [1, 2, 3].map((item) => gathering.add('acme', item));
    await turn();
    const second = gathering.add('acme', 4);
    await turn();
    expect(made.map(({ items }) => items)).toEqual([[1, 2, 3]]);
    made[0]?.end();
    await Promise.all(first);
    await turn();
    expect(made.map(({ items }) => items)).toEqual([[1, 2, 3], [4]]);
    made[1]?.end();
    expect(await second).toBe(40);
  });

  it('does not let what is little wait for a call that has no answer', async () => {
    const { made, gathering } = calls();
    const first = [1, 2, 3].map((item) => gathering.add('acme', item));
    await turn();
    const second = gathering.add('acme', 4);
    while (made.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    made[1]?.end();
    expect(await second).toBe(40);
    made[0]?.end();
    await Promise.all(first);
  });

  it('never asks for two tenants in one call, and lets none of them take all calls', async () => {
    const { made, gathering } = calls();
    for (const item of [1, 2]) void gathering.add('acme', item);
    void gathering.add('other', 3);
    await turn();
    expect(made.map(({ tenant, items }) => [tenant, items])).toEqual([
      ['acme', [1, 2]],
      ['other', [3]],
    ]);
  });

  it('tells all of a call that it failed, and goes on', async () => {
    const { made, gathering } = calls();
    const failed = [1, 2].map((item) => gathering.add('acme', item).catch((error: Error) => error.message));
    await turn();
    made[0]?.end(new Error('broken'));
    expect(await Promise.all(failed)).toEqual(['broken', 'broken']);
    const next = gathering.add('acme', 3);
    await turn();
    made[1]?.end();
    expect(await next).toBe(30);
  });

  it('refuses what would wait too long', async () => {
    const { gathering } = calls();
    const underway = 2 * 16;
    for (let item = 0; item < underway + 20_000; item++) void gathering.add('acme', item);
    await expect(gathering.add('acme', 1)).rejects.toMatchObject({ code: 'OVERLOADED' });
  });
});

describe('turns', () => {
  it('let the same name go one after the other, whatever becomes of each, and other names beside it', async () => {
    const turns = new Turns();
    const log: string[] = [];
    let release: () => void = () => undefined;
    const first = turns.take('a', () => new Promise<void>((resolve) => (release = resolve)));
    const second = turns
      .take('a', async () => {
        log.push('second');
        throw new Error('broken');
      })
      .catch(() => undefined);
    const third = turns.take('a', async () => void log.push('third'));
    await turns.take('b', async () => void log.push('beside'));
    release();
    await Promise.all([first, second, third]);
    expect(log).toEqual(['beside', 'second', 'third']);
  });
});

class Ticking extends BusinessTime {
  ms = 0;
  protected override elapsed(): number {
    return this.ms;
  }
}

describe('business time between two answers', () => {
  it('goes on with the clock of the process, and is never ahead of the database', () => {
    const time = new Ticking();
    expect(time.now()).toBeUndefined();
    time.learn({ now_ms: 1_000_000, offset_ms: 7 });
    time.ms = 4;
    expect(time.now()).toEqual({ now_ms: 1_000_000, offset_ms: 7 });
    time.ms = 2_005;
    expect(time.now()).toEqual({ now_ms: 1_001_998, offset_ms: 7 });
  });
});

describe('what is remembered of instances', () => {
  it('belongs to its tenant, is taken once, and has a limit', () => {
    const known = new KnownInstances({ instanceCacheBytes: 20_000_000 } as Config);
    const seen = (id: string) => ({ id, tenant: 'acme' }) as Seen;
    known.keep(seen('wf_1'), 100);
    expect(known.take('other', 'wf_1')).toBeUndefined();
    expect(known.take('acme', 'wf_1')).toMatchObject({ id: 'wf_1' });
    expect(known.take('acme', 'wf_1')).toBeUndefined();
    for (let n = 0; n < 80; n++) known.keep(seen(`wf_${n}`), 500_000);
    expect(known.take('acme', 'wf_0')).toBeUndefined();
    expect(known.take('acme', 'wf_79')).toEqual(seen('wf_79'));
  });

  it('is nothing where there is no room for it', () => {
    const known = new KnownInstances({ instanceCacheBytes: 0 } as Config);
    known.keep({ id: 'wf_1', tenant: 'acme' } as Seen, 100);
    expect(known.take('acme', 'wf_1')).toBeUndefined();
  });
});
