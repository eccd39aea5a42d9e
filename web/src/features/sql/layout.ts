// layOut(): where the boxes and lines of a picture go.
//
// Used by the plan and the picture of a schema. What hangs together is laid out in layers; boxes
// without a line stand in rows below, where layers would put them all in one.

import { Graph, layout, type EdgeLabel, type NodeLabel } from "@dagrejs/dagre";

export interface Box {
  readonly id: string;
  readonly width: number;
  readonly height: number;
}

export interface Line {
  readonly from: string;
  readonly to: string;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Layout {
  /** Each box's left upper corner, by its id. */
  readonly boxes: ReadonlyMap<string, Point>;
  /** One for each line, in their order. */
  readonly lines: readonly (readonly Point[])[];
  readonly width: number;
  readonly height: number;
}

export interface Spacing {
  /** Which way a line's layers go. */
  readonly direction: "LR" | "RL" | "TB";
  readonly between_layers: number;
  readonly between_boxes: number;
}

const margin = 28;
const loop_px = 22;
const row_width_max = 1_600;

function placeLoose(boxes: readonly Box[], top: number, width: number, gap: number, places: Map<string, Point>): Point {
  let x = margin;
  let y = top;
  let tallest = 0;
  let right = 0;
  for (const box of boxes) {
    if (x > margin && x + box.width > Math.max(width, row_width_max / 2)) {
      x = margin;
      y += tallest + gap;
      tallest = 0;
    }
    places.set(box.id, { x, y });
    right = Math.max(right, x + box.width);
    tallest = Math.max(tallest, box.height);
    x += box.width + gap;
  }
  return { x: right + margin, y: y + tallest + margin };
}

/** A line from a box to itself: out of its right side and back into its top. */
function loop(place: Point | undefined, box: Box | undefined): Point[] {
  if (place === undefined || box === undefined) return [];
  const right = place.x + box.width;
  const begin = { x: right, y: place.y + Math.min(box.height / 2, 40) };
  const end = { x: right - 36, y: place.y };
  return [begin, { x: right + loop_px, y: begin.y }, { x: right + loop_px, y: place.y - loop_px }, { x: end.x, y: place.y - loop_px }, end];
}

export function layOut(boxes: readonly Box[], lines: readonly Line[], spacing: Spacing): Layout {
  const joined = new Set(lines.filter(({ from, to }) => from !== to).flatMap(({ from, to }) => [from, to]));
  const graph = new Graph<object, NodeLabel, EdgeLabel>({ multigraph: true });
  graph.setGraph({
    rankdir: spacing.direction,
    ranksep: spacing.between_layers,
    nodesep: spacing.between_boxes,
    marginx: margin,
    marginy: margin,
  });
  const held = boxes.filter(({ id }) => joined.has(id) || boxes.length === 1);
  for (const { id, width, height } of held) graph.setNode(id, { width, height });
  for (const [at, { from, to }] of lines.entries()) if (from !== to) graph.setEdge(from, to, {}, String(at));
  if (held.length > 0) layout(graph);

  const places = new Map<string, Point>();
  let width = 0;
  let height = 0;
  for (const { id, ...size } of held) {
    const { x = 0, y = 0 } = graph.node(id) as { x?: number; y?: number };
    places.set(id, { x: x - size.width / 2, y: y - size.height / 2 });
    width = Math.max(width, x + size.width / 2 + margin);
    height = Math.max(height, y + size.height / 2 + margin);
  }
  const loose = boxes.filter(({ id }) => !places.has(id));
  const end = placeLoose(loose, height === 0 ? margin : height + margin, width, spacing.between_boxes, places);
  const sizes = new Map(boxes.map((box) => [box.id, box]));
  const points = lines.map(({ from, to }, at) => {
    if (from === to) return loop(places.get(from), sizes.get(from));
    return (graph.edge(from, to, String(at)) as { points?: Point[] }).points ?? [];
  });
  return {
    boxes: places,
    lines: points,
    width: Math.max(width, loose.length > 0 ? end.x : 0),
    height: loose.length > 0 ? end.y : height,
  };
}

/** A smooth line through `points`, for an SVG path. */
export function curve(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return "";
  const pieces = rest.slice(0, -1).map((point, at) => {
    const next = rest[at + 1] ?? point;
    const last = at === rest.length - 2;
    const to = last ? next : { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 };
    return `Q${point.x},${point.y} ${to.x},${to.y}`;
  });
  const end = rest.at(-1);
  if (pieces.length === 0) return end === undefined ? "" : `M${first.x},${first.y}L${end.x},${end.y}`;
  return `M${first.x},${first.y}${pieces.join("")}`;
}
