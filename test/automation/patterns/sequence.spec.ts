import type { SequencePattern } from '../../../src/automation/patterns/pattern.js';
import { collect, limitsOf, MOST_PARTS, type Collected } from '../../../src/automation/patterns/sequence.js';

const HOUR = 3_600_000;

/** What is found when events come one after the other: `A1` is an A at the first hour. */
function found(events: SequencePattern['events'], happened: string, more: Partial<SequencePattern> = {}): string[] {
  const limits = limitsOf({ type: 'sequence', events, ...more });
  let state: Collected = { parts: [], endedAt: null };
  return happened.split(' ').flatMap((text) => {
    const at = Number(text.slice(1)) * HOUR;
    const elements = events.flatMap(({ eventType }, index) => (eventType === text[0] ? [index] : []));
    const result = collect(limits, state, { id: text, at, elements });
    state = result.after;
    return result.found.map((parts) => parts.map(({ id }) => id).join(' '));
  });
}
const abc = [{ eventType: 'A' }, { eventType: 'B' }, { eventType: 'C' }];
const within = (a: string, b: string, c: string) => [
  { eventType: 'A', within: a },
  { eventType: 'B', within: b },
  { eventType: 'C', within: c },
];

describe('an ordered sequence (R002-31)', () => {
  it.each<[string, SequencePattern['events'], string, string[]]>([
    ['is found in its order', abc, 'A1 B2 C3', ['A1 B2 C3']],
    ['is not found in another', abc, 'C1 B2 A3', []],
    ['has other events between its own', abc, 'A1 X2 B3 A4 C5', ['A1 B3 C5']],
    ['is ordered by when events happened, not by when they came', abc, 'A1 C3 B2', ['A1 B2 C3']],
    ['has 24 hours without limits of its own', abc, 'A1 B2 C25', ['A1 B2 C25']],
    ['is over after 24 hours', abc, 'A1 B2 C26', []],
    ['has a limit from one to the next', within('1h', '2h', '3h'), 'A1 B3 C6', ['A1 B3 C6']],
    ['does not wait longer for the next', within('1h', '2h', '3h'), 'A1 B4 C5', []],
    ['ignores the limit of its first', within('1s', '2h', '3h'), 'A1 B2 C3', ['A1 B2 C3']],
    ['finds the beginning that is near enough', within('1h', '2h', '1h'), 'A1 A3 B4 C5', ['A3 B4 C5']],
    ['does not overlap the next one', abc, 'A1 A2 B3 B4 C5 C6', ['A2 B4 C5']],
    ['is found again afterwards', abc, 'A1 B2 C3 A4 B5 C6', ['A1 B2 C3', 'A4 B5 C6']],
    ['uses no event twice', [{ eventType: 'A' }, { eventType: 'A' }], 'A1 A2 A3 A4', ['A1 A2', 'A3 A4']],
    ['takes no late event from before the end of the last', abc, 'A1 B3 C4 A2 B5 C6', ['A1 B3 C4']],
    ['takes events of one moment in the order in which they came', abc, 'A1 B1 C1', ['A1 B1 C1']],
  ])('%s', (_, events, happened, expected) => expect(found(events, happened)).toEqual(expected));
});

describe('a sequence in any order (R002-31)', () => {
  const free = { ordered: false };
  it.each<[string, SequencePattern['events'], string, string[]]>([
    ['is found in any', abc, 'C1 A2 B3', ['A2 B3 C1']],
    ['has limits from its earliest', within('2h', '2h', '5h'), 'A1 B3 C6', ['A1 B3 C6']],
    ['does not wait longer than that', within('2h', '2h', '5h'), 'A1 B3 C7', []],
    ['begins with the next when the earliest is too long ago', within('3h', '3h', '3h'), 'A1 B4 A5 C6', ['A5 B4 C6']],
    ['needs an event for each', [{ eventType: 'A' }, { eventType: 'A' }], 'A1', []],
    ['uses no event twice', [{ eventType: 'A' }, { eventType: 'A' }], 'A1 A2 A3', ['A1 A2']],
    ['does not overlap the next one', abc, 'A1 A2 B3 C4 B5 C6', ['A1 B3 C4']],
  ])('%s', (_, events, happened, expected) => expect(found(events, happened, free)).toEqual(expected));

  it('gives an event to the element that has no other', () => {
    const limits = limitsOf({ type: 'sequence', events: [{ eventType: '*' }, { eventType: 'A' }], ordered: false });
    const first = collect(limits, { parts: [], endedAt: null }, { id: '1', at: 1, elements: [0, 1] });
    const second = collect(limits, first.after, { id: '2', at: 2, elements: [0] });
    expect(second.found.map((parts) => parts.map(({ id }) => id))).toEqual([['2', '1']]);
  });
});

it('what a correlation is remembered by is bounded, and what is too old to matter is forgotten', () => {
  const limits = limitsOf({ type: 'sequence', events: [{ eventType: 'A' }, { eventType: 'B', within: '1h' }] });
  let state: Collected = { parts: [], endedAt: null };
  for (let n = 0; n < MOST_PARTS + 100; n++)
    state = collect(limits, state, { id: `${n}`, at: 1_000 + n, elements: [0] }).after;
  expect(state.parts).toHaveLength(MOST_PARTS);
  state = collect(limits, state, { id: 'late', at: 3 * HOUR, elements: [0] }).after;
  expect(state.parts.map(({ id }) => id)).toEqual(['late']);
});
