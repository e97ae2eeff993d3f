import type { Role } from '../../src/auth/caller.js';
import { TimerWorker } from '../../src/engine/workers/timer.worker.js';
import { workstream, type Answer } from '../support/workstream.js';

const service = workstream();

interface Task {
  task_id: string;
  status: string;
  title: string;
  priority: string;
  due_date: string;
  is_overdue: boolean;
  assigned_users: string[];
  assigned_roles: string[];
  claimed_by: string | null;
  response_data: Record<string, unknown> | null;
  form: { data: Record<string, unknown>; unresolved: string[]; actions: { id: string }[] };
  allowed_events: string[];
}

const make = (more: object = {}, role: Role = 'admin') =>
  service.ask<{ taskId: string }>(
    'POST',
    '/api/tasks',
    { taskType: 'to_do', title: 'Look', assignTo: { roles: ['sales'] }, ...more },
    role,
  );
const made = async (more: object = {}): Promise<string> => {
  const { status, body } = await make(more);
  expect(body).toMatchObject({ success: true });
  expect(status).toBe(201);
  return body.taskId;
};
/** A user with this role. */
const as = async (user: string, role: Role) => {
  const token = await service.live.tokenFor(user, [role]);
  return (method: string, path: string, body?: object, headers: Record<string, string> = {}) =>
    service.live.call(method, path, body, token, headers) as unknown as Promise<Answer>;
};
const read = async (id: string, role: Role = 'sales') => service.done<Task>('GET', `/api/tasks/${id}`, undefined, role);

