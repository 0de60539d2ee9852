/** What actions do to links, as layers over their shapes: any of them can end by itself. */
import type { LinkShape, ShapeChange } from "../../contracts/links/shape.ts";
import type { LinkAction } from "../../contracts/links/timeline.ts";
import { changeShape, moveShape } from "../change.ts";
import type { Link } from "./select.ts";

/** One action on links, from its start to its end. */
export interface Layer {
  readonly action: Exclude<LinkAction, "heal" | "move">;
  readonly entry: number;
  /** For people. */
  readonly what: string;
  readonly links: readonly Link[];
  /** What it does, in order; the first at its start. */
  readonly moments: readonly LayerMoment[];
  /** undefined: it lasts until links are healed. */
  readonly endMs?: number | undefined;
}

/** From this time on the layer does this to what is below it. */
export interface LayerMoment {
  readonly atMs: number;
  readonly apply: (below: LinkShape) => LinkShape;
}

/** Equal shapes become one object, so that they can be compared by identity. */
export function openShapes() {
  const known = new Map<string, LinkShape>();
  const intern = (shape: LinkShape): LinkShape => {
    const { delayMs, jitter, loss, rateBps, queue, duplicateRatio, reorderRatio, corruptRatio, down } = shape;
    const values = [delayMs, jitter, loss, rateBps, queue, duplicateRatio, reorderRatio, corruptRatio, down];
    const key = JSON.stringify(values);
    const found = known.get(key);
    if (found === undefined) known.set(key, shape);
    return found ?? shape;
  };
  /** Makes a change of shapes that is computed once for each of them. */
  const remember = (change: (below: LinkShape) => LinkShape) => {
    const results = new Map<LinkShape, LinkShape>();
    return (below: LinkShape): LinkShape => {
      const found = results.get(below) ?? intern(change(below));
      results.set(below, found);
      return found;
    };
  };
  return { intern, remember };
}

export type Shapes = ReturnType<typeof openShapes>;

const cut = (below: LinkShape): LinkShape => ({ ...below, down: true });
const unchanged = (below: LinkShape): LinkShape => below;

export function cutMoments(startMs: number, { remember }: Shapes): readonly LayerMoment[] {
  return [{ atMs: startMs, apply: remember(cut) }];
}

export function setMoments(
  startMs: number,
  change: ShapeChange,
  { remember }: Shapes,
): readonly LayerMoment[] {
  return [{ atMs: startMs, apply: remember((below) => changeShape(below, change)) }];
}

/** Links go down first. */
export function flapMoments(
  { startMs, endMs, upMs, downMs }: { startMs: number; endMs: number; upMs: number; downMs: number },
  { remember }: Shapes,
): readonly LayerMoment[] {
  const down = remember(cut);
  const moments: LayerMoment[] = [];
  for (let atMs = startMs; atMs < endMs; atMs += downMs + upMs) {
    moments.push({ atMs, apply: down });
    if (atMs + downMs < endMs) moments.push({ atMs: atMs + downMs, apply: unchanged });
  }
  return moments;
}

const rampStepMs = 100;
export const mostRampSteps = 100;

/** In even steps of 100 ms, and at most 100 of them; what is below counts as where it comes from. */
export function rampMoments(
  { startMs, endMs, change }: { startMs: number; endMs: number; change: ShapeChange },
  { remember }: Shapes,
): readonly LayerMoment[] {
  const count = Math.min(mostRampSteps, Math.max(1, Math.round((endMs - startMs) / rampStepMs)));
  return Array.from({ length: count + 1 }, (_, step) => ({
    atMs: startMs + ((endMs - startMs) * step) / count,
    apply: remember((below) => moveShape(below, change, step / count)),
  }));
}
