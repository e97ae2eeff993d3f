import { candidate, CANDIDATE_EVENTS, CANDIDATE_STATES, type CandidateContext } from '../../machines/candidate.js';
import { pursuit } from '../../machines/pursuit.js';
import { GATES } from '../../machines/pursuit.gates.js';
import { PURSUIT_EVENTS, PURSUIT_MOVES, PURSUIT_STAGES, type PursuitContext } from '../../machines/pursuit.types.js';
import { signal } from '../../machines/signal.js';
import type { Moves } from '../../machines/workstream.events.js';
import type { MachineEvent } from '../../src/engine/core/driver.js';
import type { InstanceView } from '../../src/engine/reading.js';
import type { LiveService } from '../support/live.js';
import { coverEveryTransition, refuseEverythingElse, type Realisation } from '../support/model.js';

const at = Date.UTC(2026, 0, 5, 12);
const stamped = (cases: object[]) => cases.map((fields) => ({ at, facts: {}, ...fields }));
const started = { instanceId: 'wf_model', tenant: 'demo', at };
let number = 0;

async function done(live: LiveService, method: string, path: string, body?: object): Promise<Record<string, unknown>> {
  const answer = await live.call(method, path, body);
  expect({ path, ...answer, ok: answer.status < 300 }).toMatchObject({ ok: true });
  return answer.body;
}

/** Every way there is, so that a walk can take it. */
const all = (states: readonly string[], ends: Moves): Moves =>
  Object.fromEntries(states.map((from) => [from, ends[from] ?? states.filter((to) => to !== from)]));
const everyMove = {
  candidate: all(CANDIDATE_STATES, { archived: [], promoted: ['archived'] }),
  pursuit: all(PURSUIT_STAGES, { won: [], lost: [] }),
};

/** A move that the table does not have is 422, one that a gate holds up 409; everything else is told by the engine (R001-27, R001-28). */
const refusalBy =
  (events: Readonly<Record<string, string>>) =>
  (event: MachineEvent, { state, context }: InstanceView) => {
    const to = Object.keys(events).find((name) => events[name] === event.type);
    if (to === undefined) return { status: 409, code: 'WF002' };
    const { moves } = context as unknown as { moves: Moves };
    return moves[state]?.includes(to)
      ? { status: 409, code: 'GATE_BLOCKED' }
      : { status: 422, code: 'INVALID_TRANSITION' };
  };

// Signals: with and without an owner from the beginning.
const signals = (ownerUserId: string | null, isScreened = false) => ({
  exploration: {
    input: { ...started, signalId: 1, ownerUserId, isScreened } as never,
    cases: {
      assign: stamped([{ owner_user_id: 'sally' }]),
      link: stamped([{ candidate_id: 1 }]),
      archive: stamped([{ reason: 'spam' }]),
      delete: stamped([{}]),
    },
    facets: () => null,
  },
  realisation: {
    async start(live: LiveService) {
      if (isScreened) await done(live, 'POST', '/api/spotlights', { name: 'Ideal', domain: 'it', automatic: 'route' });
      const body = {
        source_type: 'note',
        dedupe_key: `model-${++number}`,
        ...(ownerUserId !== null && { owner_user_id: ownerUserId }),
      };
      const made = await done(live, 'POST', '/api/signals', body);
      const { candidate_id } = await done(live, 'POST', '/api/candidates', { title: 'A candidate' });
      candidates.set(String(made['workflow_instance_id']), Number(candidate_id));
      return String(made['workflow_instance_id']);
    },
    payload: { link: (_: object, { id }: InstanceView) => ({ candidate_id: candidates.get(id) }) },
  } satisfies Realisation,
});
/** The candidate that each live signal can be linked to. */
const candidates = new Map<string, number>();

const candidateWalk = (moves: Moves | undefined) => ({
  exploration: {
    input: { ...started, candidateId: 1, moves: moves ?? everyMove.candidate } as never,
    cases: Object.fromEntries([...Object.values(CANDIDATE_EVENTS), 'delete'].map((type) => [type, stamped([{}])])),
    facets: (context: unknown) => (context as CandidateContext).moves,
  },
  realisation: {
    async start(live: LiveService) {
      await done(live, 'POST', '/api/workstream/config', {
        config_type: 'state_machine',
        config_key: 'candidate_transitions',
        config_value: moves ?? everyMove.candidate,
      });
      return String((await done(live, 'POST', '/api/candidates', { title: 'A candidate' }))['workflow_instance_id']);
    },
    refusal: refusalBy(CANDIDATE_EVENTS),
  } satisfies Realisation,
});

