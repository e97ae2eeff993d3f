/**
 * A spotlight: the description of an ideal customer, and everything that happens to it (R001-68, R001-74).
 *
 *   active ⇄ inactive ─deleted→ deleted
 *
 * Its fields, rules and weights are rows of the module; the events go out with the transition that wrote them.
 */
import { assertEvent, assign, emit, setup } from 'xstate';
import { defineLifecycle, rule, type Stamp, type Started } from '../src/engine/authoring.js';
import type { Recommendation } from './spotlight.types.js';
import { actorOf, OVERSEERS } from './workstream.events.js';

interface Input {
  spotlightId: number;
  name: string;
  domain: string;
  isActive: boolean;
}
type Context = Input & { evaluations: number };

interface Evaluated {
  evaluationId: number;
  signalId: number | null;
  matchScore: number;
  recommendation: Recommendation;
}

type Event = (
  | { type: 'spotlight.changed'; name: string; domain: string; changed: string[] }
  | { type: 'spotlight.activated' | 'spotlight.deactivated' | 'spotlight.removed' }
  | ({ type: 'spotlight.scored' } & Evaluated)
) &
  Stamp;

/** A domain event in the shape of the pipeline's. */
interface Emitted {
  type: 'spotlight.created' | 'spotlight.updated' | 'spotlight.evaluated' | 'spotlight.deleted';
  item_type: 'spotlight';
  item_id: number;
  actor_user_id: string | null;
  payload: Readonly<Record<string, string | number | null>>;
}

const said = (
  { spotlightId }: Context,
  event: object,
  type: Emitted['type'],
  payload: Emitted['payload'] = {},
): Emitted => ({ type, item_type: 'spotlight', item_id: spotlightId, actor_user_id: actorOf(event), payload });

const machine = setup({
  types: {
    context: {} as Context,
    events: {} as Event,
    input: {} as Started<Input>,
    emitted: {} as Emitted,
    tags: {} as 'open',
    meta: {} as { noDeadline: string },
  },
  guards: {
    beginsActive: rule(({ context }: { context: Context }) => context.isActive || { code: 'BEGINS_INACTIVE' }),
  },
  actions: {
    rename: assign(({ event }) =>
      event.type === 'spotlight.changed' ? { name: event.name, domain: event.domain } : {},
    ),
    count: assign({ evaluations: ({ context }) => context.evaluations + 1 }),
    announce: emit(({ context, event }) =>
      said(context, event, 'spotlight.updated', {
        changed: event.type === 'spotlight.changed' ? event.changed.join(', ') : 'is_active',
      }),
    ),
  },
}).createMachine({
  id: 'spotlight',
  context: ({ input: { spotlightId, name, domain, isActive } }) => ({
    spotlightId,
    name,
    domain,
    isActive,
    evaluations: 0,
  }),
  initial: 'draft',
  entry: emit(({ context, event }) =>
    said(context, event, 'spotlight.created', { name: context.name, domain: context.domain }),
  ),
  on: {
    'spotlight.changed': { actions: ['rename', 'announce'] },
    'spotlight.removed': '.deleted',
  },
  states: {
    draft: {
      description: 'It begins as whoever wrote it wants it.',
      always: [{ guard: 'beginsActive', target: 'active' }, { target: 'inactive' }],
    },
    active: {
      description: 'Signals are held against it.',
      tags: 'open',
      meta: { noDeadline: 'a description waits for nothing' },
      on: {
        'spotlight.deactivated': { target: 'inactive', actions: 'announce' },
        'spotlight.scored': {
          actions: [
            'count',
            emit(({ context, event }) => {
              assertEvent(event, 'spotlight.scored');
              return said(context, event, 'spotlight.evaluated', {
                evaluation_id: event.evaluationId,
                signal_id: event.signalId,
                match_score: event.matchScore,
                recommendation: event.recommendation,
              });
            }),
          ],
        },
      },
    },
    inactive: {
      description: 'Kept, and not asked.',
      tags: 'open',
      meta: { noDeadline: 'a description waits for nothing' },
      on: { 'spotlight.activated': { target: 'active', actions: 'announce' } },
    },
    deleted: {
      type: 'final',
      entry: emit(({ context, event }) => said(context, event, 'spotlight.deleted')),
    },
  },
});

/** Sent with the rows they speak of, in one transaction; no user sends them alone. */
const BY_MODULE = ['workstream:spotlight'] as const;

export const spotlight = defineLifecycle({
  name: 'spotlight',
  version: 1,
  title: 'Spotlight',
  machine,
  overseers: OVERSEERS,
  events: {
    'spotlight.changed': { from: BY_MODULE, label: 'Change' },
    'spotlight.activated': { from: BY_MODULE, label: 'Activate' },
    'spotlight.deactivated': { from: BY_MODULE, label: 'Deactivate' },
    'spotlight.scored': { from: BY_MODULE, label: 'Evaluate' },
    'spotlight.removed': { from: BY_MODULE, label: 'Delete' },
  },
});
