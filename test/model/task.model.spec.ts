import { task, type TaskContext } from '../../machines/task.js';
import type { MachineEvent } from '../../src/engine/core/driver.js';
import type { Exploration } from '../../src/engine/core/explore.js';
import type { InstanceView } from '../../src/engine/reading.js';
import type { LiveService } from '../support/live.js';
import { coverEveryTransition, refuseEverythingElse, type Realisation } from '../support/model.js';

const at = Date.UTC(2026, 0, 5, 12);
/** One whom it is for by his role, one by his name, and one whom it is not for. */
const [sally, larry, otto] = (['sales', 'legal', 'operator'] as const).map((role) => ({
  id: `${role}_of_test`,
  roles: [role],
}));

const exploration = (expires: boolean): Exploration => {
  const by = (caller: object | undefined, fields: object = {}) => ({ at, caller, facts: {}, ...fields });
  const answered = (caller: object | undefined, outcome: unknown, flaws: object[] = []) =>
    by(caller, { formData: { outcome }, facts: { judged: { answer: { outcome }, flaws } } });
  return {
    input: {
      instanceId: 'wf_model',
      tenant: 'demo',
      at,
      taskType: 'model_task',
      origin: 'tenant',
      title: 'Look',
      description: null,
      priority: 'medium',
      dueAt: at + 86_400_000,
      expires,
      users: [larry?.id],
      roles: ['sales'],
      contextData: {},
      form: { origin: 'system', name: 'to-do-form', version: '1.0' },
      executionId: null,
      createdBy: 'admin',
    } as never,
    cases: {
      'task.claim': [by(sally), by(larry), by(otto)],
      'task.unclaim': [by(sally), by(larry)],
      'task.draft': [by(sally, { formData: { outcome: 'half' } })],
      'task.complete': [
        answered(sally, 'done'),
        answered(larry, 'done'),
        answered(otto, 'done'),
        answered(sally, 5, [{ path: 'outcome', message: 'must be string' }]),
      ],
      'task.cancel': [by(otto)],
    },
    facets: (context: unknown) => {
      const { claimedBy, overdueAt } = context as TaskContext;
      return [claimedBy, overdueAt !== null];
    },
  };
};

let kinds = 0;
const realisation = (expires: boolean): Realisation => ({
  async start(live: LiveService) {
    const kind = `model_task_${++kinds}`;
    const done = async (method: string, path: string, body: object) => {
      const answer = await live.call(method, path, body);
      expect({ path, ...answer, ok: answer.status < 300 }).toMatchObject({ ok: true });
      return answer.body;
    };
    await done('PUT', `/api/task-definitions/${kind}`, {
      name: 'Look',
      form_name: 'to-do-form',
      expire_on_due: expires,
    });
    const { taskId } = await done('POST', '/api/tasks', {
      taskType: kind,
      title: 'Look',
      dueDate: '1 day',
      assignTo: { roles: 'sales', users: larry?.id },
    });
    return String(taskId);
  },
  sender: ({ caller }: MachineEvent) => (caller as typeof sally)?.roles[0],
  refusal: ({ caller, facts, type }: MachineEvent, { state, phase, context }: InstanceView) => {
    const { id } = caller as { id: string };
    const { claimedBy } = context as unknown as TaskContext;
    const isUnfit = ((facts as { judged?: { flaws: object[] } }).judged?.flaws.length ?? 0) > 0;
    if (state === 'open' && phase === 'pending' && id === otto?.id && type !== 'task.unclaim')
      return { status: 403, code: 'WF005' };
    if (state === 'open' && isUnfit && (phase === 'pending' || claimedBy === id))
      return { status: 422, code: 'FORM_INVALID' };
    return { status: 409, code: 'WF002' };
  },
});

// R004-62, R004-67: every way a task can go, through the live service.
coverEveryTransition(task, [
  { exploration: exploration(true), realisation: realisation(true) },
  { exploration: exploration(false), realisation: realisation(false) },
]);
refuseEverythingElse(task, exploration(true), realisation(true));
