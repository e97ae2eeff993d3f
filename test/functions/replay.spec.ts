import type { Entry, FunctionContext, Turn, Value } from '../../machines/function.types.js';
import type { ActionBook } from '../../src/functions/context.js';
import { replay, type Past } from '../../src/functions/replay.js';
import type { WorkflowContext, WorkflowDefinition } from '../../src/functions/workflow.js';

const AT = Date.UTC(2026, 0, 5, 12);
/** Every action but one is known, and none of them takes secrets. */
const BOOK: ActionBook = {
  nameOf: (name) => (name === 'unknown' ? undefined : name),
  shown: (_, params) => params,
};

/** A run without a database: what comes in is handed over, what is asked for is looked at. */
class Run {
  past: Past = {
    executionId: 'wf_1',
    tenant: 'demo',
    userId: 'ursula',
    input: { id: 7 },
    log: [],
    calls: [],
    settled: 0,
  };
  turn!: Turn;
  readonly said: string[] = [];

  constructor(
    public execute: (context: WorkflowContext) => Promise<void>,
    private readonly more: Partial<WorkflowDefinition> = {},
  ) {}

  async take(entry: Entry): Promise<Turn> {
    const definition = { metadata: { name: 'test', version: '1' }, execute: this.execute, ...this.more };
    // Everything goes through JSON, as it does in the database.
    const past = JSON.parse(JSON.stringify(this.past)) as Past;
    const { turn, lines } = await replay(definition, past, entry, BOOK);
    this.said.push(...lines.map(({ message }) => message));
    this.turn = JSON.parse(JSON.stringify(turn)) as Turn;
    const log = turn.entry ? [...past.log, turn.entry] : past.log;
    this.past = { ...past, log, calls: [...past.calls, ...turn.calls], settled: log.length };
    return this.turn;
  }

  start = () => this.take({ kind: 'start', at: AT });
  result = (seq: number, output: Value = null) => this.take({ kind: 'result', at: AT, seq, output });
  event = (name: string, payload: Value = null) => this.take({ kind: 'event', at: AT, name, payload, userId: 'u_1' });
  alarm = (afterMs: number) => this.take({ kind: 'alarm', at: AT + afterMs });
}

const started = async (
  execute: (context: WorkflowContext) => Promise<void>,
  more: Partial<WorkflowDefinition> = {},
): Promise<Run> => {
  const run = new Run(execute, more);
  await run.start();
  return run;
};

const errorOf = ({ outcome }: Turn) => (outcome?.kind === 'failed' ? outcome.error : undefined);

