/** States, and the marks that are no states, as SVG. */
import type { Placed } from './layout.js';
import { letter } from './lettering.js';
import { COLOURS, HEAD_HEIGHT, LINE_HEIGHT, NAME_SIZE, TEXT_SIZE } from './theme.js';
import { element, text } from './xml.js';

type PlacedBox = Placed['boxes'][number];

/** What an instance adds to the look of a state. */
export type Presence = 'active' | 'walked' | 'untouched';

/** One box without the boxes inside it, which are drawn over it. */
export function drawBox(box: PlacedBox, presence: Presence): string {
  const { shape, state, tone, tooltip } = box;
  return element(
    'g',
    { class: [shape, tone, presence].join(' '), 'data-state': state },
    ...(tooltip === '' ? [] : [element('title', {}, text(tooltip))]),
    ...(shape === 'start' ? [drawDot(box)] : [drawOutline(box, presence), drawName(box, presence), ...drawLines(box)]),
  );
}

const RADIUS = 8;
const GROUP_RADIUS = 12;
/** Groups lie in each other, so their colours add up. */
const GROUP_OPACITY = 0.4;
/** Between the two lines around a final state. */
const FINAL_GAP = 3;
const INSET = 10;

const isGroup = ({ shape }: PlacedBox): boolean => shape === 'group' || shape === 'regions';

function drawDot({ area: { x, y, width } }: PlacedBox): string {
  return element('circle', { cx: x + width / 2, cy: y + width / 2, r: width / 2, fill: COLOURS.ink });
}

function drawOutline(box: PlacedBox, presence: Presence): string {
  const { shape, area } = box;
  const { line, fill } = coloursOf(box, presence);
  const outline = element('rect', {
    ...area,
    rx: isGroup(box) ? GROUP_RADIUS : RADIUS,
    fill,
    'fill-opacity': isGroup(box) ? GROUP_OPACITY : undefined,
    stroke: line,
    'stroke-width': presence === 'active' && !isGroup(box) ? 2.5 : 1.3,
    'stroke-dasharray': shape === 'regions' || shape === 'anywhere' ? '5 3' : undefined,
  });
  if (shape !== 'final') return outline;
  const { x, y, width, height } = area;
  const inner = { x: x + FINAL_GAP, y: y + FINAL_GAP, width: width - 2 * FINAL_GAP, height: height - 2 * FINAL_GAP };
  return outline + element('rect', { ...inner, rx: RADIUS - 2, fill: 'none', stroke: line });
}

function coloursOf({ shape, tone, ...box }: PlacedBox, presence: Presence): { line: string; fill: string } {
  if (tone !== 'plain') return COLOURS[tone];
  const plain = isGroup({ shape, tone, ...box }) ? COLOURS.group : COLOURS.state;
  if (presence === 'active') return COLOURS.active;
  return presence === 'walked' ? { line: COLOURS.walked.line, fill: plain.fill } : plain;
}

/** In the middle of a state, at the left of a group. */
function drawName(box: PlacedBox, presence: Presence): string {
  const { name, tone, shape, area } = box;
  const colour = tone === 'plain' ? (presence === 'active' ? COLOURS.active.line : COLOURS.ink) : COLOURS[tone].line;
  const place = isGroup(box) ? { x: area.x + INSET + 4 } : { x: area.x + area.width / 2, centred: true };
  return letter(name, { ...place, y: area.y + 23, size: NAME_SIZE, bold: true, italic: shape === 'anywhere', colour });
}

function drawLines(box: PlacedBox): string[] {
  const { lines, area } = box;
  const left = area.x + INSET + (isGroup(box) ? 4 : 0);
  const top = area.y + HEAD_HEIGHT;
  return lines.map((line, index) =>
    letter(line, { x: left, y: top + 4 + index * LINE_HEIGHT, size: TEXT_SIZE, colour: COLOURS.quiet }),
  );
}
