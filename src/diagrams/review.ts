/** The difference between two versions for people: lines for a terminal, Markdown for a review. */
import type { Difference, LifecycleDiff, Side } from '../engine/core/diff/compare.js';
import { isSame } from '../engine/core/diff/compare.js';
import type { Risk } from '../engine/core/diff/risks.js';
import { mermaid } from './mermaid.js';

/** Instances that live in a state, or would have to be moved. */
export interface Living {
  version: number;
  /** `PLACED` or `PLACED.waiting`. */
  place: string;
  count: number;
}

/** How many of the living instances are in something that is different. */
export interface Affected {
  /** On versions other than the newer one, wherever they are. */
  living: number;
  /** Of those, in a state that the difference concerns. */
  concerned: number;
  places: Living[];
}

/** Which instances the difference concerns: those in a state that it names, or below or around it. */
export function affected(diff: LifecycleDiff, living: readonly Living[]): Affected {
  const named = [...diff.states, ...diff.events, ...diff.transitions, ...diff.parts].flatMap(({ at }) => at);
  const isAnywhere = named.includes('');
  const isIn = (place: string): boolean =>
    named.some((state) => place === state || place.startsWith(`${state}.`) || state.startsWith(`${place}.`));
  const places = living.filter(({ place }) => isAnywhere || isIn(place));
  return { living: sum(living), concerned: sum(places), places };
}

const sum = (living: readonly Living[]): number => living.reduce((total, { count }) => total + count, 0);

const SIGNS = { added: '+', removed: '-', changed: '~' } as const;

/** Lines for a terminal. */
export function diffText(diff: LifecycleDiff, risks: readonly Risk[], live?: Affected): string[] {
  const { name, from, to } = diff;
  const head = `${name} v${from.version} (${from.fingerprint.slice(0, 12)}) → v${to.version} (${to.fingerprint.slice(0, 12)})`;
  if (from.fingerprint === to.fingerprint && isSame(diff)) return [head, '  nothing is different'];
  const sections = SECTIONS.flatMap(([title, key]) =>
    diff[key].length === 0
      ? []
      : [
          `  ${title}`,
          ...diff[key].flatMap(({ what, change, how }) => [
            `    ${SIGNS[change]} ${what}`,
            ...how.map((line) => `        ${line}`),
          ]),
        ],
  );
  return [
    head,
    ...sections,
    ...(risks.length > 0
      ? ['  risks', ...risks.map(({ level, rule, at, message }) => `    ${level} ${rule} at ${at}: ${message}`)]
      : []),
    ...(live
      ? [
          `  ${liveText(live)}`,
          ...live.places.map(({ version, place, count }) => `    ${count} of v${version} in ${place}`),
        ]
      : []),
  ];
}

/** A section of a review: what is different, what may go wrong, and how it looked before and after. */
export function diffMarkdown(
  diff: LifecycleDiff,
  risks: readonly Risk[],
  before: Side,
  after: Side,
  live?: Affected,
): string {
  const { name, from, to } = diff;
  return [
    `## ${name} v${from.version} → v${to.version}`,
    ...(risks.length > 0
      ? [
          '### Risks',
          table(
            ['level', 'what', 'where', 'why'],
            risks.map(({ level, rule, at, message }) => [level, rule, at, message]),
          ),
        ]
      : []),
    ...(live
      ? [
          `### Running instances`,
          liveText(live),
          ...(live.places.length > 0
            ? [
                table(
                  ['version', 'state', 'instances'],
                  live.places.map(({ version, place, count }) => [`v${version}`, place, String(count)]),
                ),
              ]
            : []),
        ]
      : []),
    ...SECTIONS.flatMap(([title, key]) =>
      diff[key].length === 0 ? [] : [`### ${title[0]?.toUpperCase()}${title.slice(1)}`, rows(diff[key])],
    ),
    details('Before', `\`\`\`mermaid\n${mermaid(before.description).trimEnd()}\n\`\`\``),
    details('After', `\`\`\`mermaid\n${mermaid(after.description).trimEnd()}\n\`\`\``),
  ].join('\n\n');
}

const SECTIONS = [
  ['states', 'states'],
  ['transitions', 'transitions'],
  ['events', 'events'],
  ['inside', 'parts'],
] as const;

const rows = (differences: readonly Difference[]): string =>
  table(
    ['', 'what', 'how'],
    differences.map(({ what, change, how }) => [SIGNS[change], what, how.join('<br>')]),
  );

const liveText = ({ living, concerned }: Affected): string =>
  `${concerned} of ${living} running instances are in a state that this concerns`;

const table = (head: readonly string[], body: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...body.map((cells) => cells.map(cell))]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

const details = (title: string, body: string): string =>
  `<details><summary>${title}</summary>\n\n${body}\n\n</details>`;
