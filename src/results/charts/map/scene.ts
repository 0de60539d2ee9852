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

/** A link as the network under test sees it; of two directions, the worse. */
export interface MapViewedLink {
  readonly between: readonly [string, string];
  /** In the network's own unit; undefined: it calls the link unusable. */
  readonly cost?: number | undefined;
  readonly receivedRatio?: number | undefined;
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
  /** Empty: it is not shown. */
  readonly viewed: readonly MapViewedLink[];
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

/** One direction of a link. */
export interface DirectedLink extends Omit<MapLink, "between"> {
  readonly from: string;
  readonly to: string;
}

export function sceneOf({ title, atSecs, matrix, steps, flows }: SceneRequest): MapScene {
  const { nodes, ground, shapes } = matrix;
  const ofLinks = steps.filter((step): step is LinkStep => step.kind === "links");
  const past = ofLinks.filter(({ atMs }) => atMs <= atSecs * 1000);
  const positions =
    past.findLast((step) => step.positions !== undefined)?.positions ?? ground?.positions ?? [];
  const changed = new Map(
    past.flatMap(({ changes }) => changes.map(({ from, to, shape }) => [`${from}\n${to}`, shape] as const)),
  );
  const shown = nodes.flatMap(({ name, isApart }, place) => (isApart ? [] : [{ name, place }]));
  const directed = ({ name: from, place }: (typeof shown)[number]) =>
    shown.flatMap(({ name: to, place: other }): DirectedLink[] => {
      const shape = changed.get(`${from}\n${to}`) ?? shapes[place]?.[other];
      const layer = ground?.layers[ground.layerOf[place]?.[other] ?? -1]?.name;
      return shape === undefined ? [] : [{ from, to, layer, ...qualityOf(shape) }];
    });
  return buildScene({
    title,
    atSecs,
    space: ground?.space ?? "plane",
    nodes: shown.map(({ name, place }) => ({ name, position: positions[place] })),
    links: shown.flatMap(directed),
    paths: flows.flatMap(({ name, paths }) => {
      const path = paths.findLast(({ fromSecs }) => fromSecs <= atSecs);
      return path === undefined ? [] : [{ flow: name, nodes: path.nodes }];
    }),
    viewed: [],
    extent: [...(ground?.positions ?? []), ...ofLinks.flatMap((step) => step.positions ?? [])].filter(
      (position) => position !== undefined,
    ),
  });
}

const qualityOf = ({ delayMs, loss, rateBps, down }: LinkShape) => ({
  delayMs,
  lossRatio: lossRatioOf(loss),
  rateBps,
  isDown: down,
});

interface ScenePlan extends Pick<MapScene, "title" | "atSecs" | "paths" | "viewed" | "extent"> {
  /** What positions mean, if a node has one. */
  readonly space: Space;
  readonly nodes: readonly { readonly name: string; readonly position: Position | undefined }[];
  readonly links: readonly DirectedLink[];
}

/** Gives each node a place, and each pair the worse of its two directions. */
export function buildScene({ nodes, links, space, extent, ...scene }: ScenePlan): MapScene {
  const positions = nodes.map(({ position }) => position);
  const isPlaced = positions.some((position) => position !== undefined);
  const byPair = new Map(links.map((link) => [`${link.from}\n${link.to}`, link]));
  const linkOf = (from: string, to: string) => byPair.get(`${from}\n${to}`);
  return {
    ...scene,
    space: isPlaced ? space : "none",
    nodes: nodes.map(({ name, position }, at) => ({
      name,
      position: position ?? onCircle(at, nodes.length, isPlaced ? positions : undefined),
    })),
    links: nodes.flatMap(({ name: from }, at) =>
      nodes.slice(at + 1).flatMap(({ name: to }): MapLink[] => {
        const own = [linkOf(from, to), linkOf(to, from)].filter((link) => link !== undefined);
        const layer = own[0]?.layer;
        const kind = layer === undefined ? {} : { layer };
        return own.length === 0 ? [] : [{ between: [from, to], ...kind, ...worseOf(own) }];
      }),
    ),
    extent: [...positions.filter((position) => position !== undefined), ...extent],
  };
}

function worseOf(links: readonly DirectedLink[]): Omit<MapLink, "between" | "layer"> {
  const rates = links.flatMap(({ rateBps }) => rateBps ?? []);
  return {
    delayMs: Math.max(...links.map(({ delayMs }) => delayMs)),
    lossRatio: Math.max(...links.map(({ lossRatio }) => lossRatio)),
    ...(rates.length === 0 ? {} : { rateBps: Math.min(...rates) }),
    isDown: links.some(({ isDown }) => isDown),
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
