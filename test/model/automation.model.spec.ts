import { firing, type FiringContext } from '../../machines/firing.js';
import { followup } from '../../machines/followup.js';
import { schedule } from '../../machines/schedule.js';
import type { InstanceView } from '../../src/engine/reading.js';
import type { LiveService } from '../support/live.js';
import { coverEveryTransition, refuseEverythingElse, type Realisation } from '../support/model.js';

const at = Date.UTC(2026, 0, 5, 12);
const started = { instanceId: 'wf_model', tenant: 'demo', at };
let number = 0;

async function done(live: LiveService, method: string, path: string, body?: object): Promise<Record<string, unknown>> {
  const answer = await live.call(method, path, body);
  expect({ path, ...answer, ok: answer.status < 300 }).toMatchObject({ ok: true });
  return answer.body;
}

/** A rule with these actions, set off once; answers the firing. */
async function fire(live: LiveService, actions: object[]): Promise<string> {
  const name = `model.event${++number}`;
  await done(live, 'POST', '/api/automation/rules', { name, trigger: { event_types: [name] }, actions });
  const { event_id } = await done(live, 'POST', '/api/automation/events', { event_type: name });
  const { rows } = await live.owner.query<{ id: string }>(
    'select workflow_instance_id as id from automation.jobs where event_id = $1 limit 1',
    [event_id],
  );
  return String(rows[0]?.id);
}

// Candidates that are triaged can be promoted, others cannot: so a job comes out as the model says.
const job = (position: number) => ({
  position,
  key: `1:evt_1:${position}`,
  type: 'workstream.promote_to_pursuit',
  params: { candidate_id: position + 1 },
  owner: { id: 'usr_1', roles: ['admin'] },
  ruleId: 1,
  depth: 1,
});
const firings = {
  exploration: {
    input: { ...started, ruleId: 1, eventId: 'evt_1', jobs: [job(0), job(1)] } as never,
    cases: {
      'firing.stop': [{ at, facts: {} }],
      'xstate.done.actor.job': [{ output: {} }],
      'xstate.error.actor.job': [{ error: { code: 'INVALID_TRANSITION', message: 'no' } }],
    },
    facets: (context: unknown) => {
      const { position, results } = context as FiringContext;
      return [position, results.some(({ error }) => error !== null)];
    },
  },
  realisation: {
    async start(live: LiveService) {
      const ids: number[] = [];
      for (const title of ['First', 'Second'])
        ids.push(Number((await done(live, 'POST', '/api/candidates', { title }))['candidate_id']));
      return fire(
        live,
        ids.map((candidate_id) => ({ type: 'workstream.promote_to_pursuit', params: { candidate_id } })),
      );
    },
    outcome: {
      job: async (event, view: InstanceView, live: LiveService) => {
        if (!event.type.startsWith('xstate.done.')) return;
        const { jobs, position } = view.context as unknown as FiringContext;
        const { candidate_id } = jobs[position]?.params as { candidate_id: number };
        await done(live, 'POST', `/api/candidates/${candidate_id}/status`, { to: 'triaged' });
      },
    },
  } satisfies Realisation,
};

const facts = [{ facts: { next: at + 3_600_000 } }, { facts: { next: null } }].map((known) => ({ at, ...known }));
const schedules = {
  exploration: {
    input: { ...started, ruleId: 1, dueAt: at + 60_000 } as never,
    cases: {
      'xstate.after.DUE.schedule.waiting': facts,
      'schedule.changed': facts,
      'schedule.stopped': [{ at, facts: {} }],
    },
    facets: () => null,
  },
  realisation: {
    async start(live: LiveService) {
      const { rule_id } = await done(live, 'POST', '/api/automation/rules', {
        name: 'Hourly',
        trigger: { schedule: { cron: '0 * * * *' } },
        actions: [{ type: 'automation.emit_event', params: { event_type: 'model.hour' } }],
      });
      const { rows } = await live.owner.query<{ id: string }>(
        'select workflow_instance_id as id from automation.schedules where rule_id = $1',
        [rule_id],
      );
      return String(rows[0]?.id);
    },
    arrange: {
      next: async (next: unknown, view: InstanceView, live: LiveService) => {
        const { ruleId } = view.context as unknown as { ruleId: number };
        await live.owner.query('update automation.rules set is_enabled = $2 where rule_id = $1', [
          ruleId,
          next !== null,
        ]);
      },
    },
  } satisfies Realisation,
};

const followups = {
  exploration: {
    input: { ...started, dueAt: at + 86_400_000, eventType: 'followup.due', payload: {}, depth: 1 } as never,
    cases: { 'followup.drop': [{ at, facts: {} }] },
    facets: () => null,
  },
  realisation: {
    async start(live: LiveService) {
      const id = await fire(live, [{ type: 'automation.schedule_followup', params: { in: '1d' } }]);
      await live.settle(id);
      const { rows } = await live.owner.query<{ id: string }>(
        `select result ->> 'followup_id' as id from automation.job_states where workflow_instance_id = $1`,
        [id],
      );
      return String(rows[0]?.id);
    },
    sender: () => 'operator',
  } satisfies Realisation,
};

// R001-75, R001-76, R001-78: every way a rule's actions, its schedule and a follow-up can go, through the live service.
coverEveryTransition(firing, [firings]);
refuseEverythingElse(firing, firings.exploration, firings.realisation);
coverEveryTransition(schedule, [schedules]);
refuseEverythingElse(schedule, schedules.exploration, schedules.realisation);
coverEveryTransition(followup, [followups]);
refuseEverythingElse(followup, followups.exploration, followups.realisation);