const ITEM = 'ready';
const GATE_KEYS = {
  pink_to_red: 'pink_to_red',
  red_to_submit: 'submit_requirements',
  submit_to_close: 'submit_to_close',
};
const checklist = (is_open: boolean) => ({ checklist: GATES.map((gate) => ({ gate, item_key: ITEM, is_open })) });
const gated = (fields: object = {}) =>
  stamped([
    { facts: checklist(false), ...fields },
    { facts: checklist(true), ...fields },
  ]);

/** The model's pursuit is number 1. */
const ofLivePursuit = ({ proposal_id, ...more }: Record<string, unknown>, { context }: InstanceView) => {
  const { pursuitId } = context as unknown as PursuitContext;
  return { ...more, proposal_id: Number(proposal_id) + (pursuitId - 1) * 10_000 };
};

const pursuitWalk = (moves: Moves) => ({
  exploration: {
    input: {
      ...started,
      pursuitId: 1,
      moves,
      gates: Object.fromEntries(
        GATES.map((gate) => [gate, [{ key: ITEM, label: 'Ready', required: true, wonOnly: false }]]),
      ),
    } as never,
    cases: {
      requalify: gated(),
      'start-pink': gated(),
      'start-red': gated(),
      submit: gated(),
      win: gated(),
      lose: gated({ reason: 'fit' }),
      'draft-proposal': stamped([{}]),
      'send-proposal': stamped([{ proposal_id: 10_001 }, { proposal_id: 10_002 }, { proposal_id: 20_001 }]),
      'sign-proposal': stamped([{ proposal_id: 10_001 }, { proposal_id: 20_001 }]),
      'void-proposal': stamped([{ proposal_id: 10_001 }, { proposal_id: 20_001, reason: 'withdrawn' }]),
      delete: stamped([{}]),
    },
    facets: (context: unknown) => {
      const { version, sent, signed, void: ended } = context as PursuitContext;
      const first = [sent, signed, ended].map((versions) => versions.includes(1));
      return [Math.min(version, 3), ...first, sent.includes(2), sent.includes(version)];
    },
  },
  realisation: {
    async start(live: LiveService) {
      const config = (config_type: string, config_key: string, config_value: unknown) =>
        done(live, 'POST', '/api/workstream/config', { config_type, config_key, config_value });
      for (const gate of GATES) await config('gate_rule', GATE_KEYS[gate], [ITEM]);
      await config('state_machine', 'pursuit_transitions', moves);
      const { candidate_id } = await done(live, 'POST', '/api/candidates', { title: 'A candidate' });
      return String(
        (await done(live, 'POST', '/api/pursuits', { candidate_id: Number(candidate_id) }))['workflow_instance_id'],
      );
    },
    payload: { 'send-proposal': ofLivePursuit, 'sign-proposal': ofLivePursuit, 'void-proposal': ofLivePursuit },
    arrange: {
      checklist: async (items: unknown, view: InstanceView, live: LiveService) => {
        const { pursuitId } = view.context as unknown as PursuitContext;
        const isDone = !(items as { is_open: boolean }[])[0]?.is_open;
        await live.owner.query('update workstream.checklist_items set is_done = $2 where pursuit_id = $1', [
          pursuitId,
          isDone,
        ]);
      },
    },
    refusal: refusalBy(PURSUIT_EVENTS),
  } satisfies Realisation,
});

// R001-24, R001-26: every edge that any table can open, walked through HTTP; and what the product's own table refuses.
coverEveryTransition(signal, [signals(null), signals('sally'), signals(null, true)]);
refuseEverythingElse(signal, signals(null).exploration, signals(null).realisation);

coverEveryTransition(candidate, [candidateWalk(undefined)]);
const ownCandidate = candidateWalk({
  new: ['triaged'],
  triaged: ['nurture', 'on_hold', 'promoted', 'archived'],
  nurture: ['triaged', 'on_hold', 'archived'],
  on_hold: ['triaged', 'archived'],
});
refuseEverythingElse(candidate, ownCandidate.exploration, ownCandidate.realisation);

coverEveryTransition(pursuit, [pursuitWalk(everyMove.pursuit)]);
refuseEverythingElse(pursuit, pursuitWalk(PURSUIT_MOVES).exploration, pursuitWalk(PURSUIT_MOVES).realisation);
