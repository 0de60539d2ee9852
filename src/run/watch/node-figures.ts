import type { Network, NodeExit, NodeStats } from "../../contracts/deployment.ts";
import type { FaultRecord, NodeOutcome } from "../../contracts/results/faults.ts";
import { mapBounded, withinMs } from "../../core/async.ts";
import { beganAnew } from "../../results/schema/histogram-names.ts";
import type { RunRequest } from "./run-request.ts";

/** A node's own figures at one moment; absent where they cannot be had. */
export interface NodeFigures {
  readonly stats: NodeStats | undefined;
  readonly height: number | undefined;
}

/** A node that is silent for longer has none. */
const nodeFiguresTimeoutMs = 5_000;
const nodesAtOnce = 16;

/** Asks every node for its CPU time, memory and height; never rejects, never waits for long. */
export function readNodeFigures({
  network,
  protocol,
  signal,
}: Pick<RunRequest, "network" | "protocol" | "signal">): Promise<NodeFigures[]> {
  return mapBounded(network.nodes, nodesAtOnce, async (node) => {
    const rpc = network.endpoint(node.name, "coordinator", "rpc");
    const [stats, health] = await Promise.all([
      withinMs(nodeFiguresTimeoutMs, node.stats()),
      withinMs(nodeFiguresTimeoutMs, protocol.probe(rpc, { timeoutMs: nodeFiguresTimeoutMs, signal })),
    ]);
    return { stats, height: health?.height };
  });
}

/** What is known of the nodes of a run, each list in their order. */
export interface NodeObservations {
  readonly exits: readonly NodeExit[];
  readonly faults: readonly FaultRecord[];
  readonly figures: {
    readonly before: readonly NodeFigures[] | undefined;
    readonly after: readonly NodeFigures[];
  };
}

export function nodeOutcomes(network: Network, { exits, faults, figures }: NodeObservations): NodeOutcome[] {
  return network.nodes.map((node, index) => {
    const [first, last] = [figures.before?.[index]?.stats, figures.after[index]?.stats];
    // A process counts its CPU time from its start, and one that crashed took its count along.
    const crashed = faults.some((fault) => fault.node === node.name && beganAnew(fault));
    return {
      name: node.name,
      exitedUnasked: exits.some((exit) => exit.node === node.name),
      cpuSecs:
        first !== undefined && last !== undefined && !crashed
          ? Math.max(0, last.cpuSecs - first.cpuSecs)
          : undefined,
      memoryBytes: last?.memoryBytes,
      height: figures.after[index]?.height,
    };
  });
}
