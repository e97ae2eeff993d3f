/** Transitions as SVG. */
import { EXTENSION_MARK, linesOf, type CaptionLine } from './captions.js';
import type { Mark } from './coverage.js';
import type { Area, Placed } from './layout.js';
import { letter } from './lettering.js';
import { headOf, lineOf } from './route.js';
import { COLOURS, LINE_HEIGHT, TEXT_SIZE } from './theme.js';
import { element, text } from './xml.js';

type PlacedArrow = Placed['arrows'][number];

/** The line of an arrow and its head. @param mark how it is marked, where a picture marks what is tested and lived */
export function drawArrow(
  { look, captions, points, transitions }: PlacedArrow,
  isWalked: boolean,
  mark: Mark | undefined,
): string {
  const colour = mark ? MARKS[mark].line : isWalked ? COLOURS.walked.line : LOOKS[look];
  const isExtension = captions.length > 0 && captions.every(({ extension }) => extension);
  const isFaint = isExtension && !isWalked && !mark;
  return element(
    'g',
    {
      class: ['arrow', look, ...(isWalked ? ['walked'] : []), ...(mark ? [`is-${mark}`] : [])].join(' '),
      'data-transitions': transitions.join(' '),
    },
    element('path', {
      d: lineOf(points),
      fill: 'none',
      stroke: colour,
      'stroke-width': isWalked || (mark && mark !== 'neither') ? 2.5 : 1.3,
      'stroke-opacity': isFaint ? EXTENSION_OPACITY : undefined,
      'stroke-dasharray': mark === 'neither' ? '1 4' : look === 'timer' ? '5 3' : undefined,
    }),
    element('polygon', { points: headOf(points), fill: colour }),
  );
}

const MARKS = {
  both: COLOURS.success,
  tested: COLOURS.active,
  lived: COLOURS.failure,
  neither: COLOURS.state,
} as const;

/** What is written on an arrow, over whatever line may pass below it. */
export function drawCaptions({ captions, label, look }: PlacedArrow): string {
  if (label === null) return '';
  return element(
    'g',
    { class: 'captions' },
    ...linesOf(captions).map((line, index) => drawLine(line, index, label, LOOKS[look])),
  );
}

const LOOKS = {
  plain: COLOURS.arrow,
  failure: COLOURS.failure.line,
  timer: COLOURS.timer,
  start: COLOURS.ink,
} as const;
const EXTENSION_OPACITY = 0.55;

function drawLine(
  { text: words, role, marked }: CaptionLine,
  index: number,
  { x, y, width }: Area,
  colour: string,
): string {
  const place = { x: x + width / 2, y: y + 12 + index * LINE_HEIGHT, size: TEXT_SIZE, centred: true };
  const mark = marked ? element('tspan', { dx: 4, fill: COLOURS.extension }, text(EXTENSION_MARK)) : '';
  return role === 'effects'
    ? letter(words, { ...place, colour: COLOURS.quiet, italic: true })
    : letter(words, { ...place, colour }, mark);
}
