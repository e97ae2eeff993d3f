/** Gives every box and arrow of a drawing its place. */
import type { ELK, ElkExtendedEdge, ElkNode, LayoutOptions } from 'elkjs/lib/elk-api.js';
import type { Description } from '../engine/core/driver.js';
import { linesOf, lineWidth } from './captions.js';
import { drawingOf, type Arrow, type Box } from './drawing.js';
import { overviewOf, type Detail } from './overview.js';
import { textWidth } from './text-width.js';
import { HEAD_HEIGHT, LINE_HEIGHT, NAME_SIZE, START_SIZE, TEXT_SIZE } from './theme.js';

export interface Point {
  x: number;
  y: number;
}
export interface Area extends Point {
  width: number;
  height: number;
}
export interface Placed {
  width: number;
  height: number;
  boxes: (Box & { area: Area })[];
  /** `points` run from the edge of one box, around corners, to the edge of the other; `label` is where captions go. */
  arrows: (Arrow & { points: Point[]; label: Area | null })[];
}

/** Places everything; once for each description, because it takes a tenth of a second and never changes. */
export function layoutOf(description: Description, detail: Detail): Promise<Placed> {
  const known = layouts[detail].get(description) ?? place(detail === 'full' ? description : overviewOf(description));
  layouts[detail].set(description, known);
  return known;
}

const layouts = {
  overview: new WeakMap<Description, Promise<Placed>>(),
  full: new WeakMap<Description, Promise<Placed>>(),
};
/** Loaded with the first drawing: it is three megabytes of program that most processes never need. */
let engine: Promise<ELK> | undefined;
const load = async (): Promise<ELK> => new (await import('elkjs/lib/elk.bundled.js')).default.default();

async function place(description: Description): Promise<Placed> {
  const { boxes, arrows } = drawingOf(description);
  const graph: ElkNode = {
    id: 'root',
    layoutOptions: WHOLE,
    children: childrenOf(null, boxes),
    edges: arrows.map(toEdge),
  };
  const placed: ElkNode = await (await (engine ??= load())).layout(graph);
  const areas = new Map(flatten(placed.children ?? []).map((node) => [node.id, areaOf(node)]));
  const edges = new Map((placed.edges ?? []).map((edge) => [edge.id, edge]));
  return {
    ...areaOf(placed),
    boxes: boxes.flatMap((box) => {
      const area = areas.get(box.id);
      return area ? [{ ...box, area }] : [];
    }),
    arrows: arrows.map((arrow, index) => {
      const { sections = [], labels = [] } = edges.get(`arrow:${index}`) ?? {};
      const points = sections.flatMap(({ startPoint, bendPoints = [], endPoint }) => [
        startPoint,
        ...bendPoints,
        endPoint,
      ]);
      const [label] = labels;
      return {
        ...arrow,
        points: points.map(({ x, y }) => ({ x: rounded(x), y: rounded(y) })),
        label: label ? areaOf(label) : null,
      };
    }),
  };
}

/** Groups inherit nothing, so each level is told again. */
const LEVEL: LayoutOptions = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.spacing.nodeNode': '34',
  'elk.spacing.edgeNode': '18',
  'elk.spacing.edgeEdge': '14',
  'elk.spacing.edgeLabel': '4',
  'elk.layered.spacing.nodeNodeBetweenLayers': '34',
  'elk.layered.spacing.edgeNodeBetweenLayers': '16',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '12',
  'elk.layered.cycleBreaking.strategy': 'DEPTH_FIRST',
  // Honours priorities, so that the way to success runs straight down.
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  // Captions stand where an arrow begins: that is where a reader looks for the ways out.
  'elk.layered.edgeLabels.centerLabelPlacementStrategy': 'TAIL_LAYER',
};

const WHOLE: LayoutOptions = {
  ...LEVEL,
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
  'elk.json.edgeCoords': 'ROOT',
  'elk.json.shapeCoords': 'ROOT',
  'elk.randomSeed': '1',
  'elk.padding': '[top=20,left=20,bottom=20,right=20]',
};

const MAIN_WAY: LayoutOptions = {
  'elk.layered.priority.straightness': '10',
  'elk.layered.priority.shortness': '10',
  'elk.layered.priority.direction': '10',
};

const childrenOf = (parent: string | null, boxes: readonly Box[]): ElkNode[] =>
  boxes.filter((box) => box.parent === parent).map((box) => toNode(box, boxes));

function toNode(box: Box, boxes: readonly Box[]): ElkNode {
  const { id, shape } = box;
  if (shape === 'start') return { id, width: START_SIZE, height: START_SIZE };
  const { width, height } = headOf(box);
  if (shape !== 'group' && shape !== 'regions') return { id, width, height };
  return {
    id,
    children: childrenOf(id, boxes),
    layoutOptions: {
      ...LEVEL,
      'elk.padding': `[top=${height},left=18,bottom=18,right=18]`,
      'elk.nodeSize.constraints': 'MINIMUM_SIZE',
      'elk.nodeSize.minimum': `(${width}, ${height})`,
    },
  };
}

const SIDE = 17;
const MIN_WIDTH = 110;

/** The room that the name and the lines of a box need. */
const headOf = ({ name, lines }: Box): { width: number; height: number } => ({
  width: Math.ceil(
    Math.max(
      MIN_WIDTH,
      textWidth(name, NAME_SIZE, 'bold') + 2 * SIDE,
      ...lines.map((line) => textWidth(line, TEXT_SIZE) + 20),
    ),
  ),
  height: HEAD_HEIGHT + lines.length * LINE_HEIGHT,
});

function toEdge({ from, to, look, captions }: Arrow, index: number): ElkExtendedEdge {
  const lines = linesOf(captions);
  const width = Math.ceil(Math.max(0, ...lines.map(lineWidth)) + 10);
  const label = {
    text: String(index),
    width,
    height: lines.length * LINE_HEIGHT + 4,
    layoutOptions: { 'elk.edgeLabels.placement': 'CENTER' },
  };
  return {
    id: `arrow:${index}`,
    sources: [from],
    targets: [to],
    labels: lines.length === 0 ? [] : [label],
    layoutOptions: look === 'plain' || look === 'start' ? MAIN_WAY : {},
  };
}

const flatten = (nodes: readonly ElkNode[]): ElkNode[] =>
  nodes.flatMap((node) => [node, ...flatten(node.children ?? [])]);

const areaOf = ({ x = 0, y = 0, width = 0, height = 0 }: Partial<Area>): Area => ({
  x: rounded(x),
  y: rounded(y),
  width: rounded(width),
  height: rounded(height),
});

/** A tenth of a pixel is fine enough to see and coarse enough to be the same on every machine. */
const rounded = (pixels: number): number => Math.round(pixels * 10) / 10;
