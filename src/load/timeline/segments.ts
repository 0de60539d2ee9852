/** A run's parts that are told apart: by who is meant to be down, and by the phase of the load. */
import type { CrashSegment } from "./crashes.ts";
import type { PhaseSpan } from "./profile.ts";

/** A part of the run in which neither changes, up to the next one's beginning; the first begins with the warm-up. */
export interface Segment extends CrashSegment {
  /** The phase of the load that it is a part of, by its place; absent in the warm-up, and where there are none. */
  readonly phase?: number | undefined;
}

/**
 * The union of both cuts. Phases begin with the window, so the warm-up is a segment of its own.
 *
 * @param crashes as `cutSegments` gives them; none where nothing is to fail
 */
export function joinCuts(
  crashes: readonly CrashSegment[],
  phases: readonly PhaseSpan[],
  warmUpMs: number,
): Segment[] {
  if (phases.length === 0) return [...crashes];
  const starts = new Set([
    ...(warmUpMs > 0 ? [-warmUpMs] : []),
    ...crashes.map(({ fromMs }) => fromMs),
    ...phases.map(({ fromMs }) => fromMs),
  ]);
  return [...starts]
    .sort((a, b) => a - b)
    .map((fromMs) => {
      const down = crashes.findLast((segment) => segment.fromMs <= fromMs)?.down ?? [];
      const phase = phases.findLastIndex((span) => span.fromMs <= fromMs);
      return phase < 0 ? { fromMs, down } : { fromMs, down, phase };
    });
}
