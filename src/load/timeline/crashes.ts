/** What happens to which nodes when: the schedule of crash faults, and which nodes are down on purpose. */
import type { NodeAction, NodeStep } from "../../contracts/links/timeline.ts";
import { InvalidArgumentError } from "../../core/errors.ts";

export interface CrashOptions {
  /** Size of the committee. */
  readonly nodes: number;
  /** Nodes that are down at once, 1 to `nodes`. */
  readonly faults: number;
  /** Length of the measurement window. */
  readonly windowMs: number;
  /** Crashed nodes come back after this long, and others follow; undefined: they stay down. */
  readonly recoverAfterMs?: number | undefined;
}

/**
 * The crashes of one run. The last nodes of the committee crash when the window opens. With recovery they are started
 * again after the interval, and as many nodes before them crash instead, and so on, round the committee.
 *
 * Recovery stands before the next crash at its time, so that never more than `faults` nodes are down. No node crashes
 * whose recovery would not fall within the window, so a run with recovery ends with the whole committee.
 *
 * @throws InvalidArgumentError where the committee is smaller than the faults, or no recovery falls within the window
 */
export function buildCrashTimeline(options: CrashOptions): NodeStep[] {
  const { nodes, faults, recoverAfterMs } = options;
  if (!(Number.isInteger(faults) && faults >= 1 && faults <= nodes)) {
    throw new InvalidArgumentError(`${faults} of ${nodes} nodes cannot crash.`);
  }
  const step = (atMs: number, action: NodeAction, group: readonly number[]): NodeStep => ({
    kind: "nodes",
    atMs,
    action,
    nodes: group,
    waits: true,
  });
  if (recoverAfterMs === undefined) return [step(0, "crash", crashGroup(options, 0))];
  if (!(recoverAfterMs > 0 && recoverAfterMs < options.windowMs)) {
    throw new InvalidArgumentError(
      `No recovery after ${recoverAfterMs} ms falls within a window of ${options.windowMs} ms.`,
    );
  }
  const turns = Math.ceil(options.windowMs / recoverAfterMs) - 1;
  return Array.from({ length: turns }, (_, turn): NodeStep[] => {
    const group = crashGroup(options, turn);
    return [step(turn * recoverAfterMs, "crash", group), step((turn + 1) * recoverAfterMs, "restart", group)];
  }).flat();
}

/** The nodes of one turn, ascending: the last ones first, then those before them, wrapping round. */
function crashGroup({ nodes, faults }: CrashOptions, turn: number): number[] {
  const places = Array.from({ length: faults }, (_, at) => (turn * faults + at) % nodes);
  return places.map((fromEnd) => nodes - 1 - fromEnd).sort((a, b) => a - b);
}

/** A part of a run in which the same nodes are meant to be down. */
export interface CrashSegment {
  /** Milliseconds since the start of the window. */
  readonly fromMs: number;
  /** Places in the committee, ascending. */
  readonly down: readonly number[];
}

const goesDown: Readonly<Record<NodeAction, boolean>> = {
  crash: true,
  restart: false,
  pause: true,
  resume: false,
};

/** Cuts a run where its timeline changes who is meant to be down. The first segment is the warm-up, where there is one. */
export function cutSegments(timeline: readonly NodeStep[], warmUpMs: number): CrashSegment[] {
  const down = new Set<number>();
  const segments = new Map<number, CrashSegment>();
  if (warmUpMs > 0) segments.set(-warmUpMs, { fromMs: -warmUpMs, down: [] });
  segments.set(0, { fromMs: 0, down: [] });
  for (const { atMs, action, nodes } of timeline) {
    for (const node of nodes) {
      if (goesDown[action]) down.add(node);
      else down.delete(node);
    }
    segments.set(atMs, { fromMs: atMs, down: [...down].sort((a, b) => a - b) });
  }
  return [...segments.values()];
}
