import { Type } from 'class-transformer';
import { IsInt, Max, Min, ValidateNested } from 'class-validator';
import { DataSource } from 'typeorm';
import { Clock } from '../../src/platform/clock.js';
import type { Config } from '../../src/platform/config.js';
import { Database } from '../../src/platform/database.js';
import { dataSourceOptions } from '../../src/platform/datasource.js';
import { Settings } from '../../src/platform/settings.js';
import { Wakeup } from '../../src/platform/wakeup.js';
import { testDatabase, type TestDatabase } from '../support/database.js';

class Deadlines {
  @IsInt()
  @Min(1)
  creatorMs = 7;
  @IsInt()
  investorMs = 3;
}

class OrderSettings {
  @IsInt()
  @Max(10)
  rounds = 5;
  @ValidateNested()
  @Type(() => Deadlines)
  deadlines = new Deadlines();
}

const settings = new Settings();
let test: TestDatabase;
let source: DataSource;
let database: Database;

beforeAll(async () => {
  test = await testDatabase();
  source = await new DataSource(dataSourceOptions(test.url, 2, () => undefined)).initialize();
  database = new Database(source);
});
afterAll(async () => {
  await source.destroy();
  await test.drop();
});

const read = (tenant: string) => database.transaction(tenant, (tx) => settings.read(tx, 'order', OrderSettings));
const write = (tenant: string, changes: object) =>
  database.transaction(tenant, (tx) => settings.write(tx, 'order', OrderSettings, changes, 'usr_1'));

describe('settings', () => {
  it('are the defaults until a tenant changes them', async () => {
    expect(await read('untouched')).toEqual(new OrderSettings());
  });

  it('keep what a tenant changed and take the rest from the defaults (R000-101)', async () => {
    await write('acme', { deadlines: { creatorMs: 9 } });
    expect(await write('acme', { rounds: 2 })).toEqual({ rounds: 2, deadlines: { creatorMs: 9, investorMs: 3 } });
    expect(await read('acme')).toEqual({ rounds: 2, deadlines: { creatorMs: 9, investorMs: 3 } });
    expect(await read('other')).toEqual(new OrderSettings());
  });

  it('go back to the default with null', async () => {
    await write('back', { rounds: 2 });
    expect(await write('back', { rounds: null })).toEqual(new OrderSettings());
  });

  it('are checked before they are kept', async () => {
    await expect(write('wrong', { rounds: 11, deadlines: { creatorMs: 0 }, colour: 'red' })).rejects.toMatchObject({
      code: 'WF006',
      data: { errors: [{ field: 'colour' }, { field: 'rounds' }, { field: 'deadlines.creatorMs' }] },
    });
    expect(await read('wrong')).toEqual(new OrderSettings());
  });

  it('leave out what an older version of the product knew', async () => {
    await database.transaction('old', (tx) =>
      tx.run(
        `insert into engine.settings (tenant, area, value, updated_by) values ('old', 'order', '{"gone": 1, "rounds": 4}', 'u')`,
      ),
    );
    expect(await read('old')).toEqual({ ...new OrderSettings(), rounds: 4 });
    expect(await write('old', { rounds: 3 })).toEqual({ ...new OrderSettings(), rounds: 3 });
  });

  it('lose no change when two are made at the same time', async () => {
    await Promise.all([write('both', { rounds: 1 }), write('both', { deadlines: { investorMs: 8 } })]);
    expect(await read('both')).toEqual({ rounds: 1, deadlines: { creatorMs: 7, investorMs: 8 } });
  });
});

describe('the clock', () => {
  const clockIn = (mode: Config['mode']) => {
    const config = { mode, databaseUrl: test.url } as Config;
    return new Clock(config, database, new Wakeup(config));
  };
  const advance = (clock: Clock, ms: number) => database.transaction('acme', (tx) => clock.advance(tx, ms));

  it('moves ahead for everybody at once in the sandbox', async () => {
    const [clock, other] = [clockIn('sandbox'), clockIn('sandbox')];
    const before = await other.now();
    const moved = await advance(clock, 604_800_000);
    expect(moved - before).toBeGreaterThanOrEqual(604_800_000);
    expect(await other.now()).toBeGreaterThanOrEqual(moved);
  });

  it('cannot be moved back, nor in production', async () => {
    await expect(advance(clockIn('sandbox'), -1)).rejects.toMatchObject({ code: 'WF006' });
    await expect(advance(clockIn('production'), 1)).rejects.toMatchObject({ code: 'SANDBOX_ONLY' });
  });
});
