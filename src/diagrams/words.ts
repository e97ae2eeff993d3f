/** What is written in boxes and on arrows, for every form a diagram takes. */
import type { GuardDescription, StateDescription, TransitionDescription } from '../engine/core/driver.js';

/** What causes a transition: `creator-decision`; empty when its condition says it all. */
export const causeOf = ({ kind, label, guard, meta }: TransitionDescription): string =>
  // An eventless transition is called after its guard, which need not be said twice.
  kind === 'always' && guard !== null && typeof meta['label'] !== 'string' ? '' : label;

/** `[isApproved and not isOverLimit]`; empty for none. */
export const conditionOf = ({ guard }: TransitionDescription): string =>
  guard === null ? '' : `[${guardText(guard)}]`;

/** `sendTermSheet, notify ×2`, behind a slash; empty for nothing. */
export const doingOf = ({ effects }: TransitionDescription): string =>
  effects.length === 0 ? '' : `/ ${effectsText(effects)}`;

/** What a state does while it is entered, occupied and left, one line each. */
export const workOf = ({ entry, invokes, exit }: StateDescription): string[] => [
  ...line('entry', entry),
  ...invokes.map(({ effect }) => `do / ${effect}`),
  ...line('exit', exit),
];

/** Whether a transition goes beyond the drawing of the requirements (R000-27). */
export const isExtension = ({ meta }: TransitionDescription): boolean => meta['extension'] === true;

/** The version as people write it, after the title. */
export const headline = ({ title, version }: { title: string; version: number }): string => `${title} · v${version}`;

export type Tone = 'plain' | 'success' | 'failure';

const SUCCESS_TAGS = new Set(['won', 'success']);
const FAILURE_TAGS = new Set(['lost', 'failed', 'failure']);

/** Whether the lifecycle ends well or badly here; plain when it does not end here or nobody says. */
export function toneOf({ type, tags }: StateDescription): Tone {
  if (type !== 'final') return 'plain';
  if (tags.some((tag) => SUCCESS_TAGS.has(tag))) return 'success';
  return tags.some((tag) => FAILURE_TAGS.has(tag)) ? 'failure' : 'plain';
}

function guardText({ op, name, params, children = [] }: GuardDescription): string {
  if (name !== undefined) return `${name}${paramsText(params)}`;
  if (op === 'not') return `not ${children.map(nested).join(' ')}`;
  return children.length === 0 ? op : children.map(nested).join(` ${op} `);
}

const nested = (guard: GuardDescription): string =>
  guard.name === undefined && (guard.children ?? []).length > 1 ? `(${guardText(guard)})` : guardText(guard);

/** Parameters that a guard gets; computed ones are not known before it is asked. */
function paramsText(params: unknown): string {
  if (typeof params !== 'object' || params === null) return '';
  const pairs = Object.entries(params).map(
    ([key, value]) => `${key}: ${String(typeof value === 'object' ? JSON.stringify(value) : value)}`,
  );
  return pairs.length === 0 ? '' : `(${pairs.join(', ')})`;
}

const effectsText = (effects: readonly string[]): string =>
  [...new Set(effects)].map((name) => named(name, effects.filter((other) => other === name).length)).join(', ');

const named = (name: string, times: number): string => (times === 1 ? name : `${name} ×${times}`);
const line = (when: string, effects: readonly string[]): string[] =>
  effects.length === 0 ? [] : [`${when} / ${effectsText(effects)}`];
