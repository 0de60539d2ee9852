import type { Network, NetworkNode, NodeExit, NodeStats } from "../../contracts/deployment.ts";
import type { NodeName } from "../../contracts/nodes/node.ts";
import type {
  FaultRecord,
  HelperOutcome,
  NodeOutcome,
  NodeResources,
} from "../../contracts/results/faults.ts";
import { mapBounded, withinMs } from "../../core/async.ts";
import type { NodesTally } from "../../metrics/nodes/tally.ts";
import { beganAnew } from "../../results/schema/histogram-names.ts";
import type { ShownMetrics } from "./metrics-watch.ts";
import type { RunRequest } from "./run-request.ts";

/** A node's own figures at one moment; absent where they cannot be had. */
export interface NodeFigures {
  readonly stats: NodeStats | undefined;
  readonly height: number | undefined;
}

/** A node that is silent for longer has none. */
const nodeFiguresTimeoutMs = 5_000;
const nodesAtOnce = 16;

/** Of the nodes and helpers of a network, by name. */
export type FiguresByNode = ReadonlyMap<NodeName, NodeFigures>;

/**
 * Asks every node for its CPU time, memory and height, and every helper for the first two; never rejects, never waits
 * for long.
 */
export async function readNodeFigures({
  network: { nodes, helpers = [], endpoint },
  protocol,
  signal,
}: Pick<RunRequest, "network" | "protocol" | "signal">): Promise<FiguresByNode> {
  const heightOf = async ({ name }: NetworkNode) => {
    const asked = { timeoutMs: nodeFiguresTimeoutMs, signal };
    const probed = protocol.probe(endpoint(name, "coordinator", "rpc"), asked);
    return (await withinMs(nodeFiguresTimeoutMs, probed))?.height;
  };
  const found = await mapBounded([...nodes, ...helpers], nodesAtOnce, async (node) => {
    const [stats, height] = await Promise.all([
      withinMs(nodeFiguresTimeoutMs, node.stats()),
      helpers.includes(node) ? undefined : heightOf(node),
    ]);
    return [node.name, { stats, height }] as const;
  });
  return new Map(found);
}

/** What is known of the nodes of a run. */
export interface NodeObservations {
  readonly exits: readonly NodeExit[];
  readonly faults: readonly FaultRecord[];
  readonly figures: { readonly before: FiguresByNode | undefined; readonly after: FiguresByNode };
  /** What they showed of themselves; absent where nothing is kept. */
  readonly nodeMetrics?: ShownMetrics | undefined;
  /** What they used, second by second; absent where machines could not be watched. */
  readonly tally?: NodesTally | undefined;
}

export function nodeOutcomes(
  { nodes, helpers = [] }: Network,
  observed: NodeObservations,
): { readonly nodes: NodeOutcome[]; readonly helpers?: HelperOutcome[] } {
  const { exits, figures } = observed;
  const outcome = ({ name }: NetworkNode) => ({
    name,
    exitedUnasked: exits.some((exit) => exit.node === name),
    ...resourcesOf(name, observed),
  });
  return {
    nodes: nodes.map((node) => ({ ...outcome(node), height: figures.after.get(node.name)?.height })),
    ...(helpers.length === 0
      ? {}
      : { helpers: helpers.map((node) => ({ ...outcome(node), role: node.role })) }),
  };
}

function resourcesOf(
  name: NodeName,
  { faults, figures: { before, after }, nodeMetrics, tally }: NodeObservations,
): NodeResources {
  const [first, last] = [before?.get(name)?.stats, after.get(name)?.stats];
  // A process counts its CPU time from its start, and one that crashed took its count along.
  const crashed = faults.some((fault) => fault.node === name && beganAnew(fault));
  const shown = (metric: string) => lastShown(nodeMetrics, name, metric);
  return {
    cpuSecs:
      first !== undefined && last !== undefined && !crashed
        ? Math.max(0, last.cpuSecs - first.cpuSecs)
        : undefined,
    memoryBytes: last?.memoryBytes,
    memoryGrowth: crashed ? undefined : tally?.memoryGrowth(name),
    ...tally?.calls(name),
    openFiles: last?.openFiles ?? shown("process_open_fds"),
    threads: last?.threads,
    goroutines: shown("go_goroutines"),
  };
}

/** Where a node showed a gauge at its last look; of several series, the first. */
function lastShown(metrics: ShownMetrics | undefined, node: NodeName, name: string): number | undefined {
  const family = metrics?.families.find((one) => one.name === name);
  return family?.groups.find((group) => group.node === node)?.rows.at(-1)?.[0];
}
