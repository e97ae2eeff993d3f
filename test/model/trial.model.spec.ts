import { trial } from '../../machines/trial.js';
import type { MachineEvent } from '../../src/engine/core/driver.js';
import type { InstanceView } from '../../src/engine/reading.js';
import type { LiveService } from '../support/live.js';
import { coverEveryTransition, refuseEverythingElse, type Realisation } from '../support/model.js';

const at = Date.UTC(2026, 0, 5, 12);
const answers = (outputs: object[]) => outputs.map((output) => ({ at, facts: {}, output }));
/** Histories of one group. */
const GROUP = 100;

const exploration = {
  input: {
    ...{ instanceId: 'wf_model', tenant: 'demo', at, total: 1, askedBy: 'admin_1' },
    candidate: { lifecycle: 'task', version: 1, input: null },
  } as never,
  cases: {
    'xstate.done.actor.tell': answers([{ left: 1 }, { left: 0 }]),
    'xstate.error.actor.tell': [{ at, facts: {}, error: { name: 'Error', message: 'no' } }],
    'trial.cancel': [{ at, facts: {} }],
  },
  facets: () => null,
};

const realisation: Realisation = {
  async start(live: LiveService) {
    await live.call('POST', '/api/tasks', { taskType: 'to_do', title: 'Look', assignTo: { roles: 'sales' } });
    const { body } = await live.call('POST', '/admin/lifecycles/task/replay', { instances: 1 });
    return String(body['id']);
  },
  outcome: {
    /** Leaves as many histories untold as it takes to answer like the model; without its table the work fails. */
    async tell(event: MachineEvent, { id }: InstanceView, live: LiveService) {
      const { output } = event as { output?: { left: number } };
      if (!output) {
        await live.owner.query('alter table engine.trial_items rename to trial_items_gone');
        return async () => void (await live.owner.query('alter table engine.trial_items_gone rename to trial_items'));
      }
      await live.owner.query(`update engine.trial_items set verdict = 'same' where trial_id = $1`, [id]);
      await live.owner.query(
        `insert into engine.trial_items (tenant, trial_id, n, instance_id, version, revision, recorded_end)
         select tenant, trial_id, last + generate_series(1, $2::int), instance_id, version, revision, recorded_end
           from (select *, max(n) over () as last from engine.trial_items where trial_id = $1) i where n = 1`,
        [id, GROUP * output.left + 1],
      );
      return undefined;
    },
  },
};

coverEveryTransition(trial, [{ exploration, realisation }]);
refuseEverythingElse(trial, exploration, realisation);
