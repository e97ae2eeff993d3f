/** What can go wrong when one version of a lifecycle takes the place of another. Pure. */
import type { Description, StateDescription } from '../driver.js';
import { isSame, type LifecycleDiff, type Side } from './compare.js';

/** `blocks`: the service refuses to start, or instances cannot go on. `high`: somebody or something is left waiting. `look`: may be meant. */
export type RiskLevel = 'blocks' | 'high' | 'look';

export interface Risk {
  level: RiskLevel;
  /** Stable name: `state-removed`. */
  rule: string;
  at: string;
  message: string;
}

/** Most pressing first. */
export function risksOf(diff: LifecycleDiff, before: Side, after: Side): Risk[] {
  const [from, to] = [before.description, after.description];
  return [
    ...ofVersion(diff),
    ...ofStates(diff, from, to),
    ...ofWork(from, to),
    ...ofEvents(from, to),
    ...ofTransitions(diff),
    ...ofParts(diff),
  ].sort((left, right) => ORDER.indexOf(left.level) - ORDER.indexOf(right.level));
}

const ORDER: readonly RiskLevel[] = ['blocks', 'high', 'look'];

function ofVersion(diff: LifecycleDiff): Risk[] {
  const { name, from, to } = diff;
  if (from.fingerprint === to.fingerprint) return [];
  const risks: Risk[] = [];
  if (from.version === to.version)
    risks.push({
      level: 'blocks',
      rule: 'same-version',
      at: name,
      message: `both are version ${to.version}: with live instances the service refuses to start; raise the version and keep the old one as retired`,
    });
  if (isSame(diff))
    risks.push({
      level: 'look',
      rule: 'inside-only',
      at: name,
      message:
        'nothing that can be named is different, and the fingerprint is: look at inputs, parameters and inline functions',
    });
  return risks;
}

function ofStates({ states }: LifecycleDiff, from: Description, to: Description): Risk[] {
  return states.flatMap(({ what, change, how }): Risk[] => {
    if (change === 'removed') {
      const likely = likelyHeirs(
        from.states.find(({ id }) => id === what),
        from,
        to,
      );
      const hint = likely.length === 0 ? '' : `; most alike: ${likely.join(', ')}`;
      return [
        { level: 'high', rule: 'state-removed', at: what, message: `instances in it need a word in migrations${hint}` },
      ];
    }
    if (change === 'changed' && how.some((line) => line.startsWith('kind:')))
      return [
        {
          level: 'high',
          rule: 'state-rebuilt',
          at: what,
          message: 'built otherwise: instances in it need a word in migrations',
        },
      ];
    if (change === 'changed' && how.some((line) => line.startsWith('deadlines:') && line.endsWith('→ nothing')))
      return [{ level: 'high', rule: 'deadline-removed', at: what, message: 'nobody is waited for in time any more' }];
    return [];
  });
}

/** New states that have the same ways out as one that is gone, the most alike first. */
function likelyHeirs(gone: StateDescription | undefined, from: Description, to: Description): string[] {
  if (!gone) return [];
  const ways = ({ transitions }: Description, id: string): ReadonlySet<string> =>
    new Set(transitions.filter(({ source }) => source === id).map(({ event }) => event));
  const old = ways(from, gone.id);
  return to.states
    .filter(({ id }) => !from.states.some((state) => state.id === id))
    .map(({ id }) => ({ id, shared: [...ways(to, id)].filter((event) => old.has(event)).length }))
    .filter(({ shared }) => shared > 0)
    .sort((left, right) => right.shared - left.shared)
    .slice(0, 3)
    .map(({ id }) => id);
}

function ofWork(from: Description, to: Description): Risk[] {
  const waited = ({ states }: Description) =>
    states.flatMap(({ id, invokes }) => invokes.map((invoke) => ({ state: id, ...invoke })));
  const now = waited(to);
  return waited(from)
    .filter((old) => !now.some(({ id, effect }) => id === old.id && effect === old.effect))
    .map(({ state, id, effect }) => ({
      level: 'high',
      rule: 'work-unawaited',
      at: state,
      message: `${id} (${effect}) is waited for by nobody any more: instances with it under way cannot be moved`,
    }));
}

function ofEvents(from: Description, to: Description): Risk[] {
  return from.events.flatMap(({ type, from: senders }): Risk[] => {
    const now = to.events.find((event) => event.type === type);
    if (!now)
      return [
        {
          level: 'high',
          rule: 'event-removed',
          at: type,
          message: `whoever sends it is refused (${senders.join(', ')})`,
        },
      ];
    const lost = senders.filter((sender) => !now.from.includes(sender));
    const won = now.from.filter((sender) => !senders.includes(sender));
    return [
      ...(lost.length > 0
        ? [{ level: 'high' as const, rule: 'sender-lost', at: type, message: `no longer from ${lost.join(', ')}` }]
        : []),
      ...(won.length > 0
        ? [{ level: 'look' as const, rule: 'sender-added', at: type, message: `now also from ${won.join(', ')}` }]
        : []),
    ];
  });
}

const ofTransitions = ({ transitions }: LifecycleDiff): Risk[] =>
  transitions.flatMap(({ what, change, how }): Risk[] => {
    if (change === 'removed') return [{ level: 'high', rule: 'way-removed', at: what, message: 'this way is closed' }];
    if (change === 'added') return [{ level: 'look', rule: 'way-added', at: what, message: how.join('; ') }];
    return how.map((line) => ({ level: 'look', rule: ruleOf(line), at: what, message: line }));
  });

const ruleOf = (line: string): string =>
  line.startsWith('when:') ? 'condition-changed' : line.startsWith('does:') ? 'effects-changed' : 'way-changed';

const ofParts = ({ parts }: LifecycleDiff): Risk[] =>
  parts
    .filter(({ change }) => change === 'changed')
    .map(({ what, at }) => ({
      level: 'look',
      rule: 'inside-changed',
      at: what,
      message: at.length === 0 ? 'works otherwise than before' : `works otherwise than before, in ${at.join(', ')}`,
    }));