describe('a human task', () => {
  it('is made for roles and users, claimed, answered, and done once (R004-61, R004-62, R004-67, R004-71)', async () => {
    const id = await made({ title: 'Call the client', assignTo: { roles: 'sales', users: ['ursula'] } });
    expect(await read(id)).toMatchObject({
      status: 'pending',
      title: 'Call the client',
      priority: 'medium',
      assigned_users: ['ursula'],
      assigned_roles: ['sales'],
    });
    const [ursula, sally] = [await as('ursula', 'production'), await as('sally', 'sales')];
    expect(await ursula('POST', `/api/tasks/${id}/claim`, {})).toMatchObject({ status: 200, body: { state: 'open' } });
    // Again by the same: nothing changes. By another: taken.
    expect((await ursula('POST', `/api/tasks/${id}/claim`, {})).status).toBe(200);
    expect(await sally('POST', `/api/tasks/${id}/claim`, {})).toMatchObject({ status: 409, body: { code: 'WF002' } });
    expect((await sally('POST', `/api/tasks/${id}/unclaim`, {})).status).toBe(409);
    expect((await sally('POST', `/api/tasks/${id}/complete`, { formData: {} })).status).toBe(409);
    expect(await read(id)).toMatchObject({ status: 'claimed', claimed_by: 'ursula' });
    const answer = { formData: { outcome: 'reached' }, comments: 'Twice' };
    expect(await ursula('POST', `/api/tasks/${id}/complete`, answer)).toMatchObject({
      status: 200,
      body: { status: 'done' },
    });
    expect(await read(id)).toMatchObject({
      status: 'completed',
      response_data: { outcome: 'reached', __comments: 'Twice' },
    });
    expect((await ursula('POST', `/api/tasks/${id}/complete`, answer)).status).toBe(409);
  });

  it('keeps a history row for each thing that happened to it, and no other (R004-69)', async () => {
    const id = await made();
    const sally = await as('sally', 'sales');
    for (const step of ['claim', 'claim', 'unclaim', 'claim']) await sally('POST', `/api/tasks/${id}/${step}`, {});
    await sally('POST', `/api/tasks/${id}/complete`, { formData: {} });
    const rows = await service.rows(
      'select action, from_status, to_status, user_id from app.workflow_task_history where task_id = $1 order by seq',
      id,
    );
    expect(rows).toEqual([
      { action: 'create', from_status: null, to_status: 'pending', user_id: expect.any(String) as string },
      { action: 'claim', from_status: 'pending', to_status: 'claimed', user_id: 'sally' },
      { action: 'unclaim', from_status: 'claimed', to_status: 'pending', user_id: 'sally' },
      { action: 'claim', from_status: 'pending', to_status: 'claimed', user_id: 'sally' },
      { action: 'complete', from_status: 'claimed', to_status: 'completed', user_id: 'sally' },
    ]);
  });

  it('is seen and answered by those whom it is for only; for nobody, by administrators (R004-70)', async () => {
    const id = await made({ assignTo: { users: ['ursula'] } });
    const sally = await as('sally', 'sales');
    expect((await sally('GET', `/api/tasks/${id}`)).status).toBe(404);
    expect((await sally('POST', `/api/tasks/${id}/claim`, {})).status).toBe(404);
    expect((await sally('GET', `/api/instances/${id}`)).status).toBe(404);
    // Who oversees the tenant sees it, and still cannot answer it.
    expect(await service.ask('POST', `/api/tasks/${id}/claim`, {}, 'operator')).toMatchObject({
      status: 403,
      body: { code: 'WF005' },
    });
    const orphan = await made({ assignTo: undefined });
    expect((await sally('GET', `/api/tasks/${orphan}`)).status).toBe(404);
    expect((await service.ask('POST', `/api/tasks/${orphan}/claim`, {}, 'admin')).status).toBe(200);
  });

  it('is refused with every field that does not fit its form, and stays open (R004-68)', async () => {
    const id = await made({ taskType: 'qbo_mapping_error' });
    const { status, body } = await service.ask('POST', `/api/tasks/${id}/complete`, {
      formData: { mappingCreated: 'yes', notes: 5, more: true },
    });
    expect({ status, code: body['code'] }).toEqual({ status: 422, code: 'FORM_INVALID' });
    const errors = body['errors'] as { field: string }[];
    expect(errors.map(({ field }) => field).sort()).toEqual(['mappingCreated', 'more', 'notes']);
    expect(await read(id)).toMatchObject({ status: 'pending', response_data: null });
  });

  it('shows its form filled in, and takes no answer to what is only shown (R004-75, R004-78, R004-80)', async () => {
    const contextData = {
      workflowInstanceId: 'wf_1',
      errorCode: 'QBO-123',
      errorMessageText: 'No ${contextData.errorCode} here',
      entityType: 'Customer',
      resolutionNotes: 'Looked at it',
    };
    const id = await made({ taskType: 'qbo_sync_error', contextData });
    const { form } = await read(id);
    expect(form.data).toEqual({
      errorReport:
        'Workflow: wf_1\nError code: QBO-123\nMessage: No ${contextData.errorCode} here\nEntity: Customer ()',
      resolutionNotes: 'Looked at it',
    });
    expect(form.unresolved).toEqual(['entityId']);
    const done = { formData: { errorReport: 'forged', resolutionStatus: 'resolved' } };
    expect((await service.ask('POST', `/api/tasks/${id}/complete`, done)).status).toBe(200);
    expect((await read(id)).response_data).toEqual({ resolutionStatus: 'resolved' });
  });

  it('keeps a draft of whoever has taken it, which need not fit yet (R004-79)', async () => {
    const id = await made({ taskType: 'qbo_mapping_error' });
    const sally = await as('sally', 'sales');
    const draft = { formData: { notes: 'so far' } };
    expect((await sally('POST', `/api/tasks/${id}/draft`, draft)).status).toBe(409);
    await sally('POST', `/api/tasks/${id}/claim`, {});
    expect((await sally('POST', `/api/tasks/${id}/draft`, draft)).status).toBe(200);
    const { form } = await read(id);
    expect(form.data).toMatchObject({ notes: 'so far' });
    expect(form.actions.map((action) => action.id)).toEqual(['submit', 'save_draft', 'cancel']);
  });

  it('is called off by those who run the place, not by those whom it is for (R004-67, R004-71)', async () => {
    const id = await made();
    expect((await service.ask('POST', `/api/tasks/${id}/cancel`, {})).status).toBe(403);
    expect((await service.ask('POST', `/api/tasks/${id}/cancel`, { reason: 'Solved' }, 'operator')).status).toBe(200);
    expect((await read(id)).status).toBe('canceled');
    expect((await service.ask('POST', `/api/tasks/${id}/claim`, {})).status).toBe(409);
  });

  it('is made once for each Idempotency-Key, and claimed once', async () => {
    const body = { taskType: 'to_do', title: 'Once', assignTo: { roles: ['sales'] } };
    const key = { 'idempotency-key': 'task-once' };
    const [one, two] = await Promise.all([1, 2].map(() => service.ask('POST', '/api/tasks', body, 'admin', key)));
    expect(one?.body['taskId']).toBe(two?.body['taskId']);
    expect((await service.ask('POST', '/api/tasks', { ...body, title: 'Other' }, 'admin', key)).status).toBe(422);
  });

  it.each([
    ['an unknown kind', { taskType: 'nothing_of_the_kind' }, 'taskType'],
    ['a date that has passed', { dueDate: '2020-01-01' }, 'dueDate'],
    ['a date that is none', { dueDate: 'soon' }, 'dueDate'],
    ['no time at all', { dueDate: '0 days' }, 'dueDate'],
    ['a list for whom it is for', { assignTo: [[]] }, 'assignTo'],
    ['a role that is called a user', { assignTo: { users: ['role:admin'] } }, 'assignTo.users'],
    ['an unknown role', { assignTo: { roles: ['king'] } }, 'assignTo.roles'],
    ['a priority that is none', { priority: 'critical' }, 'priority'],
    ['an instance that is not there', { executionId: 'wf_nothing' }, 'executionId'],
    ['more data than a form shows', { contextData: { text: 'x'.repeat(70_000) } }, 'contextData'],
  ])('is not made with %s (R004-61, R004-64)', async (_, more, field) => {
    const { status, body } = await make(more);
    expect({ status, code: body['code' as never] }).toEqual({ status: 400, code: 'WF006' });
    expect(JSON.stringify(body)).toContain(field);
  });

  it('is not made by who has no such role', async () => {
    expect((await make({}, 'viewer')).status).toBe(403);
  });
});

