/** What nodes of one role used in a run. Pure. */
import type { HelperOutcome, NodeResources } from "../../contracts/results/faults.ts";
import type { MeasuredRun } from "../../contracts/results/native/native.ts";
import { isNative } from "../stats/run-metrics.ts";
import { meanOf } from "../stats/sample.ts";

/** `cpuRatio`: CPU time over the window's length, 1 is one core; `…PerSec`: calls of read and write over that length. */
export const resourceMetrics = [
  "connections",
  "memoryBytes",
  "cpuRatio",
  "readsPerSec",
  "writesPerSec",
  "openFiles",
  "threads",
  "goroutines",
] as const;

export type ResourceMetric = (typeof resourceMetrics)[number];

export type ResourceValues = Readonly<Partial<Record<ResourceMetric, number>>>;

export interface RoleResources {
  /** "node", "peer" of messages, "browser" of routines, "host" of flows, or the role of helpers. */
  readonly role: string;
  readonly nodes: number;
  /** Means over its nodes; a metric that is not known of all of them is absent. */
  readonly means: ResourceValues;
}

/** Helpers' roles first: the others depend on them. */
export function resourcesByRole(run: MeasuredRun): readonly RoleResources[] {
  const { messages, routines, flows } = isNative(run) ? run.figures : {};
  const connected = [
    ...(messages?.peers ?? []),
    ...(messages?.helpers ?? []),
    // One without a data point told nothing of its connections.
    ...(routines?.peers ?? []).filter(({ points }) => points > 0),
  ];
  const connections = new Map(connected.map((node) => [node.name, node.connections]));
  const perSec = (value: number | undefined) => value && value / run.parameters.durationSecs;
  const valuesOf = (node: NodeResources & Pick<HelperOutcome, "name">) => ({
    ...node,
    connections: connections.get(node.name),
    cpuRatio: perSec(node.cpuSecs),
    readsPerSec: perSec(node.reads),
    writesPerSec: perSec(node.writes),
  });
  const helpers = Map.groupBy(run.helpers ?? [], ({ role }) => role);
  const peers = messages === undefined ? "node" : "peer";
  const role = flows !== undefined ? "host" : routines !== undefined ? "browser" : peers;
  const roles = [...helpers, [role, run.nodes] as const];
  return roles.map(([role, nodes]) => {
    const values = nodes.map(valuesOf);
    const means = resourceMetrics.flatMap((metric) => {
      const known = values.map((one) => one[metric]).filter((value) => value !== undefined);
      return known.length === 0 || known.length < nodes.length ? [] : [[metric, meanOf(known)] as const];
    });
    return { role, nodes: nodes.length, means: Object.fromEntries(means) };
  });
}
