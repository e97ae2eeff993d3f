import type { WorkflowContext } from '../../src/functions/workflow.js';
import { Functions, workflow } from '../support/functions.js';
import { workstream } from '../support/workstream.js';

const service = workstream();
const functions = new Functions(service);
/** How often the item is still broken. */
let broken = 0;

interface Task {
  task_id: string;
  task_type: string;
  title: string;
  assigned_roles: string[];
  context_data: Record<string, unknown>;
}

beforeAll(() => {
  functions.actions.registerSimpleAction(
    'process_item',
    'Works an item off',
    [{ name: 'itemId', type: 'string', required: true }],
    async ({ itemId }) => {
      if (broken-- > 0)
        throw Object.assign(new Error(`${String(itemId)} has no counterpart`), { category: 'permanent' });
      return { done: itemId ?? null };
    },
  );
});

/** The tasks that a run has given people, the newest last. */
const tasksOf = async (id: string): Promise<Task[]> => {
  const query = `/api/tasks?scope=all&status=pending,claimed,completed,canceled&execution_id=${id}`;
  const { data } = await service.done<{ data: Task[] }>('GET', query, undefined, 'admin');
  return data.sort((left, right) => (left.task_id < right.task_id ? -1 : 1));
};
const newest = async (id: string): Promise<Task> => {
  const task = (await tasksOf(id)).at(-1);
  if (!task) throw new Error('there is no task');
  return service.done<Task>('GET', `/api/tasks/${task.task_id}`, undefined, 'admin');
};
const complete = (task: Task, formData: object) =>
  service.done('POST', `/api/tasks/${task.task_id}/complete`, { formData }, 'operator');
/** The states that a run was in, each once. */
const statesOf = async (id: string): Promise<string[]> => {
  const path = `/api/workflow-executions/${id}/events?limit=200`;
  const { data } = await service.done<{ data: { to_state: string }[] }>('GET', path, undefined, 'admin');
  return data.map(({ to_state }) => to_state).filter((state, index, all) => state !== all[index - 1]);
};
const awaiting = (attempt: number) => `AWAITING_MAPPING_RESOLUTION_FOR_ITEM_item_1_ATTEMPT_${attempt}`;

describe('the retry pattern', () => {
  it('asks a person to put an item right, and tries it again until it is done (R004-66, R004-72)', async () => {
    broken = 2;
    const id = await functions.start('item_processing', { itemId: 'item_1' });
    for (const attempt of [1, 2]) {
      await functions.work();
      expect(await functions.read(id)).toMatchObject({ currentState: awaiting(attempt), state: 'waitingEvent' });
      const task = await newest(id);
      expect(task).toMatchObject({
        task_type: 'resolve_item_mapping_error',
        assigned_roles: ['operator'],
        context_data: {
          itemId: 'item_1',
          errorMessage: 'item_1 has no counterpart',
          currentAttempt: attempt,
          maxAttempts: 3,
          workflowInstanceId: id,
        },
      });
      await complete(task, { resolutionStatus: 'resolved' });
    }
    await functions.work();
    expect(await functions.read(id)).toMatchObject({
      status: 'completed',
      currentState: 'ITEM_PROCESSING_COMPLETE',
      data: { result: { done: 'item_1' } },
    });
    expect(await statesOf(id)).toEqual([
      ...[1, 2].flatMap((attempt) => ['VALIDATING_ITEM_MAPPING', awaiting(attempt)]),
      'VALIDATING_ITEM_MAPPING',
      'ITEM_PROCESSING_COMPLETE',
    ]);
    await service.live.prove(id);
  });

  it('gives up after three attempts, and asks nobody to put right what is not tried any more (R004-72, R004-73)', async () => {
    broken = 99;
    const id = await functions.start('item_processing', { itemId: 'item_1' });
    for (let attempt = 1; attempt < 3; attempt++) {
      await functions.work();
      await complete(await newest(id), { resolutionStatus: 'resolved' });
    }
    await functions.work();
    expect(await functions.read(id)).toMatchObject({
      status: 'completed',
      currentState: 'ITEM_PROCESSING_FAILED_MAX_ATTEMPTS',
    });
    expect((await tasksOf(id)).map(({ task_type }) => task_type)).toEqual([
      'resolve_item_mapping_error',
      'resolve_item_mapping_error',
      'item_processing_escalation',
    ]);
  });

  it('says so when nobody can be asked (R004-72)', async () => {
    broken = 99;
    await service.rows(
      `create function public.no_task() returns trigger language plpgsql as $$ begin raise exception 'no' using errcode = '23514'; end $$`,
    );
    await service.rows(
      'create trigger no_task before insert on tasks.tasks for each row execute function public.no_task()',
    );
    const id = await functions.start('item_processing', { itemId: 'item_1' });
    await functions.work();
    await service.rows('drop trigger no_task on tasks.tasks');
    expect(await functions.read(id)).toMatchObject({ currentState: 'CRITICAL_ERROR_TASK_CREATION_FAILED' });
    // The task, its result and what the run made of it: nothing of it is there.
    expect(await tasksOf(id)).toEqual([]);
  });
});

