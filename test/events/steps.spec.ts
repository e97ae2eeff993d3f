import pg from 'pg';
import type { EffectRun } from '../../src/engine/host.js';
import { Steps } from '../../src/events/steps/steps.js';
import { attempt, stepPolicy, Unacceptable } from '../../src/events/steps/trying.js';
import { Config } from '../../src/platform/config.js';
import { Database } from '../../src/platform/database.js';
import { Log } from '../../src/platform/logger.js';
import { workstream } from '../support/workstream.js';

const service = workstream();
const patient = new AbortController().signal;
const run = (more: Partial<EffectRun> = {}): EffectRun => ({
  ...{ tenant: 'demo', instanceId: 'wf_steps', key: 'k', attempt: 1, begun: 1, since: 0, correlationId: 'corr-s' },
  signal: patient,
  ...more,
});

describe('the log of a run', () => {
  it('has a line for each step, before and after, with what it is about (R003-38, R003-39)', async () => {
    const lines: string[] = [];
    const log = new Log('debug', { write: (line: string) => void lines.push(line) });
    const steps = new Steps(service.live.app.get(Database), log);
    const arrived = {
      event_id: 'evt-log',
      payload: { a: 1 },
      metadata: null,
      timestamp: '2026-01-05T11:00:00.000Z',
      correlation_id: 'corr-s',
    };
    await steps.validate({ ...arrived, retry_attempt: 2, run_id: 'event-evt-log-r2' }, run());
    await steps.store(
      {
        event_id: 'evt-log',
        payload: { a: 1 },
        timestamp: arrived.timestamp,
        correlation_id: 'corr-s',
        retry_attempt: 2,
        doomed: false,
      },
      run(),
    );
    const named = { event_id: 'evt-log', timestamp: arrived.timestamp, correlation_id: 'corr-s', since: 0 };
    await steps.count(named, run());
    await steps.deliver(named, run());
    const told = lines.map(
      (line) =>
        JSON.parse(line) as {
          level: string;
          message: string;
          correlation_id: string;
          timestamp: string;
          context: object;
        },
    );
    expect(told.map(({ level, message }) => `${level}: ${message}`)).toEqual([
      'info: Workflow started',
      'debug: Validating event',
      'info: Event validation passed',
      'debug: Storing event',
      'info: Event stored',
      'debug: Updating metrics',
      'info: Metrics updated',
      'debug: Marking event delivered',
      'info: Workflow completed successfully',
    ]);
    for (const line of told)
      expect(line).toMatchObject({
        correlation_id: 'corr-s',
        timestamp: expect.stringMatching(/Z$/),
        context: { event_id: 'evt-log' },
      });
    expect(told[0]?.context).toEqual({ event_id: 'evt-log', workflow_id: 'event-evt-log-r2', retry_attempt: 2 });
    expect(told.at(-1)?.context).toEqual({ event_id: 'evt-log', duration_ms: expect.any(Number) });
  });
});

describe('an attempt at a step', () => {
  it('that hangs is given up after 10 seconds and tried again (R003-24)', async () => {
    const policy = stepPolicy(service.live.app.get(Config).events);
    expect(policy).toMatchObject({ attempts: 4, timeoutMs: 10_000 });
    const limit = new AbortController();
    const hanging = attempt(run({ signal: limit.signal }), () => new Promise(() => undefined));
    limit.abort(new DOMException('The effect took too long', 'TimeoutError'));
    expect(await hanging).toEqual({ kind: 'retry', reason: 'The step took longer than 10 s', afterMs: 1_000 });
  });

  it('waits 1, 2 and 4 seconds before the next, unless it is hopeless (R003-9, R003-23)', async () => {
    const fail = (tries: number) => attempt(run({ attempt: tries }), () => Promise.reject(new Error('away')));
    expect([await fail(1), await fail(2), await fail(3)]).toEqual(
      [1_000, 2_000, 4_000].map((afterMs) => ({ kind: 'retry', reason: 'away', afterMs })),
    );
    const hopeless = attempt(run(), () => Promise.reject(new Unacceptable('VALIDATION', 'Invalid payload')));
    expect(await hopeless).toEqual({ kind: 'failed', code: 'VALIDATION', reason: 'Invalid payload' });
  });
});

describe('steps of many events', () => {
  it('are done in one call, and one that the database refuses is no concern of the others (R003-15, R003-37)', async () => {
    const steps = new Steps(service.live.app.get(Database), new Log('silent'));
    const store = (event_id: string, timestamp: string) =>
      steps.store({ event_id, payload: {}, timestamp, correlation_id: 'c', retry_attempt: 0, doomed: false }, run());
    const good = Array.from({ length: 20 }, (_, n) => store(`evt-many-${n}`, '2026-01-05T11:00:00.000Z'));
    const [bad, ...rest] = await Promise.all([store('evt-bad', 'never'), ...good]);
    expect(bad).toMatchObject({ kind: 'retry', reason: expect.stringContaining('invalid input syntax') });
    expect(rest.map(({ kind }) => kind)).toEqual(rest.map(() => 'done'));
    const rows = await service.rows(`select event_id from events.events where event_id like 'evt-many-%'`);
    expect(rows).toHaveLength(20);
  });

  it('find each event by its whole id, also in a session that has planned them before there were any (R003-37)', async () => {
    const { host, port, user, password, database } = service.live.owner;
    const session = new pg.Client({ host, port, user, password, database });
    await session.connect();
    const stored = (ids: readonly string[]) =>
      JSON.stringify(
        ids.map((event_id) => ({
          ...{ event_id, instance_id: 'wf_plan', payload: {}, metadata: null, timestamp: '2026-01-05T11:00:00.000Z' },
          ...{ retry_attempt: 0, correlation_id: 'c', payload_hash: 'h', since: 0 },
        })),
      );
    const read = async () => {
      const { rows } = await session.query<{ rows: number }>(
        `select (seq_tup_read + idx_tup_fetch)::int as rows from pg_stat_xact_user_tables where relid = 'events.events'::regclass`,
      );
      return rows[0]?.rows ?? 0;
    };
    const steps = async (ids: readonly string[]) => {
      await session.query(`begin; set local role statewright_app; set local engine.tenant = 'demo'`);
      const before = await read();
      await session.query('select events.store($1)', [stored(ids)]);
      await session.query('select events.count($1)', [ids]);
      await session.query('select events.deliver($1)', [stored(ids)]);
      const after = await read();
      await session.query('commit');
      return after - before;
    };
    const ids = (count: number, batch: string) => Array.from({ length: count }, (_, n) => `evt-plan-${batch}-${n}`);
    await steps(ids(1, 'first'));
    await steps(ids(2_000, 'many'));
    expect(await steps(ids(10, 'last'))).toBeLessThan(200);
    await session.end();
  });
});
