import { ModuleRef } from '@nestjs/core';
import { OutboxWorker } from '../../src/engine/workers/outbox.worker.js';
import { ActionRegistry } from '../../src/functions/actions/action.registry.js';
import { Library } from '../../src/functions/library.js';
import type { WorkflowContext } from '../../src/functions/workflow.js';
import { Functions, workflow } from '../support/functions.js';
import { workstream } from '../support/workstream.js';

const service = workstream();
const functions = new Functions(service);

/** An action, a pair of actions, an event, a sleep: everything that a log can hold. */
const execute = async ({ actions, events, data, sleep, setState, uuid, now }: WorkflowContext): Promise<void> => {
  setState('ONE');
  data.set('one', await actions['double']?.({ n: 1 }));
  const pair = await Promise.all([actions['double']?.({ n: 2 }), actions['double']?.({ n: 3 })]);
  data.set('pair', pair);
  setState('ASKING');
  data.set('answer', (await events.waitFor('answer', { timeoutMs: 86_400_000 })).payload);
  await sleep(3_600_000);
  await actions['double']?.({ n: -1 }).catch(({ code }: { code: string }) => data.set('refused', code));
  data.set('end', [uuid().length, now() > 0]);
  setState('END');
};
const EXPECTED = { one: 2, pair: [4, 6], answer: 'yes', refused: 'NEGATIVE', end: [36, true] };

beforeAll(() => {
  register(service.live.app.get(ActionRegistry));
  functions.register(workflow('long', execute));
});
function register(actions: ActionRegistry): void {
  actions.registerSimpleAction(
    'double',
    'Twice as much',
    [{ name: 'n', type: 'number', required: true }],
    async ({ n }) => {
      if (Number(n) < 0) throw Object.assign(new Error('negative'), { code: 'NEGATIVE', category: 'permanent' });
      return 2 * Number(n);
    },
  );
}

const entriesOf = async (id: string): Promise<number> => {
  const [row] = await service.rows<{ revision: number }>('select revision from engine.instances where id = $1', id);
  return row?.revision ?? 0;
};

/** Breaks the next history row of the run: the decision is rolled back, as if the process had died on it. */
const breakAt = (id: string, seq: number) =>
  service.rows(
    `create trigger dying before insert on engine.history for each row when (new.instance_id = '${id}' and new.seq = ${seq})
       execute function public.die()`,
  );
const mend = () => service.rows('drop trigger if exists dying on engine.history');

/** One thing after the other that a run needs, until it has ended. */
async function drive(id: string): Promise<void> {
  for (let round = 0; round < 20; round++) {
    const { state, isComplete } = await functions.read(id);
    if (isComplete) return;
    if (state === 'waitingEvent') await functions.tell(id, 'answer', 'yes');
    else if (state === 'waitingTimer') await functions.pass('61m').catch(() => undefined);
    else await functions.work().catch(() => undefined);
  }
}

describe('a run whose process dies', () => {
  beforeAll(() =>
    service.rows(
      `create function public.die() returns trigger language plpgsql as $$ begin raise exception 'died'; end $$`,
    ),
  );

  it('at any place of its log ends as if nothing had been (R004-81 a)', async () => {
    const whole = await functions.start('long');
    await drive(whole);
    expect(await functions.read(whole)).toMatchObject({ status: 'completed', data: EXPECTED, currentState: 'END' });
    const length = await entriesOf(whole);
    expect(length).toBe(7);
    for (let seq = 2; seq <= length; seq++) {
      const id = await functions.start('long');
      await breakAt(id, seq);
      await drive(id);
      expect(await entriesOf(id)).toBe(seq - 1);
      await mend();
      // A dead process loses its claims when their leases have ended.
      await service.rows(
        `update engine.outbox set claimed_until = clock_timestamp() - interval '1 second' where instance_id = $1 and status = 'claimed'`,
        id,
      );
      await service.rows(`update engine.timers set retry_at = null where instance_id = $1`, id);
      await drive(id);
      expect({ seq, ...(await functions.read(id)) }).toMatchObject({ seq, status: 'completed', data: EXPECTED });
      expect(await entriesOf(id)).toBe(length);
      await service.live.prove(id);
    }
  });
});

describe('two workers', () => {
  it('do what one run asks for side by side, and its events are decided one after the other (R004-55, R004-60, R004-81 c)', async () => {
    functions.register(
      workflow('wide', async ({ actions, events, data }) => {
        const all = await Promise.all(Array.from({ length: 20 }, async (_, n) => actions['double']?.({ n })));
        data.set('all', all);
        const heard: unknown[] = [];
        for (let n = 0; n < 10; n++) heard.push((await events.waitFor('n')).payload);
        data.set('heard', heard);
      }),
    );
    const id = await functions.start('wide');
    const others = await service.live.app.get(ModuleRef).create(OutboxWorker);
    const told = Array.from({ length: 10 }, (_, n) => functions.tell(id, 'n', n));
    const work = async (worker: OutboxWorker) => {
      while (await worker.turn());
    };
    await Promise.all([...told, work(service.live.app.get(OutboxWorker)), work(others)]);
    await functions.work();
    const { data, status } = await functions.read(id);
    expect(status).toBe('completed');
    expect(data['all']).toEqual(Array.from({ length: 20 }, (_, n) => 2 * n));
    expect([...(data['heard'] as number[])].sort((a, b) => a - b)).toEqual(Array.from({ length: 10 }, (_, n) => n));
    expect(await entriesOf(id)).toBe(31);
    await service.live.prove(id);
  });
});

describe('a run whose code was changed', () => {
  it('fails, and goes on where it was when an administrator sends it back to the right version (R004-5)', async () => {
    const library = service.live.app.get(Library);
    const definition = { metadata: { name: 'changing', version: '1' }, execute };
    library.registerWorkflow(definition);
    const id = await functions.start('changing');
    definition.execute = async ({ events }) => void (await events.waitFor('other'));
    await functions.work();
    expect(await functions.read(id)).toMatchObject({
      status: 'failed',
      error: { code: 'NONDETERMINISM', details: { seq: 0, expected: 'setState ONE', actual: 'waitFor other' } },
    });
    definition.execute = execute;
    const body = {
      fromState: 'failed',
      toState: 'waitingEvent',
      reason: 'The right version of the workflow is deployed again',
    };
    expect((await service.ask('POST', `/admin/workflows/${id}/force-transition`, body, 'admin')).status).toBe(200);
    await functions.tell(id, 'answer', 'yes');
    await drive(id);
    expect(await functions.read(id)).toMatchObject({ status: 'completed', data: EXPECTED });
  });
});
