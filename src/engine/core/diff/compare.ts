/** What is different between two versions of a lifecycle, in the words of the lifecycle and not of its file. Pure. */
import type { Description, GuardDescription, StateDescription, TransitionDescription } from '../driver.js';
import { canonicalText } from '../json.js';
import type { Parts } from './parts.js';

/** One version, as far as it can be compared. */
export interface Side {
  description: Description;
  /** What is inside guards, actions, work and delays; null where only the description was kept. */
  parts: Parts | null;
}

export type Changed = 'added' | 'removed' | 'changed';

/** Something that is different. */
export interface Difference {
  /** `PLACED`, `pay`, `PLACED ─pay→ PAYING`, `guard isPaid`. */
  what: string;
  change: Changed;
  /** Single things that are different in it, before and after. */
  how: string[];
  /** The states it concerns. */
  at: string[];
}

/** The difference between two versions. */
export interface LifecycleDiff {
  name: string;
  from: { version: number; fingerprint: string };
  to: { version: number; fingerprint: string };
  states: Difference[];
  events: Difference[];
  transitions: Difference[];
  /** Named guards, actions, work and delays whose inside is different. */
  parts: Difference[];
}

/** Compares two versions. Transitions are matched by what they are, not by their place in the list. */
export function compare(before: Side, after: Side): LifecycleDiff {
  const [from, to] = [before.description, after.description];
  return {
    name: to.name,
    from: { version: from.version, fingerprint: from.fingerprint },
    to: { version: to.version, fingerprint: to.fingerprint },
    states: keyed(
      from.states,
      to.states,
      ({ id }) => id,
      stateFacets,
      ({ id }) => [id],
    ),
    events: keyed(
      from.events,
      to.events,
      ({ type }) => type,
      eventFacets,
      ({ type }) => [...handlers(from, type), ...handlers(to, type)],
    ),
    transitions: compareTransitions(from.transitions, to.transitions),
    parts: before.parts && after.parts ? compareParts(before.parts, after.parts, to) : [],
  };
}

/** Whether anything is different that the comparison can see. */
export const isSame = ({ states, events, transitions, parts }: LifecycleDiff): boolean =>
  states.length + events.length + transitions.length + parts.length === 0;

/** A guard as people would say it. */
export function guardText(guard: GuardDescription | null): string {
  if (guard === null) return 'always';
  const { op, name, params, children = [] } = guard;
  if (op === 'not') return `not ${guardText(children[0] ?? null)}`;
  if (op === 'and' || op === 'or') return children.map(guardText).join(` ${op} `);
  const said = params === undefined || typeof params === 'function' ? '' : `(${canonicalText(params)})`;
  return `${name ?? op}${said}`;
}

/** A transition as people would say it. */
export const arrowText = ({ source, label, targets }: TransitionDescription): string =>
  `${source || 'anywhere'} ─${label}→ ${targets.join(', ') || 'stays'}`;

type Facets = Record<string, unknown>;

const stateFacets = ({ type, initial, tags, entry, exit, invokes, timers, meta }: StateDescription): Facets => ({
  kind: type,
  'begins in': initial,
  tags: [...tags].sort(),
  'on entry': entry,
  'on exit': exit,
  'waits for': invokes.map(({ id, effect }) => `${id} (${effect})`),
  deadlines: timers,
  'without deadline because': meta['noDeadline'] ?? null,
});

const eventFacets = ({ from, label }: Description['events'][number]): Facets => ({
  'sent by': [...from].sort(),
  label,
});

const arrowFacets = ({ guard, effects, targets, kind }: TransitionDescription): Facets => ({
  when: guardText(guard),
  does: effects,
  'leads to': targets,
  'caused by': kind,
});

function keyed<T>(
  before: readonly T[],
  after: readonly T[],
  key: (item: T) => string,
  facets: (item: T) => Facets,
  at: (item: T) => string[],
): Difference[] {
  const [old, now] = [before, after].map((items) => new Map(items.map((item) => [key(item), item])));
  const removed = before.filter((item) => !now?.has(key(item)));
  const others = after.flatMap((item): Difference[] => {
    const earlier = old?.get(key(item));
    if (!earlier) return [{ what: key(item), change: 'added', how: [], at: at(item) }];
    const how = howOf(facets(earlier), facets(item));
    return how.length === 0 ? [] : [{ what: key(item), change: 'changed', how, at: at(item) }];
  });
  return [
    ...removed.map((item): Difference => ({ what: key(item), change: 'removed', how: [], at: at(item) })),
    ...others,
  ];
}

const handlers = ({ transitions }: Description, type: string): string[] =>
  transitions.filter(({ event }) => event === type).map(({ source }) => source);

/** The same in all respects first; then where it leads; then its place. What is left has come or gone. */
function compareTransitions(
  before: readonly TransitionDescription[],
  after: readonly TransitionDescription[],
): Difference[] {
  const [old, now] = [new Set(before), new Set(after)];
  const changed: Difference[] = [];
  for (const same of MATCHES)
    for (const arrow of now) {
      const found = [...old].find((candidate) => same(candidate) === same(arrow));
      if (!found) continue;
      old.delete(found);
      now.delete(arrow);
      const how = howOf(arrowFacets(found), arrowFacets(arrow));
      if (how.length > 0) changed.push({ what: arrowText(arrow), change: 'changed', how, at: [arrow.source] });
    }
  const told = (arrows: Iterable<TransitionDescription>, change: Changed): Difference[] =>
    [...arrows].map((arrow) => ({
      what: arrowText(arrow),
      change,
      how: [
        `when: ${guardText(arrow.guard)}`,
        ...(arrow.effects.length > 0 ? [`does: ${arrow.effects.join(', ')}`] : []),
      ],
      at: [arrow.source],
    }));
  return [...told(old, 'removed'), ...changed, ...told(now, 'added')];
}

const MATCHES: ((arrow: TransitionDescription) => string)[] = [
  (arrow) => canonicalText([arrow.source, arrow.event, arrowFacets(arrow)]),
  ({ source, event, targets, guard }) => canonicalText([source, event, targets, guardText(guard)]),
  ({ source, event, targets }) => canonicalText([source, event, targets]),
  ({ id }) => id,
];

function compareParts(before: Parts, after: Parts, { transitions }: Description): Difference[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].sort().flatMap((name): Difference[] => {
    const [old, now] = [before[name], after[name]];
    if (old === now) return [];
    const change = old === undefined ? 'added' : now === undefined ? 'removed' : 'changed';
    const bare = name.slice(name.indexOf(' ') + 1);
    const users = transitions.filter(({ guard, effects }) => guardText(guard).includes(bare) || effects.includes(bare));
    return [{ what: name, change, how: [], at: [...new Set(users.map(({ source }) => source))] }];
  });
}

const howOf = (before: Facets, after: Facets): string[] =>
  Object.keys(after).flatMap((facet) => {
    const [old, now] = [before[facet], after[facet]];
    return canonicalText(old ?? null) === canonicalText(now ?? null) ? [] : [`${facet}: ${say(old)} → ${say(now)}`];
  });

const say = (value: unknown): string => {
  const text = Array.isArray(value)
    ? value.join(', ')
    : typeof value === 'string'
      ? value
      : canonicalText(value ?? null);
  return text === '' || text === 'null' ? 'nothing' : text;
};
