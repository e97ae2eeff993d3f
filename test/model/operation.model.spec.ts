import { operation, type Deed } from '../../machines/operation.js';
import type { MachineEvent } from '../../src/engine/core/driver.js';
import type { InstanceView } from '../../src/engine/reading.js';
import type { LiveService } from '../support/live.js';
import { coverEveryTransition, refuseEverythingElse, type Realisation } from '../support/model.js';

const at = Date.UTC(2026, 0, 5, 12);
const reason = 'the shop asked for it by telephone';
const caller = { id: 'admin_of_test', roles: ['admin'] };
const said = (fields: object = {}) => [{ at, caller, facts: { needsSecond: false }, reason, ...fields }];
const answers = (outputs: object[]) => outputs.map((output) => ({ at, facts: {}, output }));
const failed = [{ at, facts: {}, error: { name: 'Error', message: 'no' } }];
/** Instances of one group at most; a group that leaves some has more before it. */
const GROUP = 200;

const exploration = (deed: Deed) => ({
  input: {
    ...{ instanceId: 'wf_model', tenant: 'demo', at, deed, selection: { lifecycle: 'task' }, reason },
    ...{ perSecond: 1_000, total: 1, askedBy: 'admin_1', roles: ['admin'] },
  } as never,
  cases: {
    'xstate.done.actor.look': answers([
      { acceptable: 1, left: 1 },
      { acceptable: 1, left: 0 },
    ]),
    'xstate.error.actor.look': failed,
    ...Object.fromEntries(
      ['try', 'perform', 'takeBack'].flatMap((job) => [
        [`xstate.done.actor.${job}`, answers([{ left: 1 }, { left: 0 }])],
        [`xstate.error.actor.${job}`, failed],
      ]),
    ),
    'bulk.sample': said({ count: 1 }),
    'bulk.approve': said(),
    'bulk.undo': said(),
    'bulk.pause': said(),
    'bulk.resume': said(),
    'bulk.cancel': said(),
  },
  facets: () => null,
});

/** How rows are no longer open for a job, and how they are. */
const ROWS = {
  look: { closed: `verdict = 'refused'`, open: [null, null], isOpen: 'verdict is null' },
  try: { closed: `outcome = 'refused'`, open: ['accepted', null], isOpen: `verdict = 'accepted' and outcome is null` },
  perform: {
    closed: `outcome = 'refused'`,
    open: ['accepted', null],
    isOpen: `verdict = 'accepted' and outcome is null`,
  },
  takeBack: {
    closed: `undo_outcome = 'refused'`,
    open: ['accepted', 'accepted'],
    isOpen: `outcome = 'accepted' and undo_outcome is null`,
  },
};

/** Leaves as many instances open as the job needs to answer like the model; without its table it fails. */
const arranged =
  (job: keyof typeof ROWS) =>
  async (event: MachineEvent, { id }: InstanceView, live: LiveService) => {
    const { output } = event as { output?: { left: number } };
    if (!output) {
      await live.owner.query('alter table engine.bulk_items rename to bulk_items_gone');
      return async () => void (await live.owner.query('alter table engine.bulk_items_gone rename to bulk_items'));
    }
    const { closed, open, isOpen } = ROWS[job];
    await live.owner.query(`update engine.bulk_items set ${closed} where operation_id = $1 and ${isOpen}`, [id]);
    await live.owner.query(
      `insert into engine.bulk_items (tenant, operation_id, n, instance_id, version, from_state, verdict, outcome)
     select tenant, operation_id, last + generate_series(1, $2::int), instance_id, version, from_state, $3, $4
       from (select *, max(n) over () as last from engine.bulk_items where operation_id = $1) i where n = 1`,
      [id, (job === 'try' ? 1 : GROUP) * output.left + 1, ...open],
    );
    return undefined;
  };

const realisation = (deed: object): Realisation => ({
  async start(live: LiveService) {
    const { body: task } = await live.call('POST', '/api/tasks', {
      ...{ taskType: 'to_do', title: 'Look', assignTo: { roles: 'sales' } },
    });
    const selection = { lifecycle: 'task', ids: [task['taskId']] };
    const { body } = await live.call('POST', '/admin/bulk', { selection, reason, perSecond: 1_000, ...deed });
    return String(body['id']);
  },
  outcome: {
    look: arranged('look'),
    try: arranged('try'),
    perform: arranged('perform'),
    takeBack: arranged('takeBack'),
  },
});

const force = exploration({ verb: 'force', toState: 'completed', runEntryEffects: false });
const forced = realisation({ verb: 'force', toState: 'completed', runEntryEffects: false });

coverEveryTransition(operation, [
  { exploration: force, realisation: forced },
  {
    exploration: exploration({ verb: 'event', type: 'task.cancel', payload: {} }),
    realisation: realisation({ verb: 'event', event: { type: 'task.cancel' } }),
  },
]);
refuseEverythingElse(operation, force, forced);