describe('a run that has given people a task', () => {
  it('hears of all that becomes of it, by its own name and by the one asked for, of its end once (R004-65, R004-66)', async () => {
    functions.register(
      workflow('asks', async ({ actions, data, events }) => {
        const made = await actions['create_human_task']?.({
          taskType: 'to_do',
          title: 'Look',
          assignTo: { roles: 'operator' },
          completionEvent: 'LOOKED_{taskId}',
        });
        const { taskId } = made as { taskId: string };
        const heard: unknown[] = [];
        for (const what of ['Created', 'Claimed', 'Unclaimed'])
          heard.push((await events.waitFor(`Task:${taskId}:${what}`)).name.split(':').at(-1));
        const end = await events.waitFor(`LOOKED_${taskId}`);
        heard.push(end.name === `LOOKED_${taskId}`, end.payload, end.user_id);
        data.set('heard', heard);
        // The other name of the same end: it is gone.
        heard.push((await events.waitFor(`Task:${taskId}:Complete`, { timeoutMs: 1_000 })).name);
        data.set('heard', heard);
      }),
    );
    const id = await functions.start('asks');
    await functions.work();
    const task = await newest(id);
    for (const step of ['claim', 'unclaim'])
      await service.done('POST', `/api/tasks/${task.task_id}/${step}`, {}, 'operator');
    await complete(task, { outcome: 'seen' });
    await functions.work();
    await functions.pass('2s');
    const { data, status } = await functions.read(id);
    expect(status).toBe('completed');
    expect(data['heard']).toEqual([
      'Created',
      'Claimed',
      'Unclaimed',
      true,
      { outcome: 'seen' },
      expect.any(String),
      '__timeout__',
    ]);
  });

  it('has an invoice approved that was submitted as an event (R004-1, R004-20)', async () => {
    await service.done(
      'POST',
      '/api/workflow-attachments',
      { event_type: 'INVOICE_SUBMITTED', workflow_id: 'sys_invoice_approval' },
      'admin',
    );
    const submit = async () => {
      const body = { event_type: 'INVOICE_SUBMITTED', payload: { invoiceId: 'inv_1', amount: 90 } };
      const answer = await service.done<{ executionIds: string[] }>('POST', '/api/workflow-events', body, 'service');
      await functions.work();
      return String(answer.executionIds[0]);
    };
    const [approved, rejected, overdue] = [await submit(), await submit(), await submit()];
    await complete(await newest(approved), { outcome: 'fine' });
    const { task_id } = await newest(rejected);
    await service.done('POST', `/api/tasks/${task_id}/cancel`, { reason: 'no' }, 'operator');
    await functions.work();
    await functions.pass('73h');
    await functions.work();
    const runs = await Promise.all([approved, rejected, overdue].map((id) => functions.read(id)));
    expect(runs.map(({ currentState, status }) => [currentState, status])).toEqual([
      ['APPROVED', 'completed'],
      ['REJECTED', 'completed'],
      ['OVERDUE', 'completed'],
    ]);
  });
});

