/** Draws a lifecycle as SVG: attributes only, no style and no script, so that every content policy lets it through. */
import type { Description } from '../engine/core/driver.js';
import { layoutOf } from './layout.js';
import { letter } from './lettering.js';
import type { Detail } from './overview.js';
import { drawArrow, drawCaptions } from './svg.arrows.js';
import type { Mark } from './coverage.js';
import { drawBox, type Presence } from './svg.boxes.js';
import { textWidth } from './text-width.js';
import { COLOURS, FONT_FAMILY, TITLE_SIZE } from './theme.js';
import { leavesOf, trailOf, withAncestors, type Trail, type WalkedStep } from './trail.js';
import { headline } from './words.js';
import { element } from './xml.js';

/** Which picture, and what an instance adds to it. */
export interface Picture {
  /** The overview when absent. */
  detail?: Detail;
  /** Paths of the states it is in. */
  active?: readonly string[];
  /** Its steps, oldest first. */
  walked?: readonly WalkedStep[];
  /** What is shown as passed, when it is not the way of one instance. */
  lived?: Trail;
  /** How each transition is marked instead, by its id. */
  marks?: ReadonlyMap<string, Mark>;
  /** Written above the picture; the lifecycle's own title when absent. */
  title?: string;
}

/** The picture of a lifecycle, or of an instance of it. The same bytes for the same input. */
export async function svgDiagram(
  description: Description,
  { detail = 'overview', active = [], walked = [], lived, marks, title }: Picture = {},
): Promise<string> {
  const { boxes, arrows, ...size } = await layoutOf(description, detail);
  const heading = title ?? headline(description);
  const width = Math.max(size.width, Math.ceil(textWidth(heading, TITLE_SIZE, 'bold')) + 2 * MARGIN);
  const height = size.height + TITLE_HEIGHT;
  const here = new Set(active.flatMap((path) => leavesOf(description, path)).flatMap(withAncestors));
  const trail = lived ?? trailOf(description, walked);
  const presence = (path = ''): Presence =>
    here.has(path) ? 'active' : trail.states.has(path) ? 'walked' : 'untouched';
  const svg = element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      'font-family': FONT_FAMILY,
      role: 'img',
      'aria-label': `State diagram of ${heading}`,
    },
    element('rect', { width, height, fill: COLOURS.paper }),
    letter(heading, { x: MARGIN, y: 30, size: TITLE_SIZE, bold: true }),
    element(
      'g',
      { transform: `translate(0,${TITLE_HEIGHT})` },
      ...boxes.map((box) => drawBox(box, presence(box.state))),
      ...arrows.map((arrow) =>
        drawArrow(
          arrow,
          arrow.transitions.some((id) => trail.transitions.has(id)),
          marks && worst(arrow.transitions.flatMap((id) => marks.get(id) ?? [])),
        ),
      ),
      // Captions come last, so that no line runs over them.
      ...arrows.map(drawCaptions),
    ),
  );
  // One element a line, so that a change shows as few lines in a review.
  return `${svg.replaceAll('<g class', '\n<g class')}\n`;
}

const MARGIN = 20;
const TITLE_HEIGHT = 34;

/** Transitions that share an arrow show the one that most wants to be looked at. */
const worst = (marks: readonly Mark[]): Mark | undefined =>
  (['lived', 'neither', 'tested', 'both'] as const).find((mark) => marks.includes(mark));