describe('those whom a task is for', () => {
  const told = (id: string) =>
    service.rows<{ user_id: string; type: string; subject: string }>(
      `select user_id, type, subject from notifications.messages where data ->> 'taskId' = $1 order by type, user_id`,
      id,
    );

  it('are told that it is there, that it is overdue, and that it is not to be done any more, each once (R004-65)', async () => {
    const id = await made({
      title: 'Count',
      dueDate: '1 hour',
      assignTo: { roles: ['legal', 'viewer'], users: ['ann', 'ben'] },
    });
    await service.work();
    const given = ['ann', 'ben', 'legal-team'].map((user_id) => ({
      user_id,
      type: 'task_assigned',
      subject: 'Task: Count',
    }));
    expect(await told(id)).toEqual(given);
    await (
      await as('ann', 'creator')
    )('POST', `/api/tasks/${id}/claim`, {});
    await service.done('POST', '/admin/clock', { advance: '2h' }, 'admin');
    while (await service.live.app.get(TimerWorker).turn());
    await service.done('POST', `/api/tasks/${id}/cancel`, { reason: 'Counted' }, 'operator');
    await service.work();
    await service.rows(
      `update engine.outbox set status = 'pending', finished_at = null where type = 'notifications.task' and instance_id = $1`,
      id,
    );
    await service.work();
    // Once somebody has taken it, it is his business alone.
    expect(await told(id)).toEqual([
      ...given,
      { user_id: 'ann', type: 'task_canceled', subject: 'Not needed any more: Count' },
      { user_id: 'ann', type: 'task_overdue', subject: 'Overdue: Count' },
    ]);
  });
});

describe('the time of a task', () => {
  it.each([
    ['90 minutes', 90 * 60_000],
    ['1 hour', 3_600_000],
    ['2 days', 2 * 86_400_000],
    ['3 weeks', 21 * 86_400_000],
    [undefined, 3 * 86_400_000],
  ])('%s is understood; without one it is that of its kind (R004-64)', async (dueDate, ms) => {
    const id = await made({ dueDate });
    const [row] = await service.rows<{ ms: number }>(
      `select extract(epoch from due_at - created_at)::float8 * 1000 as ms from tasks.tasks where task_id = $1`,
      id,
    );
    expect(Math.round((row?.ms ?? 0) / 1_000)).toBe(ms / 1_000);
  });

  it('leaves it overdue when it passes, or ends it where its kind says so (R004-63, R004-67)', async () => {
    await service.done(
      'PUT',
      '/api/task-definitions/fleeting',
      { name: 'Fleeting', form_name: 'to-do-form', expire_on_due: true, default_priority: 'urgent' },
      'admin',
    );
    const [stays, goes] = [await made({ dueDate: '1 hour' }), await made({ taskType: 'fleeting', dueDate: '1 hour' })];
    expect((await read(goes)).priority).toBe('urgent');
    await service.done('POST', '/admin/clock', { advance: '2h' }, 'admin');
    const timers = service.live.app.get(TimerWorker);
    while (await timers.turn());
    expect(await read(stays)).toMatchObject({ status: 'pending', is_overdue: true });
    expect(await read(goes)).toMatchObject({ status: 'expired', is_overdue: false });
  });
});

describe('the inbox', () => {
  it('shows what is open and mine, what is due first at the top, page by page (R004-70)', async () => {
    const uma = await as('uma', 'creator');
    const of = (title: string, dueDate: string, more: object = {}) =>
      made({ title, dueDate, assignTo: { users: ['uma'] }, ...more });
    const [late, early] = [await of('Late', '9 days', { priority: 'high' }), await of('Early', '1 day')];
    await of('Middle', '5 days');
    await made({ title: 'Of others', assignTo: { users: ['otto'] } });
    const inbox = async (query = '') => (await uma('GET', `/api/tasks${query}`)).body as unknown as Page;
    const all = await inbox();
    expect(all).toMatchObject({ page: 1, limit: 20, total: 3, hasMore: false });
    expect(all.data.map(({ title }) => title)).toEqual(['Early', 'Middle', 'Late']);
    expect(await inbox('?limit=2')).toMatchObject({ total: 3, hasMore: true });
    expect((await inbox('?limit=2&page=2')).data.map(({ title }) => title)).toEqual(['Late']);
    expect((await inbox('?priority=high')).data.map(({ task_id }) => task_id)).toEqual([late]);
    await uma('POST', `/api/tasks/${early}/complete`, { formData: {} });
    expect((await inbox()).total).toBe(2);
    expect((await inbox('?status=completed')).data.map(({ task_id }) => task_id)).toEqual([early]);
    expect((await uma('GET', '/api/tasks?status=done')).status).toBe(400);
    expect((await uma('GET', '/api/tasks?page=0')).status).toBe(400);
    expect((await uma('GET', '/api/tasks?scope=all')).status).toBe(403);
    const everything = await service.done<Page>('GET', '/api/tasks?scope=all&assignee=uma', undefined, 'operator');
    expect(everything.total).toBe(2);
  });
});

interface Page {
  data: Task[];
  total: number;
}