describe('the built-in actions', () => {
  const outcome = async (name: string, execute: (context: WorkflowContext) => Promise<void>) => {
    functions.register(workflow(name, execute));
    const id = await functions.start(name);
    await functions.work();
    return { id, ...(await functions.read(id)) };
  };

  it('call a task off that the run has given people, once, and nobody else’s (R004-49, R004-67)', async () => {
    const others = await service.done<{ taskId: string }>(
      'POST',
      '/api/tasks',
      { taskType: 'to_do', title: 'x' },
      'admin',
    );
    const { id, data } = await outcome('regrets', async ({ actions, data, events }) => {
      const made = await actions['createHumanTask']?.({
        taskType: 'to_do',
        title: 'Look',
        assignTo: { users: 'olga' },
      });
      const { taskId } = made as { taskId: string };
      data.set('first', await actions['cancelHumanTask']?.({ taskId, reason: 'Seen already' }));
      data.set('heard', (await events.waitFor(`Task:${taskId}:Canceled`)).name.split(':').at(-1));
      data.set('again', await actions['cancelHumanTask']?.({ taskId }));
      const refused = ({ code }: { code: string }) => data.set('others', code);
      await actions['cancelHumanTask']?.({ taskId: others.taskId }).catch(refused);
    });
    expect(data).toEqual({ first: { success: true }, heard: 'Canceled', again: { success: false }, others: 'WF001' });
    expect(await tasksOf(id)).toMatchObject([{ status: 'canceled' }]);
  });

  it('start another run, show a form and write to the log (R004-49)', async () => {
    functions.register(workflow('inner', async ({ data, input }) => data.set('n', input['n'] ?? null)));
    functions.register(
      workflow('outer', async ({ actions, data }) => {
        data.set('started', await actions['triggerWorkflow']?.({ name: 'inner', input: { n: 5 } }));
        data.set('form', ((await actions['getForm']?.({ name: 'to-do-form' })) as { version: string }).version);
        await actions['logEvent']?.({ message: 'done' });
        await actions['createHumanTask']?.({ taskType: 'nothing', title: 'x' }).catch(({ code }: { code: string }) =>
          data.set('refused', code),
        );
      }),
    );
    const id = await functions.start('outer');
    await functions.work();
    const { data, status } = await functions.read(id);
    expect({ status, ...data }).toMatchObject({ status: 'completed', form: '1.0', refused: 'WF006' });
    const { executionId } = data['started'] as { executionId: string };
    expect(await functions.read(executionId)).toMatchObject({ status: 'completed', data: { n: 5 } });
  });

  it('tell somebody in the app, once however often it is tried, or a team (R004-49)', async () => {
    const { id, status, data } = await outcome('notifies', async ({ actions, data }) => {
      const words = { subject: 'Look at this', body: 'It waits.' };
      data.set('told', await actions['sendNotification']?.({ to: 'olga', priority: 'high', ...words }));
      data.set('team', await actions['sendNotification']?.({ to: 'legal-team', ...words }));
      for (const wrong of [
        { to: 'no body', ...words },
        { to: 'olga', subject: '', body: 'x' },
      ])
        await actions['sendNotification']?.(wrong).catch(({ code }: { code: string }) => data.set('refused', code));
    });
    expect({ status, ...data }).toMatchObject({
      status: 'completed',
      told: { success: true },
      refused: 'INVALID_PARAMETERS',
    });
    const rows = await service.rows(
      `select user_id, type, priority, subject, body from notifications.messages where id like $1 order by user_id desc`,
      `${id}:%`,
    );
    expect(rows).toMatchObject([
      { user_id: 'olga', type: 'workflow_message', priority: 'high', subject: 'Look at this', body: 'It waits.' },
      { user_id: 'legal-team', priority: 'normal' },
    ]);
  });

  it('leave a trace in the audit, under the name of the run (R004-49)', async () => {
    const { id } = await outcome('traces', async ({ actions }) => {
      await actions['logAuditEvent']?.({
        event: 'checked',
        message: 'All is well',
        target: 'inv_1',
        details: { n: 1 },
      });
      await actions['logAuditMessage']?.({ message: 'Nothing more to do' });
    });
    const { data } = await service.done<{ data: object[] }>('GET', '/admin/audit?limit=200', undefined, 'admin');
    expect(data).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          actor: `system:workflow:${id}`,
          action: 'workflow.checked',
          target: 'inv_1',
          reason: 'All is well',
          details: expect.objectContaining({ executionId: id, details: { n: 1 } }) as object,
        }),
        expect.objectContaining({ action: 'workflow.message', target: id, reason: 'Nothing more to do' }),
      ]),
    );
  });

  it('know the roles there are, and those that a user’s keys have (R004-49)', async () => {
    const body = { userId: 'olga', roles: ['legal', 'sales'], label: 'hers' };
    await service.done('POST', '/admin/api-keys', body, 'admin');
    const { data } = await outcome('asks-who', async ({ actions, data }) => {
      data.set('role', await actions['findRoleByName']?.({ name: 'Operator' }));
      data.set('none', await actions['findRoleByName']?.({ name: 'king' }));
      data.set('olga', await actions['getUserRole']?.({ userId: 'olga' }));
      data.set('nobody', await actions['getUserRole']?.({ userId: 'nobody' }));
    });
    expect(data).toEqual({
      role: { name: 'operator' },
      none: null,
      olga: { userId: 'olga', roles: ['legal', 'sales'] },
      nobody: { userId: 'nobody', roles: [] },
    });
  });

  it('write a form down, and further versions of it (R004-49)', async () => {
    const { data, status } = await outcome('forms', async ({ actions, data }) => {
      const schema = (name: string) => ({
        json_schema: { type: 'object', properties: { [name]: { type: 'string' } } },
      });
      const refused = (key: string) => (error: { code: string }) => data.set(key, error.code);
      data.set('first', await actions['registerForm']?.({ name: 'made-here', ...schema('one') }));
      await actions['registerForm']?.({ name: 'made-here', ...schema('one') }).catch(refused('twice'));
      data.set('next', await actions['createFormVersion']?.({ name: 'made-here', version: '2.0', ...schema('two') }));
      await actions['createFormVersion']?.({ name: 'never-made', version: '2.0', ...schema('two') }).catch(
        refused('none'),
      );
      await actions['registerForm']?.({ name: 'bad', json_schema: { type: 'list' } }).catch(refused('bad'));
      const { json_schema } = (await actions['getForm']?.({ name: 'made-here' })) as { json_schema: object };
      data.set('read', json_schema);
      data.set(
        'old',
        ((await actions['getForm']?.({ name: 'made-here', version: '1.0' })) as { version: string }).version,
      );
    });
    expect({ status, ...data }).toMatchObject({
      status: 'completed',
      first: { name: 'made-here', version: '1.0', status: 'active' },
      twice: 'WF007',
      next: { version: '2.0', status: 'active' },
      none: 'NOT_FOUND',
      bad: 'WF006',
      read: { properties: { two: {} } },
      old: '1.0',
    });
  });
});

describe('a run that waits for a form', () => {
  it('hears that it was filled in, by the name of the form, and not a second time (R004-65)', async () => {
    functions.register(
      workflow('fills', async ({ actions, data, events }) => {
        const { taskId } = (await actions['createHumanTask']?.({
          taskType: 'to_do',
          title: 'Fill in',
          assignTo: { roles: 'operator' },
        })) as { taskId: string };
        const { name, payload } = await events.waitFor('Form:to-do-form:Submit');
        data.set('heard', { name, payload });
        data.set('more', (await events.waitFor(`Task:${taskId}:Complete`, { timeoutMs: 1_000 })).name);
      }),
    );
    const id = await functions.start('fills');
    await functions.work();
    await complete(await newest(id), { outcome: 'filled' });
    await functions.work();
    await functions.pass('2s');
    expect((await functions.read(id)).data).toEqual({
      heard: { name: 'Form:to-do-form:Submit', payload: { outcome: 'filled' } },
      more: '__timeout__',
    });
  });
});
