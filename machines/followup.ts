/**
 * Follow-up: something to come back to at a moment.
 *
 *   waiting ─its time has come→ due      └─not wanted any more→ dropped
 *
 * When its time comes it says so with the event that it was made with, which may set off rules.
 */
import { emit, setup } from 'xstate';
import { defineLifecycle, type Stamp, type Started } from '../src/engine/authoring.js';
import { OVERSEERS } from './workstream.events.js';

/** JSON, as payloads are. */
type Value = null | boolean | number | string | Value[] | { [name: string]: Value };

/** What a follow-up starts with. */
export interface FollowupInput {
  /** Milliseconds since 1970. */
  dueAt: number;
  /** The event that it makes, by its canonical name. */
  eventType: string;
  payload: { [name: string]: Value };
  /** How many rules stand between its event and what happened by itself. */
  depth: number;
}

type Event = { type: 'followup.drop' } & Stamp;

const machine = setup({
  types: {
    context: {} as FollowupInput & { startedAt: number },
    events: {} as Event,
    input: {} as Started<FollowupInput>,
    emitted: {} as { type: string; payload: FollowupInput['payload']; depth: number },
    tags: {} as 'open' | 'won' | 'over',
  },
  delays: { DUE: ({ context }) => Math.max(0, context.dueAt - context.startedAt) },
}).createMachine({
  id: 'followup',
  context: ({ input: { dueAt, eventType, payload, depth, at } }) => ({
    dueAt,
    eventType,
    payload,
    depth,
    startedAt: at,
  }),
  initial: 'waiting',
  states: {
    waiting: {
      description: 'Its time comes.',
      tags: 'open',
      after: { DUE: 'due' },
      on: { 'followup.drop': 'dropped' },
    },
    due: {
      description: 'Its time has come.',
      type: 'final',
      tags: 'won',
      entry: emit(({ context: { eventType, payload, depth } }) => ({ type: eventType, payload, depth })),
    },
    dropped: { description: 'Nobody wants it any more.', type: 'final', tags: 'over' },
  },
});

/** The lifecycle of a follow-up, and who may send what. */
export const followup = defineLifecycle({
  name: 'followup',
  version: 1,
  title: 'Follow-up',
  machine,
  overseers: OVERSEERS,
  events: { 'followup.drop': { from: ['owner', 'admin', 'operator'], label: 'Drop it' } },
});