describe('a function that is run again', () => {
  it('asks for each thing once, and is answered from what came in ever after (R004-4)', async () => {
    const run = await started(async ({ actions, data, setState }) => {
      setState('VALIDATING');
      const invoice = (await actions['load_invoice']?.({ id: 7 })) as { total: number };
      data.set('total', invoice.total);
      setState('APPROVING');
      await actions['approve']?.({ total: invoice.total });
    });
    expect(run.turn).toMatchObject({ label: 'VALIDATING', waitsFor: 'action', outcome: null });
    expect(run.turn.actions).toEqual([{ seq: 1, name: 'load_invoice', params: { id: 7 }, userId: 'ursula' }]);
    await run.result(1, { total: 90 });
    expect(run.turn.actions).toEqual([{ seq: 4, name: 'approve', params: { total: 90 }, userId: 'ursula' }]);
    expect(run.turn).toMatchObject({ label: 'APPROVING', data: { total: 90 } });
    expect(run.turn.calls.map(({ seq, kind, name }) => `${seq} ${kind} ${name}`)).toEqual([
      '2 data.set total',
      '3 setState APPROVING',
      '4 action approve',
    ]);
    expect((await run.result(4)).outcome).toEqual({ kind: 'completed' });
  });

  it('ends the same way, whatever it is that every process forgets in between (R004-81 a)', async () => {
    const execute = async ({ actions, events, data, now, uuid, random }: WorkflowContext): Promise<void> => {
      const [left, right] = await Promise.all([actions['a']?.(), actions['b']?.()]);
      const { payload } = await events.waitFor('go');
      data.set('seen', [left, right, payload, now(), uuid(), random()]);
    };
    const ends: unknown[] = [];
    for (let round = 0; round < 2; round++) {
      const run = await started(execute);
      await run.result(1, 'b first');
      await run.result(0, 'a then');
      ends.push((await run.event('go', { ok: true })).data);
      // From the beginning, in one go: the same calls, the same answers.
      const { log, calls } = run.past;
      const again = await replay(
        { metadata: { name: 'test', version: '1' }, execute },
        { ...run.past, log: log.slice(0, -1), calls: [], settled: 0 },
        log.at(-1) as Entry,
        BOOK,
      );
      expect(again.turn.calls).toEqual(calls);
      ends.push(again.turn.data);
    }
    expect(new Set(ends.map((end) => JSON.stringify(end))).size).toBe(1);
    expect(ends[0]).toMatchObject({
      seen: ['a then', 'b first', { ok: true }, AT, expect.any(String), expect.any(Number)],
    });
  });

  it('gives an event that came too early to the first wait that asks for it, once (R004-33, R004-81 d)', async () => {
    const run = await started(async ({ actions, events, data }) => {
      await actions['slow']?.();
      data.set('first', (await events.waitFor(['Approve', 'Reject'])).name);
      data.set('second', (await events.waitFor(['Approve', 'Reject'])).name);
    });
    await run.event('Reject');
    await run.event('reject');
    expect(run.turn.waitsFor).toBe('action');
    expect((await run.result(0)).data).toEqual({ first: 'Reject' });
    expect((await run.event('Approve')).data).toEqual({ first: 'Reject', second: 'Approve' });
  });

  it('answers a wait whose time is over with __timeout__, or throws when asked to (R004-34, R004-81 e)', async () => {
    const run = await started(async ({ events, data }) => {
      data.set('soft', (await events.waitFor('never', { timeoutMs: 1_000 })).name);
      try {
        await events.waitFor('never', { timeoutMs: 500, onTimeout: 'throw' });
      } catch (error) {
        data.set('hard', (error as Error).name);
      }
    });
    expect(run.turn).toMatchObject({ waitsFor: 'event', alarmAt: AT + 1_000 });
    // Too early: nothing is over yet.
    expect((await run.alarm(999)).data).toEqual({});
    expect(await run.alarm(1_000)).toMatchObject({ data: { soft: '__timeout__' }, alarmAt: AT + 1_500 });
    expect(await run.alarm(1_500)).toMatchObject({
      data: { hard: 'WaitTimeoutError' },
      outcome: { kind: 'completed' },
    });
  });

  it('sleeps for as long as it says, by the time that it is told (R004-38)', async () => {
    const run = await started(async ({ sleep, now, data }) => {
      const before = now();
      await sleep(60_000);
      data.set('slept', now() - before);
    });
    expect(run.turn).toMatchObject({ waitsFor: 'timer', alarmAt: AT + 60_000 });
    expect(await run.alarm(60_000)).toMatchObject({ data: { slept: 60_000 }, outcome: { kind: 'completed' } });
  });

  it('sees an error of an action as it was kept, and can catch it (R004-50)', async () => {
    const run = await started(async ({ actions, data }) => {
      try {
        await actions['charge']?.();
      } catch (error) {
        data.set('caught', { ...(error as object), message: (error as Error).message });
      }
    });
    const error = { name: 'CardError', message: 'declined', code: 'DECLINED', category: 'permanent', attempts: 2 };
    await run.take({ kind: 'failure', at: AT, seq: 0, error });
    expect(run.turn).toMatchObject({ data: { caught: error }, outcome: { kind: 'completed' } });
  });

  it('fails with what it throws (R004-8)', async () => {
    const run = await started(async () => {
      throw new TypeError('no such thing');
    });
    expect(errorOf(run.turn)).toMatchObject({ name: 'TypeError', message: 'no such thing' });
  });

  it.each<[string, (context: WorkflowContext) => Promise<void>, object]>([
    [
      'another action',
      async ({ actions }) => void (await actions['b']?.()),
      { seq: 0, expected: 'action a', actual: 'action b' },
    ],
    [
      'the action with other parameters',
      async ({ actions }) => void (await actions['a']?.({ more: true })),
      { seq: 0, expected: 'action a', actual: 'action a' },
    ],
    ['nothing at all', async () => undefined, { seq: 0, expected: 'action a', actual: 'nothing' }],
    [
      'one thing more',
      async ({ actions, events }) => {
        void actions['a']?.();
        await events.waitFor('x');
      },
      { seq: 1, expected: 'nothing', actual: 'waitFor x' },
    ],
  ])('fails with NONDETERMINISM when it asks for %s (R004-5)', async (_, changed, details) => {
    const run = await started(async ({ actions }) => void (await actions['a']?.()));
    run.execute = changed;
    await run.result(0);
    expect(errorOf(run.turn)).toMatchObject({ code: 'NONDETERMINISM', category: 'consistency', details });
    expect(run.turn.calls).toEqual([]);
  });

  it('goes on from where it was when the right version is back (R004-5)', async () => {
    const right = async ({ actions }: WorkflowContext) => {
      await actions['a']?.();
      await actions['c']?.();
    };
    const run = await started(right);
    run.execute = async ({ actions }) => void (await actions['b']?.());
    const { settled } = run.past;
    await run.result(0, 1);
    // What a flawed turn has asked for is not written down.
    run.past = { ...run.past, settled };
    run.execute = right;
    await run.event('resume');
    expect(run.turn).toMatchObject({ actions: [{ seq: 1, name: 'c' }], outcome: null });
  });

  it('has words that work by themselves as well (R004-30)', async () => {
    const run = await started(async (context) => {
      const { executionId, tenant, userId, input, setState, getCurrentState, now, uuid, random } = context;
      const { waitFor } = context.events;
      const { get, set } = context.data;
      const { info } = context.logger;
      setState('ONE');
      info('heard');
      set('seen', [executionId, tenant, userId, input['id'], input.triggerEvent, getCurrentState()]);
      set('drawn', [now() === AT, uuid() !== uuid(), random() < 1]);
      set('got', (get<unknown[]>('seen') ?? []).length);
      await waitFor('end');
      setState('TWO');
    });
    expect(run.turn).toMatchObject({
      label: 'ONE',
      data: { seen: ['wf_1', 'demo', 'ursula', 7, null, 'ONE'], drawn: [true, true, true], got: 6 },
    });
    expect(run.said).toEqual(['heard']);
    expect((await run.event('end')).label).toBe('TWO');
  });

  it('is found out when it awaits what its context does not know (R004-4)', async () => {
    const run = await started(() => new Promise(() => undefined));
    expect(errorOf(run.turn)).toMatchObject({ code: 'NON_DURABLE_AWAIT' });
  });

  it('tells itself things, and others by way of the bus (R004-35)', async () => {
    const run = await started(async ({ events, data }) => {
      events.emit('note', { n: 1 });
      events.emit('invoice.paid', { id: 7 }, { scope: 'bus' });
      data.set('heard', (await events.waitFor('note')).payload);
    });
    expect(run.turn).toMatchObject({ data: { heard: { n: 1 } }, outcome: { kind: 'completed' } });
    expect(run.turn.publications).toEqual([{ seq: 1, name: 'invoice.paid', payload: { id: 7 }, userId: 'ursula' }]);
  });

  it('keeps copies: nothing that the function does to them changes what is kept (R004-32)', async () => {
    const run = await started(async ({ actions, data, events }) => {
      const result = (await actions['a']?.()) as { list: number[] };
      data.set('list', result.list);
      result.list.push(2);
      data.get<number[]>('list')?.push(3);
      data.set('result', result);
      await events.waitFor('end');
    });
    await run.result(0, { list: [1] });
    expect(run.turn.data).toEqual({ list: [1], result: { list: [1, 2] } });
    expect((await run.event('end')).outcome).toEqual({ kind: 'completed' });
  });

  it('takes JSON only, states of at most 255 characters and data that fits a row (R004-7, R004-32)', async () => {
    const codes: string[] = [];
    await started(async ({ data, setState, actions }) => {
      for (const slip of [
        () => data.set('date', new Date(0)),
        () => data.set('big', 'x'.repeat(65_536)),
        () => setState('x'.repeat(256)),
      ])
        try {
          slip();
        } catch (error) {
          codes.push(String((error as { code?: string }).code));
        }
      await actions['unknown']?.().catch((error: { code: string }) => codes.push(error.code));
    });
    expect(codes).toEqual(['NOT_JSON', 'DATA_TOO_LARGE', 'INVALID_STATE_LABEL', 'UNKNOWN_ACTION']);
  });

  it('says nothing twice (R004-36)', async () => {
    const run = await started(async ({ logger, events }) => {
      logger.info('one');
      await events.waitFor('x');
      logger.info('two');
      await events.waitFor('y');
    });
    await run.event('x');
    await run.event('y');
    expect(run.said).toEqual(['one', 'two']);
  });

  it('can wait for its trigger only when its definition says so (R004-2)', async () => {
    const execute = async ({ events, data }: WorkflowContext) =>
      data.set('got', (await events.waitFor('Submit')).payload);
    const triggerEvent = { name: 'Submit', payload: { n: 1 }, user_id: null, timestamp: new Date(AT).toISOString() };
    for (const [bufferTrigger, data] of [
      [true, { got: { n: 1 } }],
      [false, {}],
    ] as const) {
      const run = new Run(execute, { bufferTrigger });
      run.past = { ...run.past, input: { triggerEvent } };
      expect((await run.start()).data).toEqual(data);
    }
  });

  it('leaves alone what nobody waits for', async () => {
    const run = await started(async ({ actions }) => void (await actions['a']?.()));
    expect((await run.result(5)).entry).toBeNull();
  });

  it('ends after 2,000 entries', async () => {
    const run = await started(async ({ events }) => {
      for (;;) await events.waitFor('x');
    });
    const entry: Entry = { kind: 'event', at: AT, name: 'y', payload: null, userId: null };
    const log: FunctionContext['log'] = [...run.past.log, ...Array.from({ length: 1_999 }, () => entry)];
    run.past = { ...run.past, log, settled: log.length };
    expect(errorOf(await run.event('x'))).toMatchObject({ code: 'LOG_FULL' });
  });
});
