/** Ways of a node, as functions of time. Pure. */
import type { Position, Space } from "../../contracts/links/ground.ts";
import { seededRandom } from "../../core/random.ts";
import { distanceM } from "./distance.ts";

export type Movement =
  /** Straight from where it is to each point in turn, at one speed. */
  | { readonly kind: "path"; readonly points: readonly Position[]; readonly speedMps?: number | undefined }
  /** Around a point of the plane, at the distance at which it is. */
  | {
      readonly kind: "circle";
      readonly center: Position;
      readonly periodMs: number;
      readonly clockwise: boolean;
    }
  /** To one point of an area after the other, drawn at random (random waypoint). */
  | {
      readonly kind: "wander";
      readonly within: readonly [Position, Position];
      readonly speedMps: number;
      readonly pauseMs: number;
      readonly seed: string;
    };

export interface MotionStart {
  readonly space: Space;
  readonly from: Position;
  readonly startMs: number;
  /** undefined: as long as its speed takes. */
  readonly forMs?: number | undefined;
  /** Of the node: two that wander by one seed go different ways. */
  readonly node: string;
}

/** Times in milliseconds since the start of the window. */
export interface Motion {
  readonly startMs: number;
  readonly endMs: number;
  /** Where it is; after its end, where it has come to. */
  readonly at: (ms: number) => Position;
}

/** Most points to which a node wanders. */
const mostTurns = 100_000;

export function motionOf(movement: Movement, start: MotionStart): Motion {
  switch (movement.kind) {
    case "path":
      return follow(pathFrames(movement, start));
    case "wander":
      return follow(wanderFrames(movement, start));
    case "circle":
      return around(movement, start);
  }
}

interface Frame {
  readonly atMs: number;
  readonly position: Position;
}

/** Straight from frame to frame. */
function follow(frames: readonly [Frame, ...Frame[]]): Motion {
  const [first] = frames;
  const last = frames.at(-1) ?? first;
  const at = (ms: number): Position => {
    if (ms >= last.atMs) return last.position;
    let [low, high] = [0, frames.length - 1];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((frames[middle]?.atMs ?? 0) <= ms) low = middle;
      else high = middle;
    }
    const [one, other] = [frames[low] ?? first, frames[high] ?? last];
    if (ms <= one.atMs) return one.position;
    return between(one.position, other.position, (ms - one.atMs) / (other.atMs - one.atMs));
  };
  return { startMs: first.atMs, endMs: last.atMs, at };
}

const between = (from: Position, to: Position, share: number): Position =>
  Array.from({ length: Math.max(from.length, to.length) }, (_, axis) =>
    rounded((from[axis] ?? 0) + ((to[axis] ?? from[axis] ?? 0) - (from[axis] ?? 0)) * share),
  );

/** A millionth of a metre, or a tenth of one in degrees: positions are written down. */
const rounded = (value: number) => Math.round(value * 1e6) / 1e6;

function pathFrames(
  { points, speedMps }: Extract<Movement, { kind: "path" }>,
  { space, from, startMs, forMs }: MotionStart,
): [Frame, ...Frame[]] {
  const legs = points.map((point, place) => distanceM(space, points[place - 1] ?? from, point));
  const wholeM = legs.reduce((sum, leg) => sum + leg, 0);
  const lengthMs = forMs ?? (wholeM / (speedMps ?? Number.POSITIVE_INFINITY)) * 1000;
  let doneM = 0;
  const frames = points.map((position, place): Frame => {
    doneM += legs[place] ?? 0;
    const share = wholeM === 0 ? (place + 1) / points.length : doneM / wholeM;
    return { atMs: startMs + lengthMs * share, position: between(from, position, 1) };
  });
  return [{ atMs: startMs, position: from }, ...frames];
}

function wanderFrames(
  { within: [low, high], speedMps, pauseMs, seed }: Extract<Movement, { kind: "wander" }>,
  { space, from, startMs, forMs = 0, node }: MotionStart,
): [Frame, ...Frame[]] {
  const random = seededRandom(`wander ${seed} ${node}`);
  const draw = (): Position =>
    low.map((least, axis) => rounded(least + ((high[axis] ?? least) - least) * random.nextRatio()));
  const endMs = startMs + forMs;
  const frames: [Frame, ...Frame[]] = [{ atMs: startMs, position: from }];
  for (let turn = 0; turn < mostTurns; turn++) {
    const { atMs, position } = frames.at(-1) ?? frames[0];
    if (atMs >= endMs) break;
    const target = draw();
    const arrivesMs = atMs + (distanceM(space, position, target) / speedMps) * 1000;
    if (arrivesMs > endMs) {
      frames.push({ atMs: endMs, position: between(position, target, (endMs - atMs) / (arrivesMs - atMs)) });
      break;
    }
    frames.push({ atMs: arrivesMs, position: target });
    if (pauseMs > 0) frames.push({ atMs: Math.min(endMs, arrivesMs + pauseMs), position: target });
  }
  return frames;
}

function around(
  { center, periodMs, clockwise }: Extract<Movement, { kind: "circle" }>,
  { from, startMs, forMs = periodMs }: MotionStart,
): Motion {
  const [x = 0, y = 0, ...rest] = from;
  const [centerX = 0, centerY = 0] = center;
  const radiusM = Math.hypot(x - centerX, y - centerY);
  const first = Math.atan2(y - centerY, x - centerX);
  const endMs = startMs + forMs;
  const at = (ms: number): Position => {
    const turns = (Math.min(Math.max(ms, startMs), endMs) - startMs) / periodMs;
    const angle = first + (clockwise ? -1 : 1) * 2 * Math.PI * turns;
    return [
      rounded(centerX + radiusM * Math.cos(angle)),
      rounded(centerY + radiusM * Math.sin(angle)),
      ...rest,
    ];
  };
  return { startMs, endMs, at };
}
