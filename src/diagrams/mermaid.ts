/** A lifecycle as Mermaid text, which GitHub and most wikis draw. */
import type { Description, StateDescription, TransitionDescription } from '../engine/core/driver.js';
import { causeOf, conditionOf, doingOf, headline, isExtension, toneOf, workOf } from './words.js';

/** A `stateDiagram-v2` of everything in the lifecycle. The same bytes for the same input. */
export function mermaid(description: Description): string {
  const { states, transitions, initial } = description;
  const names = namesOf(states);
  return [
    '---',
    // A JSON string is a YAML string.
    `title: ${JSON.stringify(oneLine(headline(description)))}`,
    '---',
    'stateDiagram-v2',
    ...indented([
      'direction TB',
      ...(transitions.some(({ source }) => source === '') ? [`state "in any state" as ${ANYWHERE}`] : []),
      ...staying('', transitions).map((line) => `${ANYWHERE} : ${quoted(line)}`),
      ...block(null, initial, { ...description, names }),
      ...transitions.flatMap((transition) => arrows(transition, names)),
      ...styles(states, names),
    ]),
    '',
  ].join('\n');
}

type Names = ReadonlyMap<string, string>;
type Context = Pick<Description, 'states' | 'transitions'> & { names: Names };

const ANYWHERE = 'anywhere';

/** A word of Mermaid for each path. The prefix keeps them apart from Mermaid's own words, the number from each other. */
function namesOf(states: readonly StateDescription[]): Names {
  const names = new Map<string, string>();
  for (const { id, parent, type } of states) {
    const plain = `s_${id.replace(/[^A-Za-z0-9]+/g, '_')}`;
    const isTaken = [...names.values()].includes(plain);
    // Mermaid knows no history: what leads there leads to the state that remembers.
    if (type === 'history') names.set(id, nameOf(names, parent ?? ''));
    else names.set(id, isTaken ? `${plain}_${names.size}` : plain);
  }
  return names;
}

const nameOf = (names: Names, path: string): string => names.get(path) ?? ANYWHERE;

/** The states inside a state, or at the top, and where one begins. */
function block(parent: string | null, initial: string, context: Context): string[] {
  const inside = context.states.filter((state) => state.parent === parent);
  return [
    ...(initial === '' ? [] : [`[*] --> ${nameOf(context.names, initial)}`]),
    ...inside.flatMap((state) => declaration(state, context)),
  ];
}

function declaration(state: StateDescription, context: Context): string[] {
  const { id, key, type, initial } = state;
  const name = nameOf(context.names, id);
  const declared = `state "${quoted(key)}" as ${name}`;
  const lines = [...workOf(state), ...staying(id, context.transitions)].map(quoted);
  switch (type) {
    case 'atomic':
      return [declared, ...lines.map((line) => `${name} : ${line}`)];
    case 'final':
      return [declared, ...lines.map((line) => `${name} : ${line}`), `${name} --> [*]`];
    case 'history':
      return [];
    case 'compound':
      return [
        `${declared} {`,
        ...indented(block(id, initial === null ? '' : `${id}.${initial}`, context)),
        '}',
        ...note(name, lines),
      ];
    case 'parallel':
      return [`${declared} {`, ...indented(regions(id, context)), '}', ...note(name, lines)];
  }
}

/** Regions run side by side, so a line parts them. */
const regions = (parent: string, context: Context): string[] =>
  context.states
    .filter((state) => state.parent === parent && state.type !== 'history')
    .flatMap((region, index) => [...(index === 0 ? [] : ['--']), ...declaration(region, context)]);

const staying = (source: string, transitions: readonly TransitionDescription[]): string[] =>
  transitions.filter((each) => each.source === source && each.targets.length === 0).map(captionOf);

/** A state with an inside cannot have lines of its own. */
const note = (name: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : [`note right of ${name}`, ...indented(lines), 'end note'];

const arrows = (transition: TransitionDescription, names: Names): string[] =>
  transition.targets.map(
    (target) => `${nameOf(names, transition.source)} --> ${nameOf(names, target)} : ${quoted(captionOf(transition))}`,
  );

const captionOf = (transition: TransitionDescription): string =>
  [causeOf(transition), conditionOf(transition), doingOf(transition), isExtension(transition) ? '«extension»' : '']
    .filter(Boolean)
    .join(' ');

function styles(states: readonly StateDescription[], names: Names): string[] {
  return (['success', 'failure'] as const).flatMap((tone) => {
    const members = states.filter((state) => toneOf(state) === tone).map(({ id }) => nameOf(names, id));
    return members.length === 0 ? [] : [STYLES[tone], `class ${members.join(',')} ${tone}`];
  });
}

const STYLES = {
  success: 'classDef success fill:#dcfce7,stroke:#16a34a,color:#166534',
  failure: 'classDef failure fill:#fee2e2,stroke:#dc2626,color:#991b1b',
} as const;

/** Any text on one line: characters that mean something to Mermaid become its numbered entities. */
const quoted = (anything: string): string =>
  [...oneLine(anything)].map((one) => (SPECIAL.has(one) ? `#${one.codePointAt(0)};` : one)).join('') || NOTHING;

/** Without control characters, line breaks and halves of characters. */
const oneLine = (anything: string): string => anything.replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ').trim();

/** Mermaid takes no empty name. */
const NOTHING = '-';
const SPECIAL = new Set(':;#"<>{}%`\\&');

const indented = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);
