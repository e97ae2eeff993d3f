/** What a function is handed: each word of it asks the run under way (R004-30 to R004-38). */
import { hash } from 'node:crypto';
import type { Fields, Value } from '../../machines/function.types.js';
import { toJson } from '../engine/core/json.js';
import { ActionError } from './failure.js';
import type { Rerun } from './rerun.js';
import type { WaitOptions, WorkflowAction, WorkflowContext, WorkflowEvent } from './workflow.js';

/** Who runs what for whom. */
export interface Running {
  executionId: string;
  tenant: string;
  userId: string | null;
  input: Fields;
}

const LONGEST_LABEL = 255;
const LONGEST_NAME = 255;
/** Characters of everything that `data` holds, as JSON; it goes into each row of the history. */
const LARGEST_DATA = 65_536;
/** Ten years: longer is a slip. */
const LONGEST_WAIT_MS = 315_360_000_000;

/** What a run has to know of actions. */
export interface ActionBook {
  /** The registered name of an action, whichever way it is written; undefined when there is none. */
  nameOf(written: string): string | undefined;
  /** Parameters without what is secret: what a later run is compared with. */
  shown(name: string, params: Fields): Fields;
}

export function contextOf(
  rerun: Rerun,
  { executionId, tenant, userId, input }: Running,
  book: ActionBook,
): WorkflowContext {
  const ask = rerun.ask.bind(rerun);
  /** A number from 0 to below 1 and an id, the same in every run. */
  const drawn = (seq: number): string => hash('sha256', `${executionId}:${seq}`);
  const say =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, fields: object = {}) =>
      rerun.say({ level, message, fields });
  return {
    executionId,
    tenant,
    userId,
    input: { triggerEvent: null, ...structuredClone(input) },
    actions: actionsOf(rerun, book),
    data: {
      get: <T>(key: string) =>
        (Object.hasOwn(rerun.data, key) ? structuredClone(rerun.data[key]) : undefined) as T | undefined,
      set: (key, value) => {
        const json = toJson(value, `data.${key}`);
        const data = { ...rerun.data, [bounded(key, 'the key')]: structuredClone(json) };
        if (JSON.stringify(data).length > LARGEST_DATA)
          throw new ActionError('DATA_TOO_LARGE', `data may hold ${LARGEST_DATA} characters of JSON`);
        ask('data.set', key, json);
        rerun.data = data;
      },
    },
    events: {
      waitFor: (names, options = {}) => waitFor(rerun, [names].flat(), options),
      emit: (name, payload = null, { scope = 'self' } = {}) => {
        const json = structuredClone(toJson(payload, `payload of ${name}`));
        const seq = ask(scope === 'bus' ? 'publish' : 'emit', bounded(name, 'the name'), json);
        if (scope === 'bus') rerun.publish(seq, name, json);
        else rerun.deliver({ name, payload: json, user_id: userId, timestamp: new Date(rerun.at).toISOString() });
      },
    },
    logger: { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') },
    setState: (label) => {
      if (typeof label !== 'string' || label.length === 0 || label.length > LONGEST_LABEL)
        throw new ActionError('INVALID_STATE_LABEL', `A state has 1 to ${LONGEST_LABEL} characters`);
      ask('setState', label);
      rerun.label = label;
    },
    getCurrentState: () => rerun.label,
    now: () => {
      ask('now', '');
      return rerun.at;
    },
    uuid: () => uuidOf(drawn(ask('uuid', ''))),
    random: () => parseInt(drawn(ask('random', '')).slice(0, 12), 16) / 2 ** 48,
    sleep: (ms) => {
      const seq = ask('sleep', String(span(ms)));
      return rerun.answer(seq, { kind: 'timer', names: [], dueAt: rerun.at + ms, onTimeout: undefined });
    },
  };
}

function actionsOf(rerun: Rerun, book: ActionBook): WorkflowContext['actions'] {
  const known: Record<string, WorkflowAction> = {};
  return new Proxy(known, {
    get: (_, written) => {
      // Whoever awaits the list of actions itself asks for `then`.
      if (typeof written !== 'string' || written === 'then') return undefined;
      return async (params: object = {}): Promise<Value> => {
        const name = book.nameOf(written);
        if (name === undefined) throw new ActionError('UNKNOWN_ACTION', `There is no action ${written}`);
        const given = structuredClone(toJson(params, `parameters of ${written}`)) as Fields;
        // Before secrets were sealed, calls were compared with them.
        const seq = rerun.ask('action', name, book.shown(name, given), given);
        rerun.perform(seq, name, given);
        return rerun.answer<Value>(seq, { kind: 'action', names: [], dueAt: null, onTimeout: undefined });
      };
    },
  });
}

async function waitFor(rerun: Rerun, names: readonly string[], options: WaitOptions): Promise<WorkflowEvent> {
  const { timeoutMs, onTimeout = 'event' } = options;
  for (const name of names) bounded(name, 'the name');
  if (names.length === 0) throw new ActionError('INVALID_WAIT', 'Name at least one event to wait for');
  const seq = rerun.ask(
    'waitFor',
    names.join('|'),
    timeoutMs === undefined ? undefined : { timeoutMs: span(timeoutMs) },
  );
  const early = rerun.buffered(names);
  if (early) return early;
  const dueAt = timeoutMs === undefined ? null : rerun.at + timeoutMs;
  return rerun.answer<WorkflowEvent>(seq, { kind: 'event', names, dueAt, onTimeout });
}

function bounded(text: string, what: string): string {
  if (typeof text !== 'string' || text.length === 0 || text.length > LONGEST_NAME)
    throw new ActionError('INVALID_NAME', `${what} must be 1 to ${LONGEST_NAME} characters`);
  return text;
}

function span(ms: number): number {
  if (!Number.isFinite(ms) || ms < 0 || ms > LONGEST_WAIT_MS)
    throw new ActionError('INVALID_WAIT', 'A wait is 0 milliseconds to ten years');
  return ms;
}

/** In the form of a version 8 UUID. */
const uuidOf = (hex: string): string =>
  `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
