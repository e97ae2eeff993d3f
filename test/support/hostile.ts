/** A lifecycle whose every name tries to break out of the picture it is put in. */
import type { Description, StateDescription, TransitionDescription } from '../../src/engine/core/driver.js';

const NAMES = [
  '</text><script>alert(1)</script>',
  '"quoted" & \'quoted\'',
  '&lt;entity; #35;',
  'two\nlines\u0000and\u001b[31m',
  'a: b; c # d %% e',
  '[*] --> [*]',
  'end note',
  '} state x {',
  '\ud800 lone',
  'دعم 状態 🚀 e\u0301',
  'x'.repeat(300),
  ' ',
  '`${process.exit(1)}`',
  'click x href "javascript:alert(1)"',
];

const state = (key: string): StateDescription => ({
  id: key,
  key,
  parent: null,
  type: 'atomic',
  initial: null,
  tags: [key],
  description: key,
  meta: {},
  entry: [key],
  exit: [key],
  invokes: [{ id: key, effect: key }],
  timers: [key],
});

const step = (source: string, index: number): TransitionDescription => ({
  id: `${source}|${index}`,
  source,
  targets: [NAMES[(index + 1) % NAMES.length] ?? ''],
  event: source,
  kind: 'event',
  label: source,
  guard: { op: 'leaf', name: source, params: { [source]: source } },
  effects: [source],
  meta: { extension: true },
});

export const hostile: Description = {
  name: 'hostile',
  version: 1,
  title: NAMES.join(' '),
  fingerprint: '0',
  initial: NAMES[0] ?? '',
  states: NAMES.map(state),
  transitions: NAMES.map(step),
  events: [],
};
