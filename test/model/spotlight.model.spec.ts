import { spotlight } from '../../machines/spotlight.js';
import type { LiveService } from '../support/live.js';
import { coverEveryTransition, refuseEverythingElse, type Realisation } from '../support/model.js';

const at = Date.UTC(2026, 0, 5, 12);
const once = (fields: object = {}) => [{ at, facts: {}, ...fields }];

const walk = (isActive: boolean) => ({
  exploration: {
    input: { instanceId: 'wf_model', tenant: 'demo', at, spotlightId: 1, name: 'Ideal', domain: 'it', isActive },
    cases: {
      'spotlight.changed': once({ name: 'Better', domain: 'it', changed: ['name'] }),
      'spotlight.activated': once(),
      'spotlight.deactivated': once(),
      'spotlight.scored': once({ evaluationId: 1, signalId: null, matchScore: 0.5, recommendation: 'low_match' }),
      'spotlight.removed': once(),
    },
    facets: () => null,
  },
  realisation: {
    async start(live: LiveService) {
      const body = { name: 'Ideal', domain: 'it', is_active: isActive };
      return String((await live.call('POST', '/api/spotlights', body)).body['workflow_instance_id']);
    },
  } satisfies Realisation,
});

// R001-68, R001-74: no user sends these events alone; they come with the rows they speak of.
coverEveryTransition(spotlight, [walk(true), walk(false)]);
refuseEverythingElse(spotlight, walk(true).exploration, walk(true).realisation);
