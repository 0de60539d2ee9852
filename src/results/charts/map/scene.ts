/** Where nodes are at a moment, what their links are like then, and which way flows go: what a map shows. Pure. */
import type { Position, Space } from "../../../contracts/links/ground.ts";
import type { LinkMatrix } from "../../../contracts/links/matrix.ts";
import { type LinkShape, lossRatioOf } from "../../../contracts/links/shape.ts";
import type { LinkStep, TimelineStep } from "../../../contracts/links/timeline.ts";

export interface MapNode {
  readonly name: string;
  /** Metres, or degrees; without a position, a place on a circle of no meaning. */
  readonly position: Position;
}

/** Both directions of a pair; the worse counts. */
export interface MapLink {
  readonly between: readonly [string, string];
  readonly layer?: string | undefined;
  readonly delayMs: number;
  readonly lossRatio: number;
  readonly rateBps?: number | undefined;
  readonly isDown: boolean;
}

export interface MapPath {
  readonly flow: string;
  readonly nodes: readonly string[];
}

export interface MapScene {
  readonly title: string;
  /** none: no node has a position. */
  readonly space: Space | "none";
  readonly atSecs: number;
  readonly nodes: readonly MapNode[];
  readonly links: readonly MapLink[];
  readonly paths: readonly MapPath[];
  /** All positions of the run, so that maps of its moments have one scale. */
  readonly extent: readonly Position[];
}

export interface SceneRequest extends Pick<MapScene, "title" | "atSecs"> {
  readonly matrix: LinkMatrix;
  /** Of the timeline, in order. */
  readonly steps: readonly TimelineStep[];
  /** Of each flow its paths, each from a second on. */
  readonly flows: readonly {
    readonly name: string;
    readonly paths: readonly { readonly fromSecs: number; readonly nodes: readonly string[] }[];
  }[];
}

export function sceneOf({ title, atSecs, matrix, steps, flows }: SceneRequest): MapScene {
  const { nodes, ground, shapes } = matrix;
  const ofLinks = steps.filter((step): step is LinkStep => step.kind === "links");
  const past = ofLinks.filter(({ atMs }) => atMs <= atSecs * 1000);
  const positions =
    past.findLast((step) => step.positions !== undefined)?.positions ?? ground?.positions ?? [];
  const isPlaced = positions.some((position) => position !== undefined);
  const changed = new Map(
    past.flatMap(({ changes }) => changes.map(({ from, to, shape }) => [`${from}\n${to}`, shape] as const)),
  );
  const shapeOf = (from: number, to: number) =>
    changed.get(`${nodes[from]?.name}\n${nodes[to]?.name}`) ?? shapes[from]?.[to];
  const shown = nodes.flatMap(({ name, isApart }, place) => (isApart ? [] : [{ name, place }]));
  return {
    title,
    space: isPlaced ? (ground?.space ?? "plane") : "none",
    atSecs,
    nodes: shown.map(({ name, place }, at) => ({
      name,
      position: positions[place] ?? onCircle(at, shown.length, isPlaced ? positions : undefined),
    })),
    links: shown.flatMap(({ place: from }, at) =>
      shown.slice(at + 1).flatMap(({ place: to }) => {
        const own = [shapeOf(from, to), shapeOf(to, from)].filter((shape) => shape !== undefined);
        const layer = ground?.layers[ground.layerOf[from]?.[to] ?? -1]?.name;
        const between = [nodes[from]?.name ?? "", nodes[to]?.name ?? ""] as const;
        return own.length === 0
          ? []
          : [{ between, ...(layer === undefined ? {} : { layer }), ...worseOf(own) }];
      }),
    ),
    paths: flows.flatMap(({ name, paths }) => {
      const path = paths.findLast(({ fromSecs }) => fromSecs <= atSecs);
      return path === undefined ? [] : [{ flow: name, nodes: path.nodes }];
    }),
    extent: [
      ...positions,
      ...(ground?.positions ?? []),
      ...ofLinks.flatMap((step) => step.positions ?? []),
    ].filter((position) => position !== undefined),
  };
}

function worseOf(shapes: readonly LinkShape[]): Omit<MapLink, "between" | "layer"> {
  const rates = shapes.flatMap(({ rateBps }) => rateBps ?? []);
  return {
    delayMs: Math.max(...shapes.map(({ delayMs }) => delayMs)),
    lossRatio: Math.max(...shapes.map(({ loss }) => lossRatioOf(loss))),
    ...(rates.length === 0 ? {} : { rateBps: Math.min(...rates) }),
    isDown: shapes.some(({ down }) => down),
  };
}

/** In a row beside those that have positions; without any, on a circle. */
function onCircle(
  at: number,
  count: number,
  placed: readonly (Position | undefined)[] | undefined,
): Position {
  if (placed === undefined) {
    // From the top, clockwise.
    const angle = Math.PI / 2 - (2 * Math.PI * at) / Math.max(1, count);
    return [Math.cos(angle), Math.sin(angle)];
  }
  const known = placed.filter((position) => position !== undefined);
  const [least, most] = [Math.min, Math.max].map((of) => of(...known.map(([x = 0]) => x)));
  const lowest = Math.min(...known.map(([, y = 0]) => y));
  const span = Math.max(1, (most ?? 0) - (least ?? 0));
  return [(least ?? 0) + (span * at) / Math.max(1, count - 1), lowest - span / 5];
}
