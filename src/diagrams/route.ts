/** The geometry of an arrow: a line around corners, and its head. */
import type { Point } from './layout.js';

const CORNER_RADIUS = 8;
const HEAD_LENGTH = 8;
/** Half the opening of the head, radians. */
const HEAD_ANGLE = 0.42;

/** Path data of a line through the points, its corners rounded. */
export function lineOf(points: readonly Point[]): string {
  const [start, ...rest] = points;
  if (!start) return '';
  const drawn = rest.map((corner, index) => {
    const [before, after] = [points[index], rest[index + 1]];
    if (!before || !after) return `L${at(corner)}`;
    return `L${at(towards(corner, before))} Q${at(corner)} ${at(towards(corner, after))}`;
  });
  return `M${at(start)} ${drawn.join(' ')}`;
}

/** The corners of the head at the end of a line, as `points` of a polygon. */
export function headOf(points: readonly Point[]): string {
  const [before, tip] = points.slice(-2);
  if (!before || !tip) return '';
  const direction = Math.atan2(tip.y - before.y, tip.x - before.x);
  const barb = (angle: number): Point => ({
    x: tip.x - HEAD_LENGTH * Math.cos(direction + angle),
    y: tip.y - HEAD_LENGTH * Math.sin(direction + angle),
  });
  return [tip, barb(HEAD_ANGLE), barb(-HEAD_ANGLE)].map(at).join(' ');
}

/** The point where the rounding of a corner begins; half way at most, so that two corners never overlap. */
function towards(corner: Point, other: Point): Point {
  const length = Math.hypot(other.x - corner.x, other.y - corner.y);
  const share = length === 0 ? 0 : Math.min(CORNER_RADIUS, length / 2) / length;
  return { x: corner.x + (other.x - corner.x) * share, y: corner.y + (other.y - corner.y) * share };
}

const at = ({ x, y }: Point): string => `${tenths(x)},${tenths(y)}`;
const tenths = (pixels: number): number => Math.round(pixels * 10) / 10;
