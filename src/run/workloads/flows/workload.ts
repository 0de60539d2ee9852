import type { FlowReports } from "../../../contracts/load/flows.ts";
import type { NodeLoad } from "../../../contracts/load/node-load.ts";
import type { Protocol } from "../../../contracts/protocol.ts";
import { InvalidArgumentError } from "../../../core/errors.ts";
import { nodesWorkload } from "../native/run.ts";
import { loadOfNodes } from "../native/workload.ts";
import { followFlows } from "./follow.ts";

function reportsOf(
  { name, flows }: Protocol,
  options: Readonly<Record<string, unknown>>,
  load: NodeLoad,
): FlowReports {
  if (flows !== undefined) return flows(options, load);
  throw new InvalidArgumentError(`The nodes of ${name} have no flows. Omit the workload.`);
}

/** Flows between hosts through a network under test, as the hosts tell of each packet. */
export const flowsWorkload = nodesWorkload({
  check: () => [],
  nodeLoad: (parameters, loadTps, plan) => ({
    ...loadOfNodes(parameters, loadTps, plan),
    seed: parameters.seed,
    edges: plan.edges,
  }),
  follow: (level) =>
    followFlows(level, reportsOf(level.protocol, level.parameters.protocolOptions, level.load)),
});
