import { drip, type DripContext } from '../../machines/drip.js';
import type { LiveService } from '../support/live.js';
import { coverEveryTransition, refuseEverythingElse, type Realisation } from '../support/model.js';

const DAY = 86_400_000;
const at = Date.UTC(2026, 0, 5, 12);
const stamped = (fields: object = {}) => [{ at, facts: {}, ...fields }];

const walk = (times: number | null) => ({
  exploration: {
    input: {
      instanceId: 'wf_model',
      tenant: 'demo',
      at,
      dripId: 1,
      candidateId: 1,
      templateId: 'check_in',
      cadenceMs: 7 * DAY,
      times,
      dueAt: at + 7 * DAY,
    },
    cases: {
      'xstate.after.NEXT.drip.waiting': stamped(),
      'xstate.done.actor.letter': stamped({ output: {} }),
      'xstate.error.actor.letter': stamped({ error: { name: 'Error', message: 'no' } }),
      'drip.pause': stamped({ reason: 'On holiday' }),
      'drip.resume': stamped(),
      'drip.stop': stamped({ reason: 'They asked for it' }),
    },
    facets: (context: unknown) => times === null || (context as DripContext).sent,
  },
  realisation: {
    async start(live: LiveService) {
      const { body: candidate } = await live.call('POST', '/api/candidates', { title: 'A candidate' });
      const body = { template_id: 'check_in', cadence_days: 7, ...(times !== null && { times }) };
      const made = await live.call('POST', `/api/candidates/${String(candidate['candidate_id'])}/drips`, body);
      return String(made.body['workflow_instance_id']);
    },
    outcome: {
      /** A letter arrives when there is an address for it. */
      async letter(event, { context }, live) {
        const { candidateId } = context as unknown as DripContext;
        await live.owner.query('update workstream.candidates set contact_email = $2 where candidate_id = $1', [
          candidateId,
          'output' in event ? 'model@example.com' : null,
        ]);
      },
    },
  } satisfies Realisation,
});

// R001-13: letters by the real clock, through the real mail server of the sandbox.
coverEveryTransition(drip, [walk(1), walk(null)]);
refuseEverythingElse(drip, walk(null).exploration, walk(null).realisation);
