/** Names of events: lower case and dotted, whatever the sender calls them (R001-79). Pure. */

/** What the canonical name looks like: `pursuit.won`, `candidate.status.on_hold`. */
const CANONICAL = /^[a-z][a-z0-9_]*(\.[a-z0-9_]+){1,5}$/;
const LONGEST = 100;

/** Names in use elsewhere whose canonical form no rule gives. Keys are lower case, without dots and underscores. */
const KNOWN: Readonly<Record<string, string>> = {
  candidatepromoted: 'candidate.promoted',
  pursuitsubmitted: 'pursuit.submit',
  proposalsigned: 'proposal.signed',
  proposalsent: 'proposal.sent',
  slabreach: 'sla.breached',
  slabreached: 'sla.breached',
  slaresolved: 'sla.resolved',
  pursuitclosedwon: 'pursuit.won',
  pursuitclosedlost: 'pursuit.lost',
};

/** Names of modules that are said before the event: `Workstream.PursuitWon`. */
const PREFIXES = ['workstream.', 'automation.workstream.'];

/** First words of the names under which the service tells what happened in itself. */
const OWN: ReadonlySet<string> = new Set([
  ...(['signal', 'candidate', 'pursuit', 'proposal', 'sla', 'spotlight', 'drip', 'task'] as const),
  ...(['automation', 'assistant', 'followup', 'workflow'] as const),
]);

/** Whether an event of this canonical name sounds as if the service itself told of it. */
export const isOwn = (name: string): boolean => OWN.has(name.split('.', 1)[0] ?? '');

/** The canonical form of a name, or undefined when it has none. */
export function canonical(given: string): string | undefined {
  if (given.length > LONGEST) return undefined;
  const bare = withoutPrefix(given);
  const known = KNOWN[bare.toLowerCase().replaceAll(/[._]/g, '')];
  if (known !== undefined) return known;
  const name = dotted(bare);
  return CANONICAL.test(name) ? name : undefined;
}

/** A trigger's pattern in canonical form: `*`, a name, or the beginning of one and `*`; undefined when it is none of them. */
export function canonicalPattern(given: string): string | undefined {
  if (given === '*') return given;
  if (!given.endsWith('*')) return canonical(given);
  const beginning = given.slice(0, -1);
  if (!/^[A-Za-z][A-Za-z0-9_.]{0,98}$/.test(beginning)) return undefined;
  return `${dotted(withoutPrefix(beginning))}*`;
}

/** Whether a trigger's pattern takes a name. */
export const takes = (pattern: string, name: string): boolean =>
  pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name;

function withoutPrefix(name: string): string {
  const prefix = PREFIXES.find((known) => name.toLowerCase().startsWith(known) && name.length > known.length);
  return prefix === undefined ? name : name.slice(prefix.length);
}

/** `PursuitWon` as `pursuit.won`; a name that has dots of its own keeps its words together: `Candidate.OnHold` as `candidate.on_hold`. */
function dotted(name: string): string {
  const between = name.includes('.') ? '_' : '.';
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, (_, end: string, start: string) => `${end}${between}${start}`)
    .replaceAll('-', '_')
    .toLowerCase();
}
