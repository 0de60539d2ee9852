/** Nodes that move: where each is at which tick. */
import type { Ground, Position } from "../../contracts/links/ground.ts";
import type { LinkMatrix } from "../../contracts/links/matrix.ts";
import { type Motion, motionOf } from "../ground/motion.ts";
import { whyNotDegrees } from "../schema/ground-rules.ts";
import type { Occurrence } from "./occurrences.ts";
import { type Complain, type Surroundings, selectNodes } from "./select.ts";
import type { TimelineAction } from "./spec.ts";

/** A move begins or ends, which changes no link by itself; or a tick, at which links follow. */
export interface MoveEvent {
  readonly atMs: number;
  readonly stage: "begin" | "step" | "end";
  readonly entry: number;
  /** For people. */
  readonly what: string;
  /** Of a tick: where all nodes are, in the order of the matrix, and the places of those that have moved. */
  readonly positions?: readonly (Position | undefined)[] | undefined;
  readonly moved: readonly number[];
}

type Move = Extract<TimelineAction, { kind: "move" }>;
export interface MoveOccurrence extends Occurrence {
  readonly action: Move;
}

interface MovesSetting {
  readonly matrix: LinkMatrix;
  readonly windowMs: number;
  /** Takes what is wrong with an entry. */
  readonly complain: (entry: number) => Complain;
}

/** A node's motions, in order: a later one takes over where it begins. */
type Ways = ReadonlyMap<number, readonly Motion[]>;

/**
 * Moves of all nodes, in order. Where something is wrong, that is reported.
 *
 * @param occurrences in the order of their start
 */
export function compileMoves(
  occurrences: readonly MoveOccurrence[],
  { matrix, windowMs, complain }: MovesSetting,
): readonly MoveEvent[] {
  const { ground, nodes, regions } = matrix;
  const [first] = occurrences;
  if (first === undefined) return [];
  if (ground === undefined) {
    complain(first.entry)(
      "move: these links have no positions; use a links file with positions: and quality:",
    );
    return [];
  }
  const around: Surroundings = { nodes, regions };
  const ways = new Map<number, Motion[]>();
  const marks = occurrences.flatMap((occurrence): MoveEvent[] => {
    const { action, entry, startMs } = occurrence;
    const own = (message: string) => complain(entry)(`move: ${message}`);
    const places = selectNodes(action.nodes, around, own);
    checkSpace(action, ground, own);
    const motions = places.flatMap((place) => {
      const motion = motionAt(place, occurrence, { ground, ways, matrix, complain: own });
      if (motion !== undefined) ways.set(place, [...(ways.get(place) ?? []), motion]);
      return motion ?? [];
    });
    const endMs = Math.max(startMs, ...motions.map((motion) => motion.endMs));
    if (endMs > windowMs) {
      const arrival = `it would arrive at ${Number((endMs / 1000).toFixed(3))} s`;
      own(`${arrival}, after the window of ${windowMs / 1000} s; use a higher speed, or a longer --duration`);
    }
    const what = `${places.map((place) => nodes[place]?.name).join(", ")} ${action.text}`;
    const mark = { entry, what, moved: [] };
    return [
      { ...mark, stage: "begin", atMs: startMs },
      { ...mark, stage: "end", atMs: endMs },
    ];
  });
  const rank = { step: 0, end: 1, begin: 2 } as const;
  return [...marks, ...ticksOf(ways, ground, windowMs)].sort(
    (a, b) => a.atMs - b.atMs || rank[a.stage] - rank[b.stage],
  );
}

function checkSpace({ movement }: Move, { space }: Ground, complain: Complain): void {
  if (space === "plane") return;
  if (movement.kind === "circle") {
    complain("circle: is for a plane only; use path: on the earth");
    return;
  }
  const points = movement.kind === "path" ? movement.points : movement.within;
  const why = points.map(whyNotDegrees).find((found) => found !== undefined);
  if (why !== undefined) complain(why);
}

function motionAt(
  place: number,
  { action, startMs, endMs }: MoveOccurrence,
  {
    ground,
    ways,
    matrix,
    complain,
  }: Pick<MovesSetting, "matrix"> & { ground: Ground; ways: Ways; complain: Complain },
): Motion | undefined {
  const node = matrix.nodes[place]?.name ?? "";
  const from = positionAt(place, startMs, { ground, ways });
  if (from === undefined) {
    complain(`${node} has no position; add it to positions: of the links`);
    return undefined;
  }
  const forMs = endMs === undefined ? undefined : endMs - startMs;
  return motionOf(action.movement, { space: ground.space, from, startMs, forMs, node });
}

function positionAt(place: number, ms: number, { ground, ways }: { ground: Ground; ways: Ways }) {
  const motion = ways.get(place)?.findLast(({ startMs }) => startMs <= ms);
  return motion?.at(ms) ?? ground.positions[place];
}

/** Every tick at which somebody is elsewhere than at the one before. */
function ticksOf(ways: Ways, ground: Ground, windowMs: number): readonly MoveEvent[] {
  const { tickMs } = ground;
  const ticks = new Set<number>();
  for (const { startMs, endMs } of [...ways.values()].flat()) {
    const last = Math.ceil(Math.min(endMs, windowMs) / tickMs);
    for (let tick = Math.floor(startMs / tickMs) + 1; tick <= last; tick++) ticks.add(tick);
  }
  let before = ground.positions;
  const events: MoveEvent[] = [];
  for (const tick of [...ticks].sort((a, b) => a - b)) {
    const atMs = tick * tickMs;
    if (atMs >= windowMs) break;
    const now = before.map((last, place) =>
      ways.has(place) ? positionAt(place, atMs, { ground, ways }) : last,
    );
    const moved = [...ways.keys()].filter((place) => !isSame(before[place], now[place]));
    before = now;
    if (moved.length > 0) events.push({ atMs, stage: "step", entry: -1, what: "", positions: now, moved });
  }
  return events;
}

const isSame = (one: Position | undefined, other: Position | undefined) =>
  one === other || (one?.length === other?.length && one?.every((value, axis) => value === other?.[axis]));
